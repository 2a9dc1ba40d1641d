"""The desks of one home: objects that write acts.

Each is built from the home's parts on first use.
"""

from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from archive.vault.contract import Assurance

if TYPE_CHECKING:
    from contextlib import ExitStack
    from pathlib import Path

    from api.sharing.packet_service import PacketService
    from archive.base.clock import Clock
    from archive.base.identifiers import FacilityCode
    from archive.base.leases import Leases
    from archive.base.settings import Settings
    from archive.catalog.database import Catalog
    from archive.catalog.tables import FacilityRow
    from archive.coordination.outbox import Outbox
    from archive.coordination.sequencer import Sequencer
    from archive.coordination.writing_clock import WritingClock
    from archive.ledger.checkpoint import CheckpointSigner
    from archive.ledger.store import LedgerPublisher
    from archive.vault.contract import Vault
    from ingest.accession import AccessionService, Letterhead
    from ingest.forms.catalog import FormCatalog
    from ingest.preparation.service import Preparation
    from retention.deposit import DepositService
    from retention.locks import LockKeeper
    from signing.seal import Sealer
    from signing.trust import TrustRoots


class _Parts(Protocol):
    """What the desks are put together from: a home."""

    settings: "Settings"
    clock: "Clock"
    writing_clock: "WritingClock"
    closing: "ExitStack"

    @property
    def folder(self) -> "Path": ...
    @property
    def code(self) -> "FacilityCode": ...
    @property
    def catalog(self) -> "Catalog": ...
    @property
    def vault(self) -> "Vault": ...
    @property
    def sequencer(self) -> "Sequencer": ...
    @property
    def leases(self) -> "Leases": ...
    @property
    def outbox(self) -> "Outbox": ...
    @property
    def locks(self) -> "LockKeeper": ...
    @property
    def stated_facility(self) -> "FacilityRow": ...
    @property
    def letterhead(self) -> "Letterhead": ...
    @property
    def forms(self) -> "FormCatalog": ...
    @property
    def trust(self) -> "TrustRoots": ...
    @property
    def sealer(self) -> "Sealer": ...
    @property
    def checkpoint_signer(self) -> "CheckpointSigner": ...


class Services:
    """Makes the desks of `home`; each raises ReadOnlyHome where there are no keys."""

    def __init__(self, home: _Parts) -> None:
        self._home = home

    @cached_property
    def preparer(self) -> "Preparation":
        """Renders and seals papers, here or in worker processes."""
        from api.preparing import open_preparer

        home = self._home
        return open_preparer(home.settings, home.sealer, home.trust, home.clock, home.closing)

    @cached_property
    def accession(self) -> "AccessionService":
        """The one way in. Raises VaultError from a store that does not keep its locks."""
        from ingest.accession import AccessionService
        from ingest.spool import Spool

        home = self._home
        # papers show its name and address for ever
        _ = home.sealer, home.checkpoint_signer, home.stated_facility
        if home.vault.assurance is Assurance.STORE:
            home.vault.check_lock_is_kept()
        return AccessionService(
            catalog=home.catalog,
            vault=home.vault,
            sequencer=home.sequencer,
            leases=home.leases,
            forms=home.forms,
            preparer=self.preparer,
            spool=Spool(home.folder / "spool"),
            letterhead=home.letterhead,
            clock=home.writing_clock,
        )

    @cached_property
    def deposits(self) -> "DepositService":
        """Deposits charts."""
        from retention.deposit import DepositService
        from retention.schedule import schedule

        home = self._home
        _ = home.checkpoint_signer
        return DepositService(
            catalog=home.catalog,
            sequencer=home.sequencer,
            leases=home.leases,
            locks=home.locks,
            facility=home.code,
            rules=schedule(),
            clock=home.writing_clock,
        )

    @cached_property
    def packets(self) -> "PacketService":
        """Makes referral packets."""
        from api.sharing.packet_service import PacketService

        home = self._home
        _ = home.checkpoint_signer
        return PacketService(
            catalog=home.catalog,
            vault=home.vault,
            sequencer=home.sequencer,
            leases=home.leases,
            outbox=home.outbox,
            sealer=home.sealer,
            facility=home.stated_facility,
            test=home.letterhead.test,
            clock=home.writing_clock,
        )

    def publisher(self) -> "LedgerPublisher":
        """Return a new publisher of the ledger; it signs with the key that is in force at this
        call.
        """
        from archive.ledger.store import LedgerPublisher

        home = self._home
        followers = ("witness",) if home.settings.witnesses else ()
        return LedgerPublisher(
            home.catalog,
            home.vault,
            home.code,
            home.checkpoint_signer,
            home.writing_clock,
            home.sequencer.signed.digests,
            followers,
        )
