"""What every document shows of the facility, from what act 0 states."""

from archive.catalog.tables import FacilityRow
from archive.identifiers import FacilityCode
from ingest.accession import Face
from ingest.render.job import FacilityFace


def face_of(facility: FacilityRow, *, demo: bool) -> Face:
    """Return the face of `facility`; that of a demonstration says so."""
    shown = FacilityFace(FacilityCode(facility.code), facility.name, facility.authority, facility.address)
    return Face(shown, facility.public_url, demo)
