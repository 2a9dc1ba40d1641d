"""Why a packet that came in, or a receipt that came back, is not taken."""

from typing import Any, Self

from archive.base.bilingual import Text
from archive.base.errors import Fault, KhoError, SubmissionRejected


class NotProven(KhoError):
    """A packet or receipt whose verification did not end with `valid`; `report` is all that was
    found.
    """

    code = "verification.not_valid"

    def __init__(self, reasons: Text, report: dict[str, Any]) -> None:
        self.report = report
        super().__init__(why_vi=reasons.vi, why_en=reasons.en)

    @classmethod
    def sample(cls, **facts: object) -> Self:
        """Return an error without a report."""
        return cls(Text(str(facts["why_vi"]), str(facts["why_en"])), {})

    def as_json(self) -> dict[str, Any]:
        """Return the error with the report."""
        return {**super().as_json(), "report": self.report}


class Undecided(NotProven):
    """A packet or receipt of which no verdict could be had."""

    code = "verification.undecided"


class PacketRefused(SubmissionRejected):
    """A genuine packet that this archive may not import."""

    code = "packet.not_accepted"


class ReceiptRefused(SubmissionRejected):
    """A genuine receipt that is not of a packet of this archive, or not of that packet."""

    code = "receipt.not_accepted"


def fault(path: str, code: str, **facts: object) -> Fault:
    """Return the fault `code` of packets and receipts at `path`."""
    return Fault.of("packets", path, code, **facts)
