"""`manifest.json` of a packet: whose documents these are, from whom, to whom and why; canonical by
RFC 8785.
"""

import json
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, ValidationError, model_validator

from archive.acts.accession import Origin
from archive.acts.envelope import Digest, UtcText, Uuid
from archive.base.canonical import CanonicalizationError, canonical
from archive.base.facts import SIGNED, FacilityCodeText, Patient, Strict, text_value

FORMAT_3 = "kho-packet/3"  # of a ledger that has changed its key: brings the acts that hand over
FORMAT = "kho-packet/2"
FORMAT_1 = "kho-packet/1"  # knew documents only that the sender rendered and sealed itself
MAX_DOCUMENTS = 2000
MAX_BYTES = 8 << 20
_TEXT = BeforeValidator(text_value)

# one line
Reason = Annotated[str, _TEXT, Field(min_length=1, max_length=1024, pattern=r"^\S(.*\S)?$")]


class Sender(Strict):
    """The facility that made the packet, as its act 0 names it."""

    code: FacilityCodeText
    name: Annotated[str, Field(min_length=1, max_length=1024)]


class Recipient(Strict):
    """The facility for which the packet was made (mã CSKCB)."""

    code: FacilityCodeText


class PacketChart(Strict):
    """The chart whose documents these are, as the newest accession act in the packet states it."""

    id: Uuid
    episode: Annotated[str, Field(min_length=1, max_length=100)]
    # as the deposit act in the packet states it; None where the chart is open
    archive_number: str | None


class Title(Strict):
    """A document's title."""

    vi: str
    en: str


class PacketDocument(Strict):
    """One original. Everything but `name` is what act `act` says of it."""

    name: Annotated[str, Field(max_length=200)]  # of the file in the packet
    document_id: Uuid
    form: str
    title: Title
    sha256: Digest
    size: Annotated[int, Field(ge=0)]
    origin: Origin | None = None  # None in version 1 only, whose bytes have no such member
    # of the sender's seal; None: signed elsewhere, archived by the sender unchanged
    level: str | None
    sealed_at: UtcText | None
    act: Annotated[int, Field(ge=1, lt=10**12)]
    superseded_by: Uuid | None  # None: in force, as far as the acts in the packet say

    @property
    def is_external(self) -> bool:
        """Whether others signed the file, and the sender archived it unchanged."""
        return self.origin == "external"


class Ledger(Strict):
    """The sender's ledger: its origin and its first key (a note verifier key), as act 0 states
    them.
    """

    origin: str
    key: str


class Manifest(Strict):
    """The whole manifest."""

    format: Literal["kho-packet/1", "kho-packet/2", "kho-packet/3"]
    packet_id: Uuid
    created_at: UtcText
    sender: Annotated[Sender, Field(alias="from")]
    recipient: Annotated[Recipient, Field(alias="to")]
    reason: Reason
    chart: PacketChart
    patient: Patient
    documents: Annotated[tuple[PacketDocument, ...], Field(min_length=1, max_length=MAX_DOCUMENTS)]
    ledger: Ledger

    def to_bytes(self) -> bytes:
        """Return the canonical bytes."""
        members = self.model_dump(mode="json", by_alias=True)
        if self.format == FORMAT_1:
            for document in members["documents"]:
                del document["origin"]
        return canonical(members)

    @model_validator(mode="after")
    def _is_of_one_version(self) -> Self:
        """Refuse members of one version in the other."""
        for document in self.documents:
            if self.format == FORMAT_1 and (
                document.origin is not None or document.level is None or document.sealed_at is None
            ):
                raise ValueError("version 1 knew rendered documents only")
            if self.format != FORMAT_1 and (
                document.origin is None
                or (document.level is None, document.sealed_at is None)
                != (document.is_external, document.is_external)
            ):
                raise ValueError("a document is sealed by the sender, or it is external")
        return self


def parse_manifest(data: bytes) -> Manifest:
    """Parse a manifest; raises :class:`ValueError` unless it fits and its bytes are canonical."""
    if len(data) > MAX_BYTES:
        raise ValueError("the manifest is too large")
    try:
        manifest = Manifest.model_validate(json.loads(data), context=SIGNED)
        canonical = manifest.to_bytes() == data
    except (ValidationError, RecursionError, CanonicalizationError) as error:
        raise ValueError("not a manifest of a packet") from error
    if not canonical:
        raise ValueError("the manifest is not canonical JSON")
    return manifest
