"""The part of `kho check` that finds orphans: objects in the vault that belong to no act."""

from collections.abc import Iterator

from archive.acts.envelope import act_prefix
from archive.acts.removed_mark import is_mark
from archive.base.identifiers import FacilityCode
from archive.vault.assurance import CANARY_PREFIX
from archive.vault.contract import Stored, Vault
from archive.vault.key import is_key
from retention.health.faults import HealthFault, health_fault
from retention.health.ledger_check import LedgerCheck


class Orphans:
    """Checks the objects that the catalogue does not demand, and files that are not objects."""

    def __init__(
        self,
        vault: Vault,
        facility: FacilityCode,
        ledger: LedgerCheck,
        named_later: frozenset[str],
    ) -> None:
        """`named_later`: the keys of objects and marks of acts that the catalogue lacks so far."""
        self._vault, self._facility, self._ledger = vault, facility, ledger
        self._named_later = named_later
        self._archives: dict[str, bool] = {}

    def judge(self, stored: Stored) -> Iterator[HealthFault]:
        """Yield a fault where `stored`, which no catalogue row demands, belongs to no archive."""
        top = stored.key.partition("/")[0]
        if top == self._facility:
            # The ledger's own objects prove themselves (LedgerCheck), also those that another home
            # published.
            name = stored.key.removeprefix(f"{self._facility}/")
            ours = stored.key in self._named_later
            if is_mark(stored.key):
                ours = ours or self._ledger.is_removed(stored.key)
            elif name.startswith("ledger/"):
                ours = ours or self._ledger.owns(stored.key)
        else:
            ours = stored.key.startswith(CANARY_PREFIX) or self._is_archive(top)
        if not ours:
            yield health_fault("object.foreign", _shown(stored.key))

    def strays(self) -> Iterator[HealthFault]:
        """Yield a fault for each thing in the vault's place that is no object."""
        for name in self._vault.strays():
            yield health_fault("vault.stray", _shown(name))

    def _is_archive(self, top: str) -> bool:
        """Tell whether another facility keeps its archive in the same vault, under `top`."""
        if top not in self._archives:
            of_archive = is_key(top) and any(
                True for _ in self._vault.list(act_prefix(FacilityCode(top), 0))
            )
            self._archives[top] = of_archive
        return self._archives[top]


def _shown(name: str) -> str:
    """Return a name that may hold any character so that it cannot forge a line of the report."""
    return name if is_key(name) else ascii(name)[1:-1]
