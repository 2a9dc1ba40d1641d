"""What `kho check` can find, as data (`faults.yaml`)."""

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

from archive.base.bilingual import Text
from archive.base.messages.loader import read_messages


class Repair(StrEnum):
    """Whether `kho check --repair` repairs a kind of fault."""

    YES = "yes"
    NO = "no"
    STOP = "stop"  # while there is such a fault, nothing at all is repaired


@dataclass(frozen=True, slots=True)
class FaultKind:
    """A kind of fault: its severity, what it means, what to do."""

    code: str
    severity: str  # error | notice
    repair: Repair
    what: Text
    remedy: Text


@dataclass(frozen=True, slots=True)
class HealthFault:
    """A fault, and the object that it concerns (a key, a table row or a name; no patient data)."""

    kind: FaultKind
    object: str

    def as_json(self) -> dict[str, Any]:
        """Return the fault as `kho check --json` gives it."""
        return {
            "code": self.kind.code,
            "severity": self.kind.severity,
            "repairable": self.kind.repair is Repair.YES,
            "object": self.object,
            "remedy": self.kind.remedy.vi,
        }


@cache
def fault_kinds() -> dict[str, FaultKind]:
    """Return every kind of fault by its code."""
    entries = read_messages("retention.health", "faults.yaml")
    return {code: _kind(code, **entry) for code, entry in entries.items()}


def _kind(code: str, severity: str, repair: str, what: Text, remedy: Text) -> FaultKind:
    return FaultKind(code, severity, Repair(repair), what, remedy)


def health_fault(code: str, subject: str) -> HealthFault:
    """Return a fault of kind `code` concerning `subject`."""
    return HealthFault(fault_kinds()[code], subject)
