"""What can be wrong with a packet: each finding has a code, the file it concerns, a verdict and a
sentence (data).
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

from archive.base.bilingual import Text
from archive.base.messages.loader import read_messages
from signing.validation.result.verdict import Verdict


class Code(StrEnum):
    """What is wrong; `findings.yaml` has a verdict and a sentence for each."""

    MIMETYPE = "mimetype"
    ORDER = "order"
    UNLISTED = "unlisted"
    MISSING = "missing"
    CHANGED = "changed"
    ASIC_MANIFEST = "asic_manifest"
    MANIFEST = "manifest"
    UNSIGNED = "unsigned"
    SIGNATURE = "signature"
    NO_TIMESTAMP = "no_timestamp"
    SIGNED_BY_OTHER = "signed_by_other"
    ACT = "act"
    ACT_MISSING = "act_missing"
    ACT_SURPLUS = "act_surplus"
    FACILITY = "facility"
    PROOF = "proof"
    CHECKPOINTS = "checkpoints"
    CHART = "chart"
    DOCUMENT = "document"
    DOCUMENT_UNREADABLE = "document_unreadable"
    SEALED_BY_OTHER = "sealed_by_other"
    SIGNER_UNKNOWN = "signer_unknown"
    RECEIPT = "receipt"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, and the name of the file that it is wrong with."""

    code: Code
    file: str

    @property
    def verdict(self) -> Verdict:
        """Return what it makes of the packet."""
        return Verdict(_messages()["findings"][self.code]["verdict"])

    @property
    def sentence(self) -> Text:
        """Return it in words."""
        text: Text = _messages()["findings"][self.code]["text"]
        return text.fill(file=self.file)


def overall(verdict: Verdict) -> Text:
    """Return what a verdict on a whole packet means, and what to do."""
    text: Text = _messages()["overall"][verdict.value]
    return text


def about_receipt(verdict: Verdict) -> Text:
    """Return what a verdict on a receipt means."""
    text: Text = _messages()["receipt"][verdict.value]
    return text


def not_valid(bad: int, total: int) -> Text:
    """Return how many documents were not found valid."""
    text: Text = _messages()["not_valid"]
    return text.fill(bad=bad, total=total)


@cache
def _messages() -> dict[str, Any]:
    return read_messages("api.sharing", "findings.yaml")
