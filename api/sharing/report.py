"""What `kho packet verify` answers: one verdict, the worst of the parts, and each part with its
own.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from asn1crypto import x509

from api.sharing.findings import Finding, not_valid, overall
from api.sharing.identity import Identity, identity_of
from api.sharing.manifest import Manifest, PacketDocument
from archive.base.bilingual import Text
from signing.validation.result.report import ValidationReport
from signing.validation.result.verdict import Verdict

LEVEL = "CAdES-B-LT"
_MOST = 20  # findings in words; all of them are in `findings`
_FROM_GOOD_TO_BAD = (Verdict.VALID, Verdict.INDETERMINATE, Verdict.UNSIGNED, Verdict.INVALID)
# A part that should be sealed and is not spoils the packet; only a packet without any signature is
# called unsigned.
_AS_A_PART = {**{verdict: verdict for verdict in Verdict}, Verdict.UNSIGNED: Verdict.INVALID}


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """Return the worst of `verdicts`; valid where there is none."""
    return max(verdicts, key=_FROM_GOOD_TO_BAD.index, default=Verdict.VALID)


@dataclass(frozen=True, slots=True)
class PartReport:
    """One PDF of the packet.

    `validation` is None where the file is missing or no PDF; there is a finding then.
    """

    name: str
    listed: PacketDocument | None  # as the manifest has it
    validation: ValidationReport | None
    in_ledger: bool
    sealed_by_sender: bool
    findings: tuple[Finding, ...]

    @property
    def verdict(self) -> Verdict:
        """Return the worst of the file's own validation and of what was found about it."""
        own = [_AS_A_PART[self.validation.verdict]] if self.validation else []
        return worst([*own, *(finding.verdict for finding in self.findings)])

    @property
    def reasons(self) -> Text:
        """Return the verdict in words."""
        return joined(
            [
                *([self.validation.reasons] if self.validation else []),
                *(f.sentence for f in self.findings),
            ]
        )

    def as_json(self) -> dict[str, Any]:
        """Return the part as `docs/scripting.md` gives it."""
        listed = self.listed
        return {
            "name": self.name,
            "document_id": listed and listed.document_id,
            "form": listed and listed.form,
            "title": listed and listed.title.vi,
            "origin": listed and (listed.origin or "rendered"),
            "sha256": listed and listed.sha256,
            "sealed_at": listed and listed.sealed_at,
            "superseded_by": listed and listed.superseded_by,
            "verdict": self.verdict.value,
            "level": self.validation and self.validation.level and self.validation.level.value,
            "in_ledger": self.in_ledger,
            "sealed_by_sender": self.sealed_by_sender,
            "reasons": self.reasons.as_json(),
        }


@dataclass(frozen=True, slots=True)
class PacketReport:
    """The whole answer.

    `manifest` is None where it cannot be read, `signature` where there is none.
    """

    manifest: Manifest | None
    signature: ValidationReport | None
    documents: tuple[PartReport, ...]
    reading_copy: PartReport | None
    ledger_size: int | None
    findings: tuple[Finding, ...]
    certificate: x509.Certificate | None = None  # that signed the packet

    @property
    def identity(self) -> Identity | None:
        """Return the sender's identity as the packet states it; None if it or the certificate is
        unreadable.
        """
        manifest = self.manifest
        return identity_of(manifest.sender, manifest.ledger, self.certificate) if manifest else None

    @property
    def verdict(self) -> Verdict:
        """Return the worst of the signature, of every PDF, and of everything that was found."""
        parts = [part.verdict for part in self._parts]
        return worst([*parts, worst_of_envelope(self.signature, self.findings)])

    @property
    def reasons(self) -> Text:
        """Return the verdict in words, with all that led to it."""
        texts = [overall(self.verdict)]
        if self.signature and self.signature.verdict is not Verdict.VALID:
            texts.append(self.signature.reasons)
        texts += [finding.sentence for finding in self.findings[:_MOST]]
        bad = sum(part.verdict is not Verdict.VALID for part in self.documents)
        if bad:
            texts.append(not_valid(bad, len(self.documents)))
        return joined(texts)

    def as_json(self) -> dict[str, Any]:
        """Return what `kho packet verify` prints."""
        manifest = self.manifest
        return {
            "verdict": self.verdict.value,
            "packet_id": manifest and manifest.packet_id,
            "created_at": manifest and manifest.created_at,
            "from": manifest and manifest.sender.model_dump(),
            "to": manifest and manifest.recipient.model_dump(),
            "reason": manifest and manifest.reason,
            "chart": manifest and manifest.chart.model_dump(),
            "patient": manifest and manifest.patient.model_dump(mode="json"),
            "signature": signature_json(self.signature),
            "identity": self.identity and self.identity.as_json(),
            "ledger": manifest and {**manifest.ledger.model_dump(), "size": self.ledger_size},
            "documents": [part.as_json() for part in self.documents],
            "reading_copy": self.reading_copy and self.reading_copy.as_json(),
            "findings": [
                {"code": finding.code.value, "file": finding.file} for finding in self.findings
            ],
            "reasons": self.reasons.as_json(),
        }

    @property
    def _parts(self) -> tuple[PartReport, ...]:
        return self.documents if self.reading_copy is None else (*self.documents, self.reading_copy)


def worst_of_envelope(signature: ValidationReport | None, findings: Iterable[Finding]) -> Verdict:
    """Return the worst of an envelope's signature and of what was found about it."""
    own = [_AS_A_PART[signature.verdict]] if signature else []
    return worst([*own, *(finding.verdict for finding in findings)])


def signature_json(signature: ValidationReport | None) -> dict[str, Any] | None:
    """Return what is said of the signature of a packet or a receipt."""
    if signature is None:
        return None
    said = signature.as_json()
    sound = signature.verdict is Verdict.VALID and all(
        signature["timestamp"] for signature in said["signatures"]
    )
    signer = dict(said["signatures"][0]) if said["signatures"] else {}
    for name in ("changes_after", "revision_end"):  # an envelope has no updates
        signer.pop(name, None)
    return {
        **signer,
        "verdict": said["verdict"],
        "indication": said["indication"],
        "subindication": said["subindication"],
        "level": LEVEL if sound else None,
        "reasons": said["reasons"],
    }


def joined(texts: Iterable[Text]) -> Text:
    """Return several sentences as one text, each once."""
    once = tuple(dict.fromkeys(texts))
    return Text(" ".join(text.vi for text in once), " ".join(text.en for text in once))
