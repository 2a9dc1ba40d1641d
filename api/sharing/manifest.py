"""`manifest.json` of `kho-packet/1`: whose documents these are, from whom, to whom and why; canonical by RFC 8785."""

import json
from typing import Annotated, Literal

import rfc8785
from pydantic import BeforeValidator, Field, ValidationError

from archive.acts.envelope import Digest, UtcText, Uuid
from archive.facts import Patient, Strict, nfc

FORMAT = "kho-packet/1"
MAX_DOCUMENTS = 2000
MAX_BYTES = 8 << 20
_TEXT = BeforeValidator(nfc)

FacilityCodeText = Annotated[str, Field(pattern=r"^[0-9A-Z]{5}$")]
Reason = Annotated[str, _TEXT, Field(min_length=1, max_length=1024, pattern=r"^\S(.*\S)?$")]  # one line


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
    archive_number: str | None  # as the deposit act in the packet states it; None where the chart is open


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
    level: str
    sealed_at: UtcText
    act: Annotated[int, Field(ge=1, lt=10**12)]
    superseded_by: Uuid | None  # None: in force, as far as the acts in the packet say


class Ledger(Strict):
    """The sender's ledger: its origin and the note verifier key of its checkpoints, as act 0 states them."""

    origin: str
    key: str


class Manifest(Strict):
    """The whole manifest."""

    format: Literal["kho-packet/1"]
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
        return rfc8785.dumps(self.model_dump(mode="json", by_alias=True))


def parse_manifest(data: bytes) -> Manifest:
    """Parse a manifest; raises :class:`ValueError` unless it fits and its bytes are canonical."""
    if len(data) > MAX_BYTES:
        raise ValueError("the manifest is too large")
    try:
        manifest = Manifest.model_validate(json.loads(data))
        canonical = manifest.to_bytes() == data
    except (ValidationError, RecursionError, rfc8785.CanonicalizationError) as error:
        raise ValueError("not a manifest of a packet") from error
    if not canonical:
        raise ValueError("the manifest is not canonical JSON")
    return manifest
