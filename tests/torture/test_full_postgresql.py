"""PostgreSQL's disk is full: each command says so and stops, nothing acknowledged is lost, and with
room it goes on.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from archive.acts.envelope import Act
from archive.base.clock import FixedClock
from archive.base.errors import Unavailable
from archive.catalog import projection
from archive.catalog.advisory_leases import AdvisoryLeases
from archive.catalog.database import Catalog
from archive.catalog.postgresql import Postgres
from archive.coordination.sequencer import Sequencer
from archive.vault.folder import FolderVault
from tests.archive.conftest import CODE, NOON, SIGNER, act_zero, make_ground, new_chain
from tests.archive.coordination.test_sequencer import dump
from tests.fixtures.postgres import OWN_MOUNTS, OWNER, PostgresServer

DISK = "40m"
# bytes that are left when the test begins; its acts are of 10 kB, which do not compress
ROOM = 600_000


@pytest.fixture
def cramped() -> Iterator[PostgresServer]:
    """A server with a small disk of its own."""
    if os.geteuid() != 0 or subprocess.run([*OWN_MOUNTS, "true"], capture_output=True).returncode:
        pytest.skip("no mount namespace here (root, unshare --mount)")
    server = PostgresServer(Path(tempfile.mkdtemp(prefix="kho-pg-")), disk=DISK)
    try:
        server.make()
        server.run(f"CREATE TABLESPACE small OWNER {OWNER} LOCATION '{server.folder / 'small'}'")
        yield server
    finally:
        server.stop()
        shutil.rmtree(server.folder, ignore_errors=True)


def append_until_refused(sequencer: Sequencer, clock: FixedClock) -> Iterator[Act]:
    """Append acts of 10 kB until the disk is full; yield the acknowledged ones."""
    for _ in range(1000):
        act = sequencer.append(new_chain(clock, os.urandom(5000).hex()))
        assert act is not None
        yield act


def test_a_full_disk_loses_nothing(cramped: PostgresServer, tmp_path: Path) -> None:
    name = cramped.fresh()
    cramped.run(f"ALTER DATABASE {name} SET TABLESPACE small")
    clock = FixedClock(NOON)
    vault = FolderVault(tmp_path / "vault", clock)
    database = Postgres(cramped.url(name))
    catalog = Catalog.open(database)
    sequencer = Sequencer(catalog, vault, CODE, AdvisoryLeases(database), clock, lambda: SIGNER)
    sequencer.append(act_zero(clock))

    ballast = cramped.small / "ballast"
    ballast.write_bytes(bytes(shutil.disk_usage(cramped.small).free - ROOM))
    acknowledged: list[Act] = []
    with pytest.raises(Unavailable, match=r"postgresql.*No space left on device \(53100\)"):
        acknowledged.extend(append_until_refused(sequencer, clock))
    assert acknowledged
    with pytest.raises(Unavailable, match="postgresql"):
        acknowledged.extend(append_until_refused(sequencer, clock))

    ballast.unlink()
    assert sequencer.append(new_chain(clock, "with room again")) is not None
    with catalog.read() as session:
        lines = list(projection.lines(session))
    catalog.close()
    embedded = make_ground(tmp_path / "embedded", vault, clock)
    embedded.sequencer().catch_up()
    assert lines == dump(embedded)
    embedded.catalog.close()
    for act in acknowledged:
        assert any(act.digest().encode() in line for line in lines)
