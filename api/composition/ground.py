"""The ground of one archive: what its settings choose, before any service.

It reads no act until it is asked to.

Parts are made, and their libraries loaded, on first use: a search does not wait for the PDF
engines.
"""

import contextlib
from collections.abc import Callable
from datetime import datetime
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

import structlog

from api.composition.clocks import writing_clock
from api.composition.engines import Engines
from api.composition.no_archive import NoArchive
from archive.access.scope import Scope
from archive.acts.envelope import act_prefix
from archive.acts.signed_acts import SignedActs
from archive.base.clock import Clock, SystemClock
from archive.base.errors import KhoError
from archive.base.identifiers import FacilityCode
from archive.base.leases import Leases
from archive.base.settings import Settings, load_settings
from archive.catalog.database import Catalog
from archive.catalog.entries import FacilityEntry
from archive.catalog.tables import FacilityRow
from archive.coordination.sequencer import Sequencer, facilities_of
from archive.vault.contract import Vault

if TYPE_CHECKING:
    from api.composition.ledger_signer import LedgerSigner
    from api.composition.seals import Seals
    from archive.ledger.checkpoint import CheckpointSigner
    from archive.witness.service import WitnessService
    from ingest.codes.shelf import CodeLists
    from ingest.forms.catalog import FormCatalog
    from signing.trust import TrustRoots

log = structlog.get_logger(__name__)


class Ground:
    """Settings, clocks, leases, vault, catalogue, acts, keys.

    Close it when done; this closes everything on it.
    """

    def __init__(
        self,
        settings: Settings,
        clock: Clock | None = None,
        witness: Callable[[], datetime] | None = None,
    ) -> None:
        """`clock`: in place of the system's.

        `witness`: the writing clock's second source, by default the TSA.
        """
        self.settings = settings
        self.clock: Clock = clock or SystemClock()
        self.closing = contextlib.ExitStack()
        self.writing_clock = writing_clock(  # for locks, archive numbers and dates
            settings.clock,
            self.clock,
            catalog=lambda: self.engines.catalog if self.engines.has_catalogue else None,
            facility=lambda: self.code,
            witness=witness,
            authority=lambda: self.seals.authority,
        )
        self._code: FacilityCode | None = None
        self._facility: FacilityEntry | None = None

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

    # --- engines --------------------------------------------------------------------------------

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

    @cached_property
    def catalog(self) -> Catalog:
        """The catalogue, made where an archive has none yet.

        Raises NoArchive before anything is made, CatalogueUnusable, Unavailable.
        """
        self.require_code()
        return self.engines.catalog

    @property
    def code(self) -> FacilityCode:
        """The facility's code. Raises NoArchive."""
        return self.require_code()

    def require_code(self) -> FacilityCode:
        """Return the facility's code: as set, else as the vault's act 0 says. Raises NoArchive."""
        if self._code is None:
            self._code = self._stated_code()
        return self._code

    def _stated_code(self) -> FacilityCode:
        if self.settings.facility:
            return FacilityCode(self.settings.facility)
        stated = next(facilities_of(self.vault), None)
        if stated is None:
            raise NoArchive(home=str(self.folder))
        return stated

    @cached_property
    def forms(self) -> "FormCatalog":
        """The form catalogue: what Kho ships, and the facility's own forms in `{home}/forms`."""
        from ingest.forms.catalog import FormCatalog

        own = self.folder / "forms"
        return FormCatalog.load(own if own.is_dir() else None, self.codes)

    @cached_property
    def codes(self) -> "CodeLists":
        """The code lists: what Kho ships, and what the facility imported to `{home}/codes`."""
        from ingest.codes.shelf import CodeLists

        return CodeLists.load(self.code_folder)

    @property
    def code_folder(self) -> Path:
        """The folder of imported code lists."""
        return self.folder / "codes"

    @property
    def pictures(self) -> Path:
        """The folder for pictures of pages while a server runs."""
        return self.folder / "pictures"

    @property
    def scope(self) -> Scope:
        """The whole facility: what its own command line may see."""
        return Scope(self.code)

    # --- acts -----------------------------------------------------------------------------------

    @cached_property
    def sequencer(self) -> Sequencer:
        """Appends and applies acts; without the ledger's key it applies only."""
        parts = (self.catalog, self.vault, self.code, self.leases, self.writing_clock)
        return Sequencer(*parts, self.ledger_signer)

    @property
    def signed(self) -> SignedActs:
        """The acts as the vault keeps them: Kho attests what these say, not what the catalogue
        says.
        """
        return self.sequencer.signed

    @property
    def has_archive(self) -> bool:
        """Whether there is a catalogue or a vault to ask; an empty folder stays empty."""
        return self.engines.has_catalogue or self.settings.facility is not None

    def require_archive(self) -> None:
        """Raise NoArchive where neither a catalogue nor an act 0 is there; makes nothing."""
        if not self.engines.has_catalogue:
            self.require_act_zero()

    def require_act_zero(self) -> None:
        """Raise NoArchive where the vault does not hold the facility's act 0."""
        if next(iter(self.vault.list(act_prefix(self.code, 0))), None) is None:
            raise NoArchive(home=str(self.folder))

    def catch_up(self) -> FacilityEntry:
        """Bring the catalogue up to its vault, once for each opened home; return the facility as
        act 0 states it.

        Where the vault is away, reading goes on with what the catalogue knows: writing meets the
        same error, and `kho check` explains it. Raises NoArchive and makes nothing.
        """
        if self._facility is None:
            self._facility = self._caught_up()
        return self._facility

    def _caught_up(self) -> FacilityEntry:
        self.require_archive()
        known = self._known_facility()
        try:
            self.sequencer.catch_up()
        except KhoError as error:
            if known is None:
                raise
            log.warning("acts.not_caught_up", code=error.code)
        known = known or self._known_facility()
        if known is None:
            raise NoArchive(home=str(self.folder))
        return known

    def _known_facility(self) -> FacilityEntry | None:
        with self.catalog.read() as session:
            row = session.get(FacilityRow, self.code)
        return None if row is None else FacilityEntry.of(row)

    # --- keys -----------------------------------------------------------------------------------

    @cached_property
    def trust(self) -> "TrustRoots":
        """The trust anchors as set; else the roots of the chains that the acts state.

        Raises NoArchive.
        """
        from api.composition.trust_file import acts_trust, stated_trust

        stated = stated_trust(self.settings)
        if stated is not None:
            return stated
        return acts_trust(self.catalog, self.signed, FacilityCode(self.catch_up().code))

    @cached_property
    def seals(self) -> "Seals":
        """The seal's key and the services that a seal needs."""
        from api.composition.seals import Seals

        return Seals(self.settings, lambda: self.trust, self.clock, self.closing)

    @cached_property
    def witnesses(self) -> "WitnessService":
        """The places that keep this archive's checkpoints."""
        from api.composition.witnesses import witness_service

        return witness_service(self.settings, self.catalog, self.vault, self.code, self.clock)

    def ledger_signer(self) -> "CheckpointSigner":
        """Return the signer of the ledger's key in force; nothing is written without it.

        Raises ReadOnlyHome, Misconfigured, StoreUnproven, StoreRefused, HistoryContradicted.
        """
        signer = self._ledger_signer()
        self.witnesses.require_uncontradicted()
        return signer

    @cached_property
    def _ledger_signer(self) -> "LedgerSigner":
        from api.composition.ledger_signer import LedgerSigner

        def caught_up() -> SignedActs:
            self.catch_up()
            return self.signed

        return LedgerSigner(self.settings, self.clock, caught_up)
