"""Verifying a receipt: bytes, trust roots and a moment in, a report out; no home, no network,
nothing else.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from asn1crypto import x509

from api.sharing import names
from api.sharing.acts import BroughtActs, brought_acts, surplus
from api.sharing.envelope import open_envelope
from api.sharing.findings import Code, Finding, about_receipt
from api.sharing.identity import Identity, identity_of
from api.sharing.receipt import FORMAT_1, Receipt, parse_receipt, receipt_names
from api.sharing.report import joined, signature_json, worst_of_envelope
from archive.acts import facility, ledger_key, seal_chain
from archive.base.bilingual import Text
from archive.base.errors import Unreadable
from archive.base.identifiers import Sha256
from signing.asic.container import read_container
from signing.trust import TrustRoots
from signing.validation.result.report import ValidationReport
from signing.validation.result.verdict import Verdict


@dataclass(frozen=True, slots=True)
class ReceiptReport:
    """The whole answer.

    `receipt` is None where it cannot be read, `signature` where there is none.
    """

    receipt: Receipt | None
    signature: ValidationReport | None
    ledger_size: int | None
    findings: tuple[Finding, ...]
    certificate: x509.Certificate | None = None  # that signed the receipt

    @property
    def identity(self) -> Identity | None:
        """Return the identity of the issuer as the receipt states it; None if it or the certificate
        is unreadable.
        """
        receipt = self.receipt
        return identity_of(receipt.receiver, receipt.ledger, self.certificate) if receipt else None

    @property
    def verdict(self) -> Verdict:
        """Return the worst of the signature and of everything that was found."""
        return worst_of_envelope(self.signature, self.findings)

    @property
    def reasons(self) -> Text:
        """Return the verdict in words, with all that led to it."""
        texts = [about_receipt(self.verdict)]
        if self.signature and self.signature.verdict is not Verdict.VALID:
            texts.append(self.signature.reasons)
        return joined([*texts, *(finding.sentence for finding in self.findings)])

    def as_json(self) -> dict[str, Any]:
        """Return what is said of a receipt."""
        receipt = self.receipt
        return {
            "verdict": self.verdict.value,
            "packet": receipt and receipt.packet.model_dump(),
            "receiver": receipt and receipt.receiver.model_dump(),
            "received_at": receipt and receipt.received_at,
            "signature": signature_json(self.signature),
            "identity": self.identity and self.identity.as_json(),
            "findings": [
                {"code": finding.code.value, "file": finding.file} for finding in self.findings
            ],
            "reasons": self.reasons.as_json(),
        }


def verify_receipt(data: bytes, trust: TrustRoots, *, at: datetime | None = None) -> ReceiptReport:
    """Verify that a receipt is what its issuer (the packet's receiver) made, as of `at` (aware;
    None: now).

    Raises :class:`archive.base.errors.Unreadable` if `data` is no receipt.
    """
    at = at or datetime.now(UTC)
    files = read_container(data)
    if names.RECEIPT not in files:
        raise Unreadable(why_vi="không phải biên nhận của Kho", why_en="it is not a receipt of Kho")
    envelope = open_envelope(data, files, trust, at)
    findings = list(envelope.findings)
    receipt, size = _receipt(files, findings), None
    if receipt is not None:
        acts = brought_acts(files, receipt.receiver.code, receipt.receiver.name, receipt.ledger)
        acts.prove(receipt.place.index, Sha256(receipt.place.act), files)
        findings += envelope.holds(
            files, receipt_names(sorted({0, *acts.acts}), receipt.place.index)
        )
        belonging = _belonging(acts, receipt.format)
        findings += [*acts.findings, *surplus(acts, belonging), *envelope.signed_by(acts)]
        size = acts.size
    return ReceiptReport(
        receipt=receipt,
        signature=envelope.signature.report if envelope.signature else None,
        ledger_size=size,
        findings=tuple(dict.fromkeys(findings)),
        certificate=envelope.signature.certificate if envelope.signature else None,
    )


def _receipt(files: Mapping[str, bytes], findings: list[Finding]) -> Receipt | None:
    try:
        return parse_receipt(files[names.RECEIPT])
    except ValueError:
        findings.append(Finding(Code.RECEIPT, names.RECEIPT))
        return None


def _belonging(acts: BroughtActs, format_: str) -> list[int]:
    later = (
        (seal_chain.SealChain,)
        if format_ == FORMAT_1
        else (seal_chain.SealChain, ledger_key.LedgerKey)
    )
    return [
        i
        for i, (_, facts) in acts.acts.items()
        if isinstance(facts, later if i else facility.Facility)
    ]
