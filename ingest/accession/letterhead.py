"""What every document of a facility shows of that facility."""

from dataclasses import dataclass

from archive.base.identifiers import DocumentId
from ingest.render.job import FacilityFace


@dataclass(frozen=True, slots=True)
class Letterhead:
    """The facility, the address for verification, and the mark of a test."""

    facility: FacilityFace
    public_url: str | None
    test: bool

    def verify_uri(self, document_id: DocumentId) -> str:
        """Return what the QR code says."""
        return (
            f"{self.public_url}/v/{document_id}" if self.public_url else f"urn:uuid:{document_id}"
        )
