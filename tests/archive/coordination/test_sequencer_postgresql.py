"""On PostgreSQL a broken connection, wherever it breaks, leaves an act whole and once: no gap, no
double, no fork.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.acts.envelope import Draft
from archive.base.errors import Misconfigured
from archive.base.identifiers import FacilityCode
from archive.base.leases import LeaseHeld
from archive.catalog import projection
from archive.catalog.advisory_leases import AdvisoryLeases
from archive.catalog.database import Catalog
from archive.catalog.errors import TransactionLost
from archive.catalog.operations import PendingActRow
from archive.catalog.postgresql import Postgres
from archive.catalog.tables import ActRow, FacilityRow, SealChainRow
from archive.coordination.sequencer import TRIES, Sequencer
from tests.archive.catalog.test_advisory_leases import database
from tests.archive.conftest import CODE, SIGNER, Ground, act_zero, make_ground, new_chain
from tests.archive.coordination.test_sequencer import chains, dump
from tests.fixtures.cutting import CuttingProxy, cutting
from tests.fixtures.postgres import PostgresServer

# Each request of an append, in order; an append has two commits: the pending act, and the applied
# one.
REQUESTS = [
    (b"pg_try_advisory_lock", 1),
    (b"FROM pending_act", 1),
    (b"SAVEPOINT", 1),
    (b"INSERT INTO act", 1),
    (b"INSERT INTO pending_act", 1),
    (b"COMMIT\0", 1),
    (b"INSERT INTO act", 2),
    (b"DELETE FROM pending_act", 1),
    (b"COMMIT\0", 2),
    (b"pg_advisory_unlock", 1),
]


@pytest.fixture
def proxy(postgres: PostgresServer) -> Iterator[CuttingProxy]:
    """A knife before the server."""
    with cutting(postgres.folder) as proxy:
        yield proxy


@pytest.fixture
def cut_off(
    postgres_ground: Ground, postgres: PostgresServer, proxy: CuttingProxy
) -> Iterator[Sequencer]:
    """A sequencer on the ground's catalogue that reaches it through the proxy."""
    through = Postgres(
        postgres.url(database(postgres_ground)).replace(postgres.folder.name, proxy.folder.name)
    )
    catalog = Catalog.open(through)
    yield Sequencer(
        catalog,
        postgres_ground.vault,
        CODE,
        AdvisoryLeases(through),
        postgres_ground.clock,
        lambda: SIGNER,
    )
    catalog.close()


def acts_in_vault(ground: Ground) -> int:
    return len({stored.key for stored in ground.vault.list(f"{CODE}/acts/")})


@pytest.mark.parametrize("arrives", [False, True], ids=["lost", "reported lost but persisted"])
@pytest.mark.parametrize(("request_", "nth"), REQUESTS, ids=lambda value: str(value))
def test_an_append_whose_connection_breaks_is_done_once(
    postgres_ground: Ground,
    cut_off: Sequencer,
    proxy: CuttingProxy,
    request_: bytes,
    nth: int,
    arrives: bool,
) -> None:
    cut_off.append(act_zero(postgres_ground.clock))
    proxy.cut(request_, nth=nth, arrives=arrives)
    act = cut_off.append(new_chain(postgres_ground.clock, "cut"))
    assert proxy.cuts == 1
    assert act is not None
    assert act.index == 1
    postgres_ground.sequencer().append(new_chain(postgres_ground.clock, "next"))
    assert chains(postgres_ground) == ["chain 0", "cut", "next"]
    assert acts_in_vault(postgres_ground) == 3
    with postgres_ground.catalog.read() as session:
        assert session.query(PendingActRow).count() == 0


@pytest.mark.parametrize("arrives", [False, True], ids=["lost", "reported lost but persisted"])
def test_an_abandoned_append_says_that_nothing_was_acknowledged(
    postgres_ground: Ground, cut_off: Sequencer, proxy: CuttingProxy, arrives: bool
) -> None:
    cut_off.append(act_zero(postgres_ground.clock))
    tried: list[int] = []

    def make(session: Session) -> tuple[Draft, object] | None:
        tried.append(len(tried))
        proxy.cut(b"COMMIT\0", arrives=arrives)
        return new_chain(postgres_ground.clock, "cut")(session)

    if arrives:
        # The pending act of the first try is found by the second one, which applies it: drafting
        # ends there.
        assert cut_off.append(make) is not None  # type: ignore[arg-type]
        assert tried == [0]
    else:
        with pytest.raises(TransactionLost, match="has not acknowledged"):
            cut_off.append(make)  # type: ignore[arg-type]
        assert len(tried) == TRIES
        assert acts_in_vault(postgres_ground) == 1
    postgres_ground.sequencer().append(new_chain(postgres_ground.clock, "next"))
    assert chains(postgres_ground) == ["chain 0", *(["cut"] if arrives else []), "next"]


def test_an_append_that_may_have_been_done_is_not_reported_as_undone_because_another_has_its_turn(
    postgres_ground: Ground,
    cut_off: Sequencer,
    proxy: CuttingProxy,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cut_off.append(act_zero(postgres_ground.clock))
    hold, asked = AdvisoryLeases.hold, list[str]()

    def once(leases: AdvisoryLeases, name: str, **how: float) -> object:
        asked.append(name)
        if len(asked) > 1:
            raise LeaseHeld
        return hold(leases, name, **how)

    monkeypatch.setattr(AdvisoryLeases, "hold", once)
    proxy.cut(b"COMMIT\0", arrives=True)
    with pytest.raises(TransactionLost, match="has not acknowledged"):
        cut_off.append(new_chain(postgres_ground.clock, "cut"))
    monkeypatch.undo()
    postgres_ground.sequencer().catch_up()
    assert chains(postgres_ground) == ["chain 0", "cut"]


def test_a_holder_that_lost_its_lease_in_the_middle_writes_nothing_and_begins_again(
    postgres_ground: Ground, postgres: PostgresServer
) -> None:
    """The worst moment: drafted, not yet committed; another process appends meanwhile, at the same
    index.
    """
    postgres_ground.sequencer().append(act_zero(postgres_ground.clock))
    interrupted: list[bool] = []

    def make(session: Session) -> object:
        prepared = new_chain(postgres_ground.clock, "ours")(session)
        if not interrupted:
            interrupted.append(True)
            assert postgres.end_holders(database(postgres_ground)) == 1
            postgres_ground.sequencer().append(new_chain(postgres_ground.clock, "theirs"))
        return prepared

    act = postgres_ground.sequencer().append(make)  # type: ignore[arg-type]
    assert act is not None
    assert act.index == 2
    assert chains(postgres_ground) == ["chain 0", "theirs", "ours"]
    assert acts_in_vault(postgres_ground) == 3


def test_both_engines_say_the_same_of_one_vault(postgres_ground: Ground, tmp_path: Path) -> None:
    postgres_ground.sequencer().append(act_zero(postgres_ground.clock))
    for number in range(5):
        postgres_ground.sequencer().append(
            new_chain(postgres_ground.clock, f"chuỗi {number} \U0001f5c4")
        )
    embedded = make_ground(tmp_path / "embedded", postgres_ground.vault, postgres_ground.clock)
    assert embedded.sequencer().catch_up() == 6
    assert dump(embedded) == dump(postgres_ground)
    embedded.catalog.close()


def test_a_rebuild_that_breaks_leaves_the_old_projection(
    postgres_ground: Ground, cut_off: Sequencer, proxy: CuttingProxy
) -> None:
    cut_off.append(act_zero(postgres_ground.clock))
    cut_off.append(new_chain(postgres_ground.clock, "1"))
    before = dump(postgres_ground)
    proxy.cut(b"INSERT INTO act", nth=2, arrives=True)
    with pytest.raises(TransactionLost):
        cut_off.rebuild()
    assert dump(postgres_ground) == before
    cut_off.rebuild()
    assert dump(postgres_ground) == before


def test_while_a_rebuild_is_going_on_the_old_projection_is_read(postgres_ground: Ground) -> None:
    sequencer = postgres_ground.sequencer()
    sequencer.append(act_zero(postgres_ground.clock))
    with postgres_ground.catalog.write() as session:
        projection.empty(session)
        with postgres_ground.catalog.read() as reading:
            assert list(reading.scalars(select(SealChainRow.pem))) == ["chain 0"]
            assert reading.scalar(select(ActRow.index)) == 0
        session.rollback()


def test_a_database_belongs_to_one_facility(postgres_ground: Ground) -> None:
    with postgres_ground.catalog.write() as session:
        session.add(
            FacilityRow(
                code=FacilityCode("99002"),
                name="x",
                authority="",
                address="",
                ledger_origin="x",
                ledger_key="x",
            )
        )
    with pytest.raises(Misconfigured, match="99002"):
        postgres_ground.sequencer().append(act_zero(postgres_ground.clock))
    assert acts_in_vault(postgres_ground) == 0
