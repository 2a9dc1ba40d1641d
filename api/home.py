"""A home: the one place where settings become the working parts of an archive.

Callers get the parts from it.

Parts are made, and their libraries loaded, on first use: a search does not wait for the PDF
engines.
"""

import contextlib
from collections.abc import Callable
from datetime import datetime
from functools import cached_property, partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

import structlog

from api.clocks import writing_clock
from api.engines import Engines
from api.no_archive import NoArchive
from archive.access.scope import Scope
from archive.acts.envelope import act_prefix
from archive.acts.signed_acts import SignedActs
from archive.base.clock import Clock, SystemClock
from archive.base.errors import KhoError
from archive.base.identifiers import FacilityCode
from archive.base.leases import Leases
from archive.base.settings import Settings, load_settings
from archive.catalog.database import Catalog
from archive.catalog.tables import FacilityRow
from archive.coordination.outbox import Outbox
from archive.coordination.sequencer import Sequencer, facilities_of
from archive.ledger.store import ledger_size
from archive.vault.contract import Vault
from retention.locks import LockKeeper, going_on

if TYPE_CHECKING:
    from api.indexing import Indexing
    from api.production import ProvenSigner
    from api.seals import Seals
    from api.services import Services
    from api.sharing.packet_service import PacketService
    from api.upkeep import Upkeep
    from archive.ledger.checkpoint import CheckpointSigner
    from archive.ledger.store import LedgerPublisher
    from archive.witness.service import WitnessService
    from ingest.accession import AccessionService, Letterhead
    from ingest.files.examiner import Examiner
    from ingest.forms.catalog import FormCatalog
    from ingest.preparation.service import Preparation
    from retention.deposit import DepositService
    from retention.health.check import Checker
    from retention.health.rebuild import Rebuilt
    from retention.health.repair import Repairer
    from search.contract import Index
    from signing.keys.signer import SealKey
    from signing.seal import Sealer
    from signing.trust import TrustRoots

LEDGER_KEY = Path("keys") / "ledger.pem"
log = structlog.get_logger(__name__)


class Home:
    """One archive, opened. Parts are made on first use; close it when done."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock | None = None,
        witness: Callable[[], datetime] | None = None,
    ) -> None:
        self.settings = settings
        self.clock: Clock = clock or SystemClock()
        self.writing_clock = writing_clock(self, witness)  # for locks, archive numbers and dates
        self.closing = contextlib.ExitStack()

    @classmethod
    def open(cls, folder: Path, clock: Clock | None = None) -> Self:
        """Open the home at `folder`; raises Misconfigured."""
        return cls(load_settings(folder), clock)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Release files, locks and connections."""
        self.closing.close()

    @property
    def folder(self) -> Path:
        """The home's folder."""
        return self.settings.home

    # --- the ground
    # -------------------------------------------------------------------------------------------------

    @cached_property
    def engines(self) -> Engines:
        """Leases, vault and catalogue, as the settings choose them."""
        return Engines(self.settings, self.writing_clock, self.closing)

    @property
    def leases(self) -> Leases:
        """Exclusive rights within this archive."""
        return self.engines.leases

    @property
    def vault(self) -> Vault:
        """The object store."""
        return self.engines.vault

    @property
    def catalog(self) -> Catalog:
        """The catalogue.

        Raises NoArchive before anything is made, CatalogueUnusable, Unavailable.
        """
        _ = self.code
        return self.engines.catalog

    @cached_property
    def code(self) -> FacilityCode:
        """The facility's code: as set, else as the vault's act 0 says. Raises NoArchive."""
        if self.settings.facility:
            return FacilityCode(self.settings.facility)
        found = next(facilities_of(self.vault), None)
        if found is None:
            raise NoArchive(home=str(self.folder))
        return found

    @cached_property
    def sequencer(self) -> Sequencer:
        """Appends and applies acts; without the ledger's key it applies only."""
        told = (self.catalog, self.vault, self.code, self.leases, self.writing_clock)
        return Sequencer(*told, lambda: self.checkpoint_signer)

    @property
    def signed(self) -> SignedActs:
        """The acts as the vault keeps them: what is vouched for is read there, not from the
        catalogue alone.
        """
        return self.sequencer.signed

    @cached_property
    def facility(self) -> FacilityRow:
        """The facility as act 0 states it; a catalogue that is behind its vault is caught up first.

        Raises NoArchive and creates nothing. Code that reads the archive gets this before it opens
        the catalogue.
        """
        self._require_archive()
        row = self._facility_row()
        try:
            self.sequencer.catch_up()
        except KhoError as error:
            if row is None:
                raise
            # Reading goes on with what is known: writing will meet the same error, `kho check`
            # explains it.
            log.warning("acts.not_caught_up", code=error.code)
        row = row or self._facility_row()
        if row is None:
            raise NoArchive(home=str(self.folder))
        return row

    @property
    def stated_facility(self) -> FacilityRow:
        """The facility as the signed act 0 states it: for what Kho seals and signs.

        Raises CatalogueAltered.
        """
        return self.signed.facility(self.facility)

    def _require_archive(self) -> None:
        if not self.engines.has_catalogue:
            self.require_act_zero()

    def require_act_zero(self) -> None:
        """Raise NoArchive where the vault does not hold the facility's act 0."""
        if next(iter(self.vault.list(act_prefix(self.code, 0))), None) is None:
            raise NoArchive(home=str(self.folder))

    def _facility_row(self) -> FacilityRow | None:
        with self.catalog.read() as session:
            return session.get(FacilityRow, self.code)

    @property
    def has_archive(self) -> bool:
        """Whether there is a catalogue or a vault to ask; an empty folder stays empty."""
        return self.engines.has_catalogue or self.settings.facility is not None

    @property
    def scope(self) -> Scope:
        """The whole facility: what its own command line may see."""
        return Scope(self.code)

    # --- keys and seals
    # ---------------------------------------------------------------------------------------------

    @property
    def trust_file(self) -> Path | None:
        """The PEM file of trust anchors, where one is set."""
        from api.trust_file import trust_file

        return trust_file(self.settings)

    @cached_property
    def trust(self) -> "TrustRoots":
        """The trust anchors as set; else the roots of the chains that the acts state."""
        from api.trust_file import acts_trust, stated_trust

        stated = stated_trust(self.settings)
        return (
            acts_trust(self.catalog, self.signed, FacilityCode(self.facility.code))
            if stated is None
            else stated
        )

    @cached_property
    def seals(self) -> "Seals":
        """The keys and the services that a seal needs."""
        from api.seals import Seals

        return Seals(self.settings, self.trust, self.clock, self.closing)

    @property
    def seal_key(self) -> "SealKey":
        """The facility's seal key. Raises ReadOnlyHome."""
        return self.seals.key

    @property
    def sealer(self) -> "Sealer":
        """Seals documents with the facility's certificate.

        Raises ReadOnlyHome, TestInProduction, MixedSeals.
        """
        from api.production import require_same_kind

        require_same_kind(self)
        return self.seals.sealer

    @cached_property
    def is_test(self) -> bool:
        """Whether papers and pages say TEST: by the settings, or for good by the certificates of
        act 0.
        """
        from api.production import is_demonstration

        return self.settings.demo or is_demonstration(self)

    @property
    def checkpoint_signer(self) -> "CheckpointSigner":
        """The ledger's key; raises ReadOnlyHome, Misconfigured, StoreUnproven, StoreRefused,
        HistoryContradicted.
        """
        signer = self._signer()
        self.witnesses.require_uncontradicted()
        return signer

    @cached_property
    def witnesses(self) -> "WitnessService":
        """The places that keep this archive's checkpoints."""
        from api.witnesses import witness_service

        return witness_service(self.settings, self.catalog, self.vault, self.code, self.clock)

    @cached_property
    def _signer(self) -> "ProvenSigner":
        from api.production import ProvenSigner

        return ProvenSigner(self)

    # --- what the doors do
    # ------------------------------------------------------------------------------------------

    @cached_property
    def forms(self) -> "FormCatalog":
        """The form catalogue: what Kho ships, and the facility's own forms in `{home}/forms`."""
        from ingest.forms.catalog import FormCatalog

        own = self.folder / "forms"
        return FormCatalog.load(own if own.is_dir() else None)

    @cached_property
    def letterhead(self) -> "Letterhead":
        """What every document shows of the facility."""
        from api.letterhead import letterhead_of

        return letterhead_of(self.facility, demo=self.is_test)

    @cached_property
    def _desks(self) -> "Services":
        from api.services import Services

        return Services(self)

    @property
    def accession(self) -> "AccessionService":
        """The one way in.

        Raises ReadOnlyHome, and VaultError from a store that does not keep its locks.
        """
        return self._desks.accession

    @property
    def preparer(self) -> "Preparation":
        """Renders and seals papers, here or in worker processes. Raises ReadOnlyHome."""
        return self._desks.preparer

    @property
    def deposits(self) -> "DepositService":
        """Deposits charts. Raises ReadOnlyHome."""
        return self._desks.deposits

    @property
    def packets(self) -> "PacketService":
        """Makes referral packets. Raises ReadOnlyHome."""
        return self._desks.packets

    @cached_property
    def examiner(self) -> "Examiner":
        """Examines files from outside before they are archived. Raises Misconfigured."""
        from ingest.files.examiner import open_examiner

        return open_examiner(self.settings.intake, self.trust, self.clock)

    @cached_property
    def locks(self) -> LockKeeper:
        """Extends and renews locks."""
        return LockKeeper(self.catalog, self.vault, self.code, self.signed, self.writing_clock)

    @cached_property
    def _indexing(self) -> "Indexing":
        from api.indexing import Indexing, engine_of

        engine = partial(engine_of, self.settings, self.code, self.leases, self.clock)
        return Indexing(engine, self.catalog, self.code, self.closing)

    @property
    def index(self) -> "Index":
        """The search index. Raises IndexBusy while another process rebuilds it."""
        return self._indexing.index

    @cached_property
    def outbox(self) -> Outbox:
        """What follows the acts: locks, ledger, index."""
        return Outbox(
            *(self.catalog, self.code, self.leases),
            {
                "ledger": lambda _: self._publisher().publish(),
                "index": lambda subjects: self._indexing.feed(subjects),
                "witness": lambda _: self.witnesses.confirm(),
            },
            each={"locks": self.locks.settle},
            idle={"locks": self.locks.settled},
        )

    def _publisher(self) -> "LedgerPublisher":
        return self._desks.publisher()

    def follow_up(self) -> None:
        """Process the outbox, and renew locks that end soon. Writing commands call it at their end.

        What they acknowledged is archived. So a broken lock of any chart is logged and not raised.
        The same holds for a search engine that is away: it must not stop archiving.
        """
        from api.indexing import index_may_wait
        from archive.witness.contract import WitnessAway

        with going_on():
            self.outbox.drain("locks")
        self.outbox.drain("ledger")
        with index_may_wait():
            self.outbox.drain("index")
        # logged where it was asked; the outbox keeps what is due
        with contextlib.suppress(WitnessAway):
            self.outbox.drain("witness")
        with going_on():
            self.locks.renew()

    @property
    def checker(self) -> "Checker":
        """Checks the archive's health; only reads, so a catalogue that is behind stays so.

        Raises NoArchive.
        """
        self._require_archive()
        with self.catalog.read() as session:
            is_new = ledger_size(session, self.code) == 0
        if is_new:
            _ = self.facility  # without act 0 there is nothing to compare the vault with
        return self._upkeep.checker

    @property
    def repairer(self) -> "Repairer":
        """Repairs the faults of `kho check` that can be repaired. Raises NoArchive."""
        _ = self.checker
        return self._upkeep.repairer

    @cached_property
    def _upkeep(self) -> "Upkeep":
        from api.ledger_key import key_check
        from api.upkeep import Upkeep

        return Upkeep(
            folder=self.folder,
            catalog=self.catalog,
            vault=self.vault,
            facility=self.code,
            sequencer=self.sequencer,
            leases=self.leases,
            outbox=self.outbox,
            publisher=self._publisher,
            indexed=self._indexing.count,
            reindex=self._indexing.rebuild_index,
            witnesses=lambda: self.witnesses,
            key_check=key_check(self.settings),
            clock=self.clock,
        )

    def rebuild(self) -> "Rebuilt":
        """Rebuild catalogue and index from the vault alone. Raises NoArchive, CatalogueUnusable.

        :func:`api.rebuilding.rebuild` sets a damaged catalogue aside first.
        """
        self._require_archive()
        from retention.health.rebuild import Rebuilt, rebuild_catalogue

        acts, documents = rebuild_catalogue(self.catalog, self.sequencer)
        indexed = self.outbox.fulfil("index", self._indexing.rebuild_index)
        return Rebuilt(acts, documents, indexed)
