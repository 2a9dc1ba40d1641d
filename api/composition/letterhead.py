"""What every document shows of the facility, from what act 0 states."""

from archive.base.identifiers import FacilityCode
from archive.catalog.entries import FacilityEntry
from ingest.accession.letterhead import Letterhead
from ingest.render.job import FacilityFace


def letterhead_of(facility: FacilityEntry, *, demo: bool) -> Letterhead:
    """Return the face of `facility`; that of a demonstration says so."""
    shown = FacilityFace(
        FacilityCode(facility.code), facility.name, facility.authority, facility.address
    )
    return Letterhead(shown, facility.public_url, demo)
