"""What the seal of an archived paper says in a reader's panel of signatures."""

from ingest.render.job import FacilityFace
from ingest.render.printable import printable
from signing.revisions import SealWords

# A paper is in Vietnamese, and so is this.
REASON = "Cơ sở xác nhận bản gốc bệnh án điện tử để lưu trữ"


def seal_words(facility: FacilityFace) -> SealWords:
    """Return the words of a facility's seal: its name, its address, and why it seals."""
    return SealWords(
        name=printable(facility.name),
        location=printable(facility.address) or None,
        reason=REASON,
    )
