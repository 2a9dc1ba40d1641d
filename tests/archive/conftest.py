"""A ground floor alone: catalogue, folder vault and sequencer, without keys or servers."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from archive.acts.envelope import ActActor, Draft
from archive.acts.facility import SCHEMA, Facility
from archive.catalog.database import Catalog
from archive.clock import FixedClock
from archive.identifiers import FacilityCode
from archive.leases import FileLeases
from archive.ledger.checkpoint import CheckpointSigner
from archive.sequencer import Maker, Sequencer
from archive.vault.contract import Vault
from archive.vault.folder import FolderVault
from archive.vault.policy import rolling_until

CODE = FacilityCode("99001")
ORIGIN = "kho/99001/test"
SIGNER = CheckpointSigner(ORIGIN, Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
NOON = datetime(2026, 11, 22, 5, 0, tzinfo=UTC)


@dataclass
class Ground:
    """One archive's ground floor in a folder."""

    folder: Path
    clock: FixedClock
    catalog: Catalog
    vault: Vault
    leases: FileLeases

    def sequencer(self, vault: Vault | None = None) -> Sequencer:
        """Return a sequencer of its own, as another process would have."""
        return Sequencer(self.catalog, vault or self.vault, CODE, self.leases, self.clock, lambda: SIGNER)

    def another(self, name: str) -> "Ground":
        """Return a ground floor with a catalogue of its own over the same vault."""
        return make_ground(self.folder / name, self.vault, self.clock)


def make_ground(folder: Path, vault: Vault, clock: FixedClock) -> Ground:
    """Make a ground floor with its catalogue in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    return Ground(folder, clock, Catalog.open(folder / "catalog.db"), vault, FileLeases(folder / "leases"))


@pytest.fixture
def ground(tmp_path: Path) -> Iterator[Ground]:
    """A ground floor without any act."""
    clock = FixedClock(NOON)
    made = make_ground(tmp_path / "home", FolderVault(tmp_path / "vault", clock), clock)
    yield made
    made.catalog.close()


def drafted(clock: FixedClock, schema: str, facts: dict[str, object]) -> Maker:
    """Return a maker of one draft without a chart."""
    draft = Draft(schema_name=schema, actor=ActActor(name="Thử", role="clerk"), chart=None, facts=facts)
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
