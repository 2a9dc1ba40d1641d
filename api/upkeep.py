"""Checking and repairing one home: the parts that `kho check` needs, put together."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from archive.base.clock import Clock
from archive.base.identifiers import FacilityCode
from archive.base.leases import Leases
from archive.catalog.database import Catalog
from archive.coordination.outbox import Outbox
from archive.coordination.sequencer import Sequencer
from archive.isolation.sandbox.weaknesses import weaknesses
from archive.vault.contract import Vault
from ingest.spool import Spool
from retention.health.check import Checker
from retention.health.key_check import KeyCheck
from retention.health.leftovers import Leftovers
from retention.health.repair import Repairer

if TYPE_CHECKING:
    from archive.ledger.store import LedgerPublisher
    from archive.witness.service import WitnessService


@dataclass(frozen=True, slots=True)
class Upkeep:
    """What checking and repairing work on; `publisher`, `indexed` and `reindex` as their makers
    say.
    """

    folder: Path
    catalog: Catalog
    vault: Vault
    facility: FacilityCode
    sequencer: Sequencer
    leases: Leases
    outbox: Outbox
    publisher: "Callable[[], LedgerPublisher]"
    indexed: Callable[[], int | None]
    reindex: Callable[[], object]
    key_check: KeyCheck
    witnesses: "Callable[[], WitnessService]"
    clock: Clock

    @property
    def checker(self) -> Checker:
        """The checker, which only reads."""
        return Checker(
            catalog=self.catalog,
            vault=self.vault,
            facility=self.facility,
            outbox=self.outbox,
            leftovers=self._leftovers,
            indexed=self.indexed,
            witnesses=self.witnesses(),
            key_check=self.key_check,
            lacking=[weakness.name for weakness in weaknesses()],
            clock=self.clock,
            scratch=self.folder / "scratch",
        )

    @property
    def repairer(self) -> Repairer:
        """The repairer, which repairs fault by fault."""
        return Repairer(
            checker=self.checker,
            catalog=self.catalog,
            vault=self.vault,
            facility=self.facility,
            sequencer=self.sequencer,
            outbox=self.outbox,
            leftovers=self._leftovers,
            publisher=self.publisher,
            reindex=self.reindex,
            clock=self.clock,
        )

    @property
    def _leftovers(self) -> Leftovers:
        return Leftovers(self.catalog, Spool(self.folder / "spool"), self.leases, self.clock)
