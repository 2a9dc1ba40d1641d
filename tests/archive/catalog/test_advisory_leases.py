"""A lease on PostgreSQL ends with its session, and a holder that has lost it writes nothing under
it any more.
"""

import pytest

from archive.base.errors import Unavailable
from archive.base.leases import LeaseHeld
from archive.catalog.advisory_leases import AdvisoryLeases
from archive.catalog.database import Catalog
from archive.catalog.errors import TransactionLost
from archive.catalog.operations import OutboxRow
from archive.catalog.postgresql import Postgres
from tests.archive.conftest import Ground
from tests.fixtures.postgres import PostgresServer


def test_a_server_that_is_away_is_named(postgres: PostgresServer) -> None:
    nowhere = Postgres(postgres.url("nothing").replace("5432", "5433"))
    with pytest.raises(Unavailable, match="postgresql"), AdvisoryLeases(nowhere).hold("a"):
        pass


def test_a_process_that_lost_the_lease_writes_nothing_under_it(
    postgres_ground: Ground, postgres: PostgresServer
) -> None:
    def write_too_late(held: Catalog) -> None:
        with held.write() as session:
            session.add(OutboxRow(facility="99001", topic="index", subject="too late"))
            session.flush()
            assert postgres.end_holders(database(postgres_ground)) == 1
            with postgres_ground.leases.hold("a", timeout=5):
                pass  # another has it, while we do not know yet

    with postgres_ground.leases.hold("a") as lease:
        held = postgres_ground.catalog.under(lease)
        # the second time, too, no other session takes the place of the one that is over
        for _ in range(2):
            with pytest.raises(TransactionLost):
                write_too_late(held)
    with postgres_ground.catalog.read() as session:
        assert session.query(OutboxRow).count() == 0


def test_a_lease_that_was_lost_while_nothing_was_written_does_no_harm(
    postgres_ground: Ground, postgres: PostgresServer
) -> None:
    with postgres_ground.leases.hold("a"):
        assert postgres.end_holders(database(postgres_ground)) == 1
    with postgres_ground.leases.hold("a", timeout=0):
        pass


def test_asking_in_vain_costs_no_session(postgres_ground: Ground, postgres: PostgresServer) -> None:
    def sessions() -> list[tuple[object, ...]]:
        with pytest.raises(LeaseHeld), postgres_ground.leases.hold("a", timeout=0):
            pass
        query = (
            f"SELECT pid FROM pg_stat_activity WHERE datname = '{database(postgres_ground)}' "
            "ORDER BY pid"
        )
        return list(postgres.run(query))

    with postgres_ground.leases.hold("a"):
        assert sessions() == sessions()


def test_a_name_cannot_be_read_in_the_server(
    postgres_ground: Ground, postgres: PostgresServer
) -> None:
    with postgres_ground.leases.hold("chart/99001/LK000001"):
        (row,) = postgres.run(
            "SELECT query FROM pg_stat_activity JOIN pg_locks USING (pid) WHERE locktype = "
            "'advisory'"
            f" AND datname = '{database(postgres_ground)}'"
        )
    assert "LK000001" not in str(row)


def database(ground: Ground) -> str:
    """Return the name of the ground's database."""
    with ground.catalog.engine.connect() as connection:
        return str(connection.exec_driver_sql("SELECT current_database()").scalar())
