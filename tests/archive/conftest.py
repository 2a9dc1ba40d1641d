"""A ground floor alone, on each engine of the catalogue: catalogue, folder vault and sequencer,
without keys.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from archive.acts.envelope import ActActor, Draft
from archive.acts.facility import SCHEMA, Facility
from archive.base.clock import FixedClock
from archive.base.identifiers import FacilityCode
from archive.base.leases import FileLeases, Leases
from archive.catalog.advisory_leases import AdvisoryLeases
from archive.catalog.database import Catalog
from archive.catalog.postgresql import Postgres
from archive.coordination.sequencer import Maker, Sequencer
from archive.ledger.checkpoint import CheckpointSigner
from archive.ledger.store import LedgerPublisher
from archive.vault.contract import Vault
from archive.vault.folder import FolderVault
from archive.vault.policy import rolling_until
from tests.fixtures.postgres import PostgresServer, fresh_database

CODE = FacilityCode("99001")
ORIGIN = "kho/99001/test"
SIGNER = CheckpointSigner(ORIGIN, Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
NOON = datetime(2026, 11, 22, 5, 0, tzinfo=UTC)


ENGINES = ("sqlite", "postgresql")


@dataclass
class Ground:
    """One archive's ground floor: a catalogue of `engine`'s make over a vault."""

    engine: "Engine"
    folder: Path
    clock: FixedClock
    vault: Vault
    catalog: Catalog
    leases: Leases

    def sequencer(self, vault: Vault | None = None) -> Sequencer:
        """Return a sequencer of its own, as another process would have."""
        return Sequencer(
            self.catalog, vault or self.vault, CODE, self.leases, self.clock, lambda: SIGNER
        )

    def publisher(self, signer: CheckpointSigner = SIGNER) -> LedgerPublisher:
        """Return a publisher of its own, as another process would have it."""
        signed = self.sequencer().signed
        return LedgerPublisher(self.catalog, self.vault, CODE, signer, self.clock, signed.digests)

    def another(self, name: str) -> "Ground":
        """Return a ground floor with a catalogue of its own over the same vault."""
        return self.engine.ground(self.folder / name, self.vault, self.clock)


class Engine:
    """Makes catalogues of one make, and takes them away at the end."""

    def __init__(
        self, name: str, server: PostgresServer | None, template: str, closing: ExitStack
    ) -> None:
        self.name, self._server, self._template, self._closing = name, server, template, closing

    def ground(self, folder: Path, vault: Vault, clock: FixedClock) -> Ground:
        """Make a ground floor with its catalogue in `folder`, or in a database of its own."""
        folder.mkdir(parents=True, exist_ok=True)
        catalog, leases = self.catalogue(folder)
        return Ground(self, folder, clock, vault, catalog, leases)

    def catalogue(self, folder: Path) -> tuple[Catalog, Leases]:
        """Make a catalogue with its leases."""
        if self._server is None:
            catalog, leases = Catalog.open(folder / "catalog.db"), FileLeases(folder / "leases")
            self._closing.callback(catalog.close)
            return catalog, leases
        database = Postgres(
            self._closing.enter_context(fresh_database(self._server, self._template))
        )
        catalog = Catalog.open(database)
        self._closing.callback(catalog.close)
        return catalog, AdvisoryLeases(database)


def make_ground(folder: Path, vault: Vault, clock: FixedClock) -> Ground:
    """Make an embedded ground floor with its catalogue in `folder`; the caller closes the
    catalogue.
    """
    return Engine("sqlite", None, "", ExitStack()).ground(folder, vault, clock)


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """Each make of catalogue in turn."""
    server, template = None, ""
    if request.param == "postgresql":
        server, template = (
            request.getfixturevalue("postgres"),
            request.getfixturevalue("postgres_template"),
        )
    with ExitStack() as closing:
        yield Engine(request.param, server, template, closing)


@pytest.fixture
def ground(engine: Engine, tmp_path: Path) -> Ground:
    """A ground floor without any act."""
    return _empty_ground(engine, tmp_path)


@pytest.fixture
def postgres_ground(
    postgres: PostgresServer, postgres_template: str, tmp_path: Path
) -> Iterator[Ground]:
    """A ground floor without any act, on PostgreSQL."""
    with ExitStack() as closing:
        yield _empty_ground(Engine("postgresql", postgres, postgres_template, closing), tmp_path)


def _empty_ground(engine: Engine, folder: Path) -> Ground:
    clock = FixedClock(NOON)
    return engine.ground(folder / "home", FolderVault(folder / "vault", clock), clock)


def drafted(clock: FixedClock, schema: str, facts: dict[str, object]) -> Maker:
    """Return a maker of one draft without a chart."""
    draft = Draft(
        schema_name=schema, actor=ActActor(name="Thử", role="clerk"), chart=None, facts=facts
    )
    return lambda _: (draft, rolling_until(clock.now()))


def act_zero(clock: FixedClock) -> Maker:
    """Return the maker of act 0."""
    facts = Facility(
        name="Bệnh viện Thử",
        authority="Sở Thử",
        address="",
        public_url=None,
        ledger_origin=ORIGIN,
        ledger_key=str(SIGNER.verifier),
        seal_chain="chain 0",
    )
    return drafted(clock, SCHEMA, facts.model_dump(mode="json"))


def new_chain(clock: FixedClock, text: str) -> Maker:
    """Return the maker of a seal-chain act: the simplest act there is."""
    return drafted(clock, "kho/act/seal-chain/1", {"pem": text})
