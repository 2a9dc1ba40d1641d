"""Packets and receipts that came in, judged for the person who decides about them.

Nothing is archived here, and nothing is kept.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from api.reading.claims import ClaimCheck
from api.sharing import names
from api.sharing.findings import overall
from api.sharing.identity import Identity
from api.sharing.partners import PartnerService, Standing
from api.sharing.proven_sender import proven_identity
from api.sharing.receipt_report import ReceiptReport, verify_receipt
from api.sharing.reception import only_signers_undecided
from api.sharing.report import PacketReport
from api.sharing.verification import Progress, verify_packet
from archive.base.bilingual import Text
from archive.base.clock import Clock
from archive.base.errors import Fault
from signing.asic.container import read_container
from signing.trust import TrustRoots
from signing.validation.result.verdict import Verdict

_WARNS_ENOUGH = (Verdict.INVALID, Verdict.UNSIGNED, Verdict.NOT_OF_THIS_ARCHIVE)


@dataclass(frozen=True, slots=True)
class JudgedPacket:
    """The report on a packet, and how its sender compares with the partners.

    `standing`: None where no sender can be read, or there is no archive. `warnings`: papers that
    name this facility and are not of this archive.
    """

    is_receipt: ClassVar[bool] = False
    report: PacketReport
    standing: Standing | None
    warnings: tuple[Fault, ...] = ()

    @property
    def proven(self) -> Identity | None:
        """Return the sender's identity where verification proved it."""
        return self.report.identity if self.may_be_taken else None

    @property
    def verdict(self) -> Verdict:
        """Return the verdict on the packet; a packet that claims this facility has its own."""
        verdict = self.report.verdict
        if self.standing is Standing.THIS_FACILITY and verdict not in _WARNS_ENOUGH:
            return Verdict.NOT_OF_THIS_ARCHIVE
        return verdict

    @property
    def meaning(self) -> Text:
        """Return what the verdict means, and what to do."""
        return overall(self.verdict)

    @property
    def only_signers_undecided(self) -> bool:
        """Return whether all but the signers of papers of third parties is valid."""
        return self.verdict is Verdict.INDETERMINATE and only_signers_undecided(self.report)

    @property
    def may_be_taken(self) -> bool:
        """Return whether the packet can be archived, once its sender is a partner."""
        return self.verdict is Verdict.VALID or self.only_signers_undecided

    def as_json(self) -> dict[str, Any]:
        """Return what `kho packet verify` prints."""
        return {
            **self.report.as_json(),
            "verdict": self.verdict.value,
            "partner": self.standing and self.standing.value,
            "warnings": [warning.as_json() for warning in self.warnings],
        }


@dataclass(frozen=True, slots=True)
class JudgedReceipt:
    """The report on a receipt, and how its issuer compares with the partners."""

    is_receipt: ClassVar[bool] = True
    report: ReceiptReport
    standing: Standing | None

    @property
    def proven(self) -> Identity | None:
        """Return the issuer's identity where verification proved it."""
        return self.report.identity if self.report.verdict is Verdict.VALID else None


class IncomingService:
    """Judges packets and receipts with the trust anchors and partners of one archive."""

    def __init__(
        self,
        trust: TrustRoots,
        claims: ClaimCheck,
        partners: Callable[[], PartnerService],
        clock: Clock,
    ) -> None:
        self._trust, self._claims = trust, claims
        self._partners, self._clock = partners, clock

    def judged(
        self, data: bytes, progress: Progress | None = None
    ) -> "JudgedPacket | JudgedReceipt":
        """Judge a packet or a receipt, whichever `data` is; raises as :meth:`packet`."""
        if names.RECEIPT in read_container(data):
            return self.receipt(data)
        return self.packet(data, progress=progress)

    def sender(self, data: bytes) -> tuple[Identity, Standing]:
        """Return who made a packet or a receipt, and how it compares with the partners.

        Raises NotProven, Undecided, Unreadable, CatalogueAltered.
        """
        identity = proven_identity(data, self._trust, self._clock.now())
        return identity, self._partners().standing(identity)

    def packet(
        self, data: bytes, trust: TrustRoots | None = None, progress: Progress | None = None
    ) -> JudgedPacket:
        """Judge a packet; `trust`: anchors in place of the archive's own.

        Raises :class:`archive.base.errors.Unreadable` where it is no packet, CatalogueAltered.
        """
        roots = self._trust if trust is None else trust
        report = verify_packet(data, roots, at=self._clock.now(), progress=progress)
        standing = self._partners().standing(report.identity) if report.identity else None
        judged = JudgedPacket(report, standing)
        # a packet of this facility has a verdict of its own; a bad one needs no further warning
        of_others = standing is not Standing.OWN and judged.verdict not in _WARNS_ENOUGH
        warnings = self._claims.warnings(data, roots) if of_others else ()
        return JudgedPacket(report, standing, warnings)

    def receipt(self, data: bytes) -> JudgedReceipt:
        """Judge a receipt; raises as :meth:`packet`."""
        report = verify_receipt(data, self._trust, at=self._clock.now())
        standing = self._partners().standing(report.identity) if report.identity else None
        return JudgedReceipt(report, standing)
