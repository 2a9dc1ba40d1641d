"""Putting a packet together: manifest, reading copy, list of files, signature, container;
`docs/formats.md`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from api.sharing import names
from api.sharing.envelope import sealed_envelope
from api.sharing.evidence import PacketEvidence
from api.sharing.manifest import Manifest
from api.sharing.reading_copy import Chapter, Preface, isolated_reading_copy
from archive.base.clock import parse_iso
from archive.base.identifiers import Sha256, sha256
from ingest.render.printable import printable
from signing.seal import Sealer, SealWords

READING_COPY_FIELD = "KhoBanDoc"
REASON = "Bản đọc của gói chuyển tuyến"


@dataclass(frozen=True, slots=True)
class Packet:
    """A finished packet: the bytes of its file, and what they are."""

    data: bytes
    manifest: Manifest

    @property
    def sha256(self) -> Sha256:
        """Return the digest of the file."""
        return sha256(self.data)


def assemble(
    manifest: Manifest,
    originals: Sequence[bytes],
    evidence: PacketEvidence,
    sealer: Sealer,
    *,
    location: str,
    test: bool,
) -> Packet:
    """Return the packet of `originals`, which are in the manifest's order; `location` is the
    sender's address.

    Everything but the two seals follows from the arguments alone. Raises as
    :meth:`signing.seal.Sealer.seal`.
    """
    moment = parse_iso(manifest.created_at)
    copy = isolated_reading_copy(
        _preface(manifest, moment, test=test), _chapters(manifest, originals)
    )
    sealed = sealer.seal(
        copy,
        claimed_at=moment,
        field_name=READING_COPY_FIELD,
        words=SealWords(printable(manifest.sender.name), printable(location) or None, REASON),
    )
    documents = [document.name for document in manifest.documents]
    contents = {
        names.MANIFEST: manifest.to_bytes(),
        **dict(zip(documents, originals, strict=True)),
        names.READING_COPY: sealed.data,
        **{names.act_name(index): act for index, act in evidence.acts.items()},
        **{names.proof_name(index): proof for index, proof in evidence.proofs.items()},
    }
    signed = [(name, contents[name]) for name in names.signed_names(documents, evidence.acts)]
    return Packet(sealed_envelope(signed, sealer.signing_context, moment), manifest)


def _preface(manifest: Manifest, moment: datetime, *, test: bool) -> Preface:
    return Preface(
        packet_id=manifest.packet_id,
        facility_name=manifest.sender.name,
        facility_code=manifest.sender.code,
        recipient=manifest.recipient.code,
        reason=manifest.reason,
        patient=manifest.patient.name,
        episode=manifest.chart.episode,
        archive_number=manifest.chart.archive_number,
        created_at=moment,
        test=test,
    )


def _chapters(manifest: Manifest, originals: Sequence[bytes]) -> list[Chapter]:
    return [
        Chapter(document.form, document.title.vi, document.sha256, original)
        for document, original in zip(manifest.documents, originals, strict=True)
    ]
