"""A home: the one place where settings become the working parts of an archive. Doors ask it, and build nothing."""

import contextlib
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from api.sharing.desk import PacketDesk
from archive.access.scope import Scope
from archive.bilingual import Text
from archive.catalog.database import Catalog
from archive.catalog.tables import FacilityRow, SealChainRow
from archive.clock import Clock, SystemClock
from archive.errors import KhoError, Misconfigured
from archive.identifiers import FacilityCode
from archive.leases import FileLeases
from archive.ledger.checkpoint import CheckpointSigner, VerifierKey
from archive.ledger.store import LedgerPublisher
from archive.outbox import Outbox
from archive.sequencer import Sequencer, facilities_of
from archive.settings import Settings, load_settings
from archive.vault.contract import Assurance, Vault
from archive.vault.open import open_vault
from ingest.accession import AccessionDesk, Face
from ingest.forms.catalog import FormCatalog
from ingest.render.job import FacilityFace
from ingest.render.typst_renderer import Renderer
from ingest.spool import Spool
from retention.deposit import DepositDesk
from retention.health.check import Checker
from retention.health.rebuild import Rebuilt, rebuild_catalogue
from retention.locks import LockKeeper
from retention.schedule import schedule
from search.errors import IndexBusy, IndexUnusable
from search.feeder import IndexFeeder
from search.tantivy_index import TantivyIndex
from signing.fetching import Fetcher
from signing.keys.pkcs12 import load_pkcs12
from signing.keys.signer import SealKey
from signing.revocation import Revocation
from signing.seal import Sealer
from signing.timestamps import TimestampAuthority
from signing.trust import TrustRoots, read_certificates

LEDGER_KEY = Path("keys") / "ledger.pem"
TEST_PKI = "testpki"


class NoArchive(KhoError):
    """There is no archive in this home yet."""

    code = "home.empty"
    http_status = 503
    exit_code = 2
    what = Text("Chưa có kho lưu trữ tại {home}.", "There is no archive in {home}.")
    remedy = Text("Chạy kho init --demo, hoặc kiểm tra --home.", "Run kho init --demo, or check --home.")


class ReadOnlyHome(KhoError):
    """The home has no private keys: it reads and verifies, and does not write."""

    code = "home.read_only"
    http_status = 503
    exit_code = 2
    what = Text(
        "Kho này không có khóa ký nên chỉ đọc và xác minh.", "This home has no keys: it reads and verifies only."
    )
    remedy = Text("Khôi phục khóa từ bản sao lưu.", "Restore the keys from the backup.")


class Home:
    """One archive, opened. Parts are made when they are first asked for; close it when done."""

    def __init__(self, settings: Settings, clock: Clock | None = None) -> None:
        self.settings = settings
        self.clock: Clock = clock or SystemClock()
        self._closing = contextlib.ExitStack()

    @classmethod
    def open(cls, folder: Path, clock: Clock | None = None) -> Self:
        """Open the home at `folder`; raises Misconfigured."""
        return cls(load_settings(folder), clock)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Release files, locks and connections."""
        self._closing.close()

    @property
    def folder(self) -> Path:
        """The home's folder."""
        return self.settings.home

    # --- the ground -------------------------------------------------------------------------------------------------

    @cached_property
    def leases(self) -> FileLeases:
        """Exclusive rights within this home."""
        return FileLeases(self.folder / "leases")

    @cached_property
    def vault(self) -> Vault:
        """The object store."""
        told = self.settings.vault
        return open_vault(
            told.kind,
            self.clock,
            root=self.settings.path(told.folder),
            endpoint=told.endpoint,
            bucket=told.bucket,
            access_key=told.access_key,
            secret_key=told.secret_key.get_secret_value(),
            region=told.region,
            secure=told.secure,
            ca_file=self.settings.path(told.ca_file) if told.ca_file else None,
        )

    @cached_property
    def catalog(self) -> Catalog:
        """The catalogue, made or migrated where needed."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with self.leases.hold("catalogue"):
            catalog = Catalog.open(self.folder / "catalog.db")
        self._closing.callback(catalog.close)
        return catalog

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
        """Appends and applies acts."""
        return Sequencer(self.catalog, self.vault, self.code, self.leases, self.clock)

    @cached_property
    def facility(self) -> FacilityRow:
        """The facility as act 0 states it; a catalogue that is behind is caught up first. Raises NoArchive."""
        row = self._facility_row()
        if row is None:
            self.sequencer.catch_up()
            row = self._facility_row()
        if row is None:
            raise NoArchive(home=str(self.folder))
        return row

    def _facility_row(self) -> FacilityRow | None:
        with self.catalog.read() as session:
            return session.get(FacilityRow, self.code)

    @property
    def has_archive(self) -> bool:
        """Whether there is a catalogue or a vault to ask; an empty folder stays empty."""
        return (self.folder / "catalog.db").exists() or self.settings.facility is not None

    @property
    def scope(self) -> Scope:
        """The whole facility: what its own command line may see."""
        return Scope(self.code)

    # --- keys and seals ---------------------------------------------------------------------------------------------

    @cached_property
    def trust(self) -> TrustRoots:
        """The trust anchors as set; else the root of the chain that the acts state."""
        file = self.trust_file
        if file is not None and file.exists():
            return TrustRoots.from_files(file)
        with self.catalog.read() as session:
            chains = session.query(SealChainRow).filter_by(facility=self.facility.code).all()
        return TrustRoots([read_certificates(chain.pem.encode())[-1] for chain in chains])

    @property
    def trust_file(self) -> Path | None:
        """The PEM file of trust anchors, where one is set."""
        if self.settings.demo:
            return self.folder / TEST_PKI / "trust.pem"
        return self.settings.path(self.settings.seal.trust) if self.settings.seal.trust else None

    @cached_property
    def seal_key(self) -> SealKey:
        """The facility's seal key; raises ReadOnlyHome without one, and what the key itself refuses."""
        if self.settings.demo:
            from signing.testpki.folder import open_test_pki

            pki = open_test_pki(self.folder / TEST_PKI, self.clock.now())
            return load_pkcs12(pki.p12_path.read_bytes(), pki.passphrase, self.clock.now())
        file = self.settings.seal.pkcs12
        if file is None:
            raise ReadOnlyHome
        passphrase = self.settings.seal.passphrase.get_secret_value().encode()
        return load_pkcs12(self.settings.path(file).read_bytes(), passphrase, self.clock.now())

    @cached_property
    def checkpoint_signer(self) -> CheckpointSigner:
        """The ledger's key; raises ReadOnlyHome without one, Misconfigured for another ledger's."""
        file = self.folder / LEDGER_KEY
        if not file.exists():
            raise ReadOnlyHome
        private = load_pem_private_key(file.read_bytes(), None)
        assert isinstance(private, Ed25519PrivateKey)
        signer = CheckpointSigner(VerifierKey.parse(self.facility.ledger_key).name, private)
        if str(signer.verifier) != self.facility.ledger_key:
            raise Misconfigured(why_vi="khóa sổ nhật ký không khớp", why_en="the ledger key is not this ledger's")
        return signer

    @cached_property
    def _services(self) -> tuple[Fetcher, str]:
        """The way out to TSA, OCSP and CRL, and the TSA's address; a demo home starts its own test PKI."""
        if not self.settings.demo:
            fetcher, tsa = Fetcher(), self.settings.seal.tsa_url
            if not tsa:
                raise Misconfigured(why_vi="thiếu seal.tsa_url", why_en="seal.tsa_url is missing")
        else:
            from signing.testpki.folder import open_test_pki
            from signing.testpki.running import ensure_running

            pki = open_test_pki(self.folder / TEST_PKI, self.clock.now())
            fetcher, tsa = Fetcher(reroute={pki.base_url: ensure_running(pki.folder)}), pki.tsa_url
        self._closing.callback(fetcher.close)
        return fetcher, tsa

    @cached_property
    def timestamps(self) -> TimestampAuthority:
        """The time-stamping authority."""
        fetcher, tsa = self._services
        return TimestampAuthority(tsa, self.trust, fetcher)

    @cached_property
    def revocation(self) -> Revocation:
        """Revocation answers, kept while they are fresh."""
        return Revocation(self.trust, self._services[0], self.clock)

    @cached_property
    def sealer(self) -> Sealer:
        """Seals documents with the facility's certificate."""
        return Sealer(self.seal_key, self.trust, self.timestamps, self.revocation, self.clock)

    # --- what the doors do ------------------------------------------------------------------------------------------

    @cached_property
    def forms(self) -> FormCatalog:
        """The form catalogue: what Kho ships, and the facility's own forms in `{home}/forms`."""
        own = self.folder / "forms"
        return FormCatalog.load(own if own.is_dir() else None)

    @cached_property
    def face(self) -> Face:
        """What every document shows of the facility."""
        told = self.facility
        return Face(
            FacilityFace(FacilityCode(told.code), told.name, told.authority, told.address),
            told.public_url,
            self.settings.demo,
        )

    @cached_property
    def accession(self) -> AccessionDesk:
        """The one way in. Raises ReadOnlyHome, and VaultError from a store that does not keep its locks."""
        sealer, _ = self.sealer, self.checkpoint_signer
        if self.vault.assurance is Assurance.STORE:
            self.vault.check_lock_is_kept()
        return AccessionDesk(
            catalog=self.catalog,
            vault=self.vault,
            sequencer=self.sequencer,
            leases=self.leases,
            forms=self.forms,
            renderer=Renderer(),
            sealer=sealer,
            spool=Spool(self.folder / "spool"),
            face=self.face,
            clock=self.clock,
        )

    @cached_property
    def locks(self) -> LockKeeper:
        """Extends and renews locks."""
        return LockKeeper(self.catalog, self.vault, self.code, self.clock)

    @cached_property
    def deposits(self) -> DepositDesk:
        """Deposits charts. Raises ReadOnlyHome."""
        _ = self.checkpoint_signer
        return DepositDesk(
            catalog=self.catalog,
            sequencer=self.sequencer,
            leases=self.leases,
            outbox=self.outbox,
            facility=self.code,
            rules=schedule(),
            clock=self.clock,
        )

    @cached_property
    def packets(self) -> PacketDesk:
        """Makes referral packets. Raises ReadOnlyHome."""
        _ = self.checkpoint_signer
        return PacketDesk(
            catalog=self.catalog,
            vault=self.vault,
            sequencer=self.sequencer,
            leases=self.leases,
            outbox=self.outbox,
            sealer=self.sealer,
            facility=self.facility,
            test=self.settings.demo,
            clock=self.clock,
        )

    @cached_property
    def index(self) -> TantivyIndex:
        """The search index; one that cannot be used is made and fed again. Raises IndexBusy while another does so."""
        try:
            index = TantivyIndex(self._index_folder)
        except IndexUnusable:
            self._remake_index()
            index = TantivyIndex(self._index_folder)
        self._closing.callback(index.close)
        return index

    @property
    def _index_folder(self) -> Path:
        return self.folder / "index"

    def _remake_index(self) -> int:
        with TantivyIndex.remade(self._index_folder) as index:
            return IndexFeeder(self.catalog, index, self.code).feed_all()

    @cached_property
    def outbox(self) -> Outbox:
        """What follows the acts: locks, ledger, index."""
        return Outbox(
            self.catalog,
            self.code,
            self.leases,
            {"locks": self.locks.settle, "ledger": self._publish_ledger, "index": self._feed_index},
        )

    def _publish_ledger(self, _subjects: frozenset[str]) -> None:
        told, signer = self.facility, self.checkpoint_signer
        LedgerPublisher(self.catalog, self.vault, self.code, told.ledger_origin, signer, self.clock).publish()

    def _feed_index(self, subjects: frozenset[str]) -> None:
        try:
            IndexFeeder(self.catalog, self.index, self.code).feed(subjects)
        finally:
            self.index.release_writer()

    def follow_up(self) -> None:
        """Do what the outbox holds, and renew locks that end soon. Writing commands call it at their end."""
        self.outbox.drain("locks", "ledger")
        with contextlib.suppress(IndexBusy):  # whoever holds the writer drains the same outbox
            self.outbox.drain("index")
        self.locks.renew()

    @cached_property
    def checker(self) -> Checker:
        """Checks the archive's health; only reads."""
        return Checker(self.catalog, self.vault, self.facility_code_of_archive, self.outbox, self.clock)

    @property
    def facility_code_of_archive(self) -> FacilityCode:
        """The code of a facility whose act 0 is applied. Raises NoArchive."""
        return FacilityCode(self.facility.code)

    def rebuild(self) -> Rebuilt:
        """Make catalogue and index anew from the vault alone."""
        acts, documents = rebuild_catalogue(self.catalog, self.sequencer, self.code, self.leases)
        indexed = self.outbox.fulfil("index", self._remake_index)
        return Rebuilt(acts, documents, indexed)
