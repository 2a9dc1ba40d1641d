"""The validation report: what `kho verify` prints, and what verifying software must show (TT
15/2025/TT-BKHCN).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from archive.base.bilingual import Text
from archive.base.clock import iso
from archive.base.messages.loader import read_messages
from signing.baseline import BaselineLevel
from signing.validation.facts import (
    CHANGED,
    CertificateFacts,
    DocumentFacts,
    Flaw,
    SignatureFacts,
    TokenFacts,
)
from signing.validation.result.report_shape import checked_signatures, checked_text
from signing.validation.result.story import story
from signing.validation.result.verdict import (
    VERDICTS,
    Indication,
    Rule,
    SubIndication,
    Verdict,
    judge,
    judge_signature,
    standing_problems,
    without_open_countersignatures,
)

_ORDER = list(BaselineLevel)
# A change to the file that its signatures do not explain.
_TOUCHED = CHANGED | {
    *(Flaw.METADATA, Flaw.FILLED, Flaw.ANNOTATED, Flaw.UNEXPLAINED),
    *(Flaw.HIDDEN_SIGNATURE, Flaw.END_OF_FILE, Flaw.DUPLICATE),
}


@dataclass(frozen=True, slots=True)
class ValidationReport:
    """A verdict and what it rests on. `signatures` are JSON objects, see :func:`signature_json`."""

    verdict: Verdict
    indication: Indication
    subindication: SubIndication | None
    level: BaselineLevel | None  # the lowest level of any seal
    signatures: tuple[dict[str, Any], ...]
    modified_after_signing: bool
    pdfa: tuple[str, ...]
    reasons: Text

    def as_json(self) -> dict[str, Any]:
        """Return the report as `docs/scripting.md` gives it; the caller adds `known`."""
        return {
            "verdict": self.verdict.value,
            "indication": self.indication.value,
            "subindication": self.subindication and self.subindication.value,
            "level": self.level and self.level.value,
            "signatures": list(self.signatures),
            "modified_after_signing": self.modified_after_signing,
            "pdfa": list(self.pdfa),
            "reasons": self.reasons.as_json(),
        }

    def earlier_revisions(self) -> tuple[int, ...]:
        """Return where signed revisions end that a later signature covers, latest first.

        Nothing where what followed is not allowed: then the file is another paper than before.
        """
        if self.verdict not in (Verdict.VALID, Verdict.INDETERMINATE):
            return ()
        ends = {signature["revision_end"] for signature in self.signatures}
        return tuple(sorted((end for end in ends if 0 < end < max(ends)), reverse=True))

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "ValidationReport":
        """Read what :meth:`as_json` wrote; else raises ValueError, KeyError, TypeError or
        AttributeError.
        """
        return cls(
            verdict=Verdict(data["verdict"]),
            indication=Indication(data["indication"]),
            subindication=data["subindication"] and SubIndication(data["subindication"]),
            level=data["level"] and BaselineLevel(data["level"]),
            signatures=checked_signatures(data["signatures"]),
            modified_after_signing=bool(data["modified_after_signing"]),
            pdfa=tuple(checked_text(each) for each in data["pdfa"]),
            reasons=Text(
                **{language: checked_text(text) for language, text in data["reasons"].items()}
            ),
        )


@cache
def sentences() -> dict[str, dict[str, Text]]:
    """Return the sentences of `sentences.yaml`: for each verdict's reason, and for each flaw."""
    return read_messages("signing.validation.result", "sentences.yaml")


def make_report(facts: DocumentFacts) -> ValidationReport:
    """Judge `facts` and put the answer into words."""
    counted = without_open_countersignatures(facts)
    rule = judge(counted)
    levels = [seal.level for seal in counted.seals]
    return ValidationReport(
        verdict=VERDICTS[rule.indication],
        indication=rule.indication,
        subindication=rule.because,
        level=None if not levels or None in levels else min(filter(None, levels), key=_ORDER.index),
        signatures=tuple(_signatures_json(facts)),
        modified_after_signing=bool(facts.all_flaws & _TOUCHED)
        or any(not token.integrity for token in facts.tokens),
        pdfa=facts.pdfa,
        reasons=_reasons(rule, facts),
    )


def _reasons(rule: Rule, facts: DocumentFacts) -> Text:
    texts = [sentences()["reasons"][rule.because or rule.indication]]
    texts += [sentences()["flaws"][flaw] for flaw in Flaw if flaw in facts.all_flaws]
    texts += story(facts)
    return Text(" ".join(text.vi for text in texts), " ".join(text.en for text in texts))


def _signatures_json(facts: DocumentFacts) -> Iterator[dict[str, Any]]:
    """Yield each signature with its own answer, and with all that later updates changed."""
    for place, signature in enumerate(facts.signatures):
        rule = judge_signature(facts, signature)
        after = {change for later in facts.signatures[place:] for change in later.changes}
        yield {
            **signature_json(signature),
            "indication": rule.indication.value,
            "subindication": rule.because and rule.because.value,
            "revision_end": signature.end,
            "changes_after": [
                {"kind": change.kind.value, "what": change.what} for change in sorted(after)
            ],
        }


def signature_json(signature: SignatureFacts) -> dict[str, Any]:
    """Return one signature: signer, issuer, claimed time, proven time, and what is right or wrong
    with it.
    """
    return {
        "field": signature.field,
        "kind": signature.kind.value,
        "level": signature.level and signature.level.value,
        "claimed_time": _time(signature.claimed_time),
        "sealed_at": _time(signature.sealed_at),
        **_token_json(signature.token),
        "timestamp": signature.timestamp
        and {"time": _time(signature.timestamp.time), **_token_json(signature.timestamp)},
    }


def _token_json(token: TokenFacts) -> dict[str, Any]:
    problems = sorted(standing_problems(token))
    return {
        **_certificate_json(token.certificate),
        "digest_algorithm": token.digest_algorithm,
        "signature_algorithm": token.signature_algorithm,
        "integrity": token.integrity,
        "cryptography": token.cryptography,
        "trusted": token.chain is not None and not problems,
        "problems": [problem.value for problem in problems],
        "proven_until": _time(token.chain.proven_at if token.chain else None),
    }


def _certificate_json(certificate: CertificateFacts | None) -> dict[str, Any]:
    return {
        "subject": certificate and certificate.subject,
        "issuer": certificate and certificate.issuer,
        "managing_unit": certificate and certificate.managing_unit,
        "serial": certificate and certificate.serial,
        "certificate_valid": certificate
        and {"from": _time(certificate.not_before), "until": _time(certificate.not_after)},
    }


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else iso(moment)
