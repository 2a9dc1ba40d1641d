"""What is rendered: one paper of one chart with all that its face shows, as a frozen value that can
be pickled.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

from archive.base.facts import ChartFacts, Patient
from archive.base.identifiers import DocumentId, FacilityCode
from ingest.forms.model import Form

# AFRelationship, ISO 19005-3, 6.8
Relationship = Literal["source", "data", "alternative", "supplement"]


@dataclass(frozen=True, slots=True)
class FacilityFace:
    """The facility as its papers name it; `authority` is the line above it (cơ quan chủ quản)."""

    code: FacilityCode
    name: str
    authority: str
    address: str


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file inside the PDF, byte for byte. `name` is unique in its document."""

    name: str
    media_type: str
    data: bytes
    relationship: Relationship
    description: str


@dataclass(frozen=True, slots=True)
class FileFace:
    """A file that was signed elsewhere, as its cover describes it; `attachment` is its name inside
    the cover.

    `verdict` is an indication of EN 319 102-1; `signers` are subject, issuer and time (ISO 8601 or
    None).
    """

    name: str
    attachment: str
    media_type: str
    size: int
    pages: int
    sha256: str
    dated: date | None
    verdict: str
    signers: tuple[tuple[str, str, str | None], ...]


@dataclass(frozen=True, slots=True)
class RenderJob:
    """One paper to render: the same job gives the same bytes.

    `claimed_at` is the signing time that the face shows and that the seal's `/M` must repeat, to
    the second; `verify_uri` is what the QR code holds; `test` marks every page as without legal
    value. With a `file` it is the cover of that file. `departments` are the facility's own names of
    departments, by code; `practitioners` the names that the submission states, by code.
    A `preview` is marked as such, for it is neither sealed nor archived; a `blank` one shows a form
    without data and has places to write on.
    """

    form: Form
    document_id: DocumentId
    facility: FacilityFace
    patient: Patient
    chart: ChartFacts
    data: Mapping[str, Any]
    claimed_at: datetime
    verify_uri: str
    attachments: tuple[Attachment, ...] = ()
    test: bool = False
    file: FileFace | None = None
    departments: Mapping[str, str] = field(default_factory=dict)
    practitioners: Mapping[str, str] = field(default_factory=dict)
    preview: bool = False
    blank: bool = False

    def __post_init__(self) -> None:
        """Refuse a time without its offset: the face would show the machine's
        zone as Viet Nam's.
        """
        if self.claimed_at.tzinfo is None:
            raise ValueError("a signing time needs its offset from UTC")
