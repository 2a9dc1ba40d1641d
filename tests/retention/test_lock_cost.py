"""What a new act costs does not grow with the archive: statements, and steps of the database."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import event

from api.home import Home
from archive.base.clock import FixedClock
from archive.base.identifiers import ObjectKey, sha256
from archive.catalog.base import Base
from archive.catalog.operations import ObservationRow
from archive.catalog.rows import insert_rows
from archive.catalog.tables import ActRow, ChartRow, LedgerNodeRow, StoredObjectRow
from archive.ledger import merkle
from archive.vault.policy import rolling_until
from tests.archive.conftest import new_chain

STEPS = 100  # of SQLite's virtual machine: the grain of the count


@dataclass
class Cost:
    """What a piece of work asked of the catalogue."""

    steps: int = 0
    said: list[str] = field(default_factory=list)


@contextmanager
def counted(home: Home) -> Iterator[Cost]:
    """Count the statements of the catalogue, and the steps that SQLite takes for them."""
    cost = Cost()

    def before(_connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        cost.said.append(statement)
        cursor.connection.set_progress_handler(step, STEPS)

    def step() -> int:
        cost.steps += STEPS
        return 0

    event.listen(home.catalog.engine, "before_cursor_execute", before)
    try:
        yield cost
    finally:
        event.remove(home.catalog.engine, "before_cursor_execute", before)


def grow(home: Home, acts: int) -> None:
    """Give the catalogue `acts` more acts, of charts deposited long ago and of no chart.

    Their rows only, for nothing here reads these acts; the vault must hold the newest one.
    """
    nodes: dict[tuple[int, int], bytes] = {}
    rows: dict[type[Base], list[dict[str, Any]]] = defaultdict(list)
    with home.catalog.write() as session:
        template = session.query(ActRow).one()
        for node in session.query(LedgerNodeRow):
            nodes[node.level, node.position] = node.hash
        for index in range(1, acts + 1):
            digest = sha256(f"act {index}".encode())
            _add(rows, template, index, digest, home.clock.now())
            leaf = merkle.leaf_hash(merkle.entry(digest))
            for level, position, value in merkle.appended(index, leaf, lambda *at: nodes[at]):
                nodes[level, position] = value
                node_row = {
                    "facility": home.code,
                    "level": level,
                    "position": position,
                    "hash": value,
                }
                rows[LedgerNodeRow].append(node_row)
        for table in (ChartRow, ActRow, StoredObjectRow, ObservationRow, LedgerNodeRow):
            insert_rows(session, table, *rows[table])
    key = ObjectKey(rows[ActRow][-1]["object_key"])
    until = rolling_until(home.clock.now())
    newest = home.vault.put(key, b"{}", retain_until=until, media_type="application/json")
    with home.catalog.write() as session:
        session.get_one(StoredObjectRow, key).object_version = newest.version


def _add(
    rows: dict[type[Base], list[dict[str, Any]]],
    template: ActRow,
    index: int,
    digest: str,
    now: datetime,
) -> None:
    chart_id = f"chart-{index}" if index % 2 else None
    key = f"{template.facility}/acts/{index:012}-{digest}.json"
    place = {"object_key": key, "object_version": "v"}
    names = ("schema", "time", "actor_name", "actor_role", "size", "facility")
    # A chart's term is over, or the lock reaches its date: nothing is due.
    until = now - timedelta(days=1) if index % 4 == 1 else now + timedelta(days=9000)
    act = {name: getattr(template, name) for name in names}
    rows[ActRow].append(
        act | {"index": index, "digest": digest, "chart_id": chart_id, "object_key": key}
    )
    rows[StoredObjectRow].append(
        place
        | {
            "facility": template.facility,
            "act_index": index,
            "chart_id": chart_id,
            "kind": "act",
            "sha256": digest,
            "size": 1,
            "media_type": "application/json",
        }
    )
    rows[ObservationRow].append(
        place
        | {
            "lock_mode": "COMPLIANCE",
            "retain_until": until,
            "observed_at": now - timedelta(days=400),
            "due_at": None,
        }
    )
    if chart_id is not None:
        rows[ChartRow].append(
            {
                "id": chart_id,
                "facility": template.facility,
                "episode": f"E{index}",
                "kind": "inpatient",
                "diagnoses": [],
                "state": "deposited",
                "archive_number": f"2000-{index}",
                "retain_until": until,
                "opened_at": now,
            }
        )


def cost_of_one_act(home: Home, acts: int) -> Cost:
    """Return what one more act costs behind `acts` acts: the act, the locks that follow, the look
    at what is due.
    """
    grow(home, acts)
    clock = FixedClock(home.clock.now())
    warm, measured = (new_chain(clock, text) for text in ("first", "second"))
    home.sequencer.append(warm)
    home.follow_ups.outbox.drain("locks")
    with counted(home) as cost:
        act = home.sequencer.append(measured)
        home.follow_ups.outbox.drain("locks")
        assert home.follow_ups.locks.renew() == 0
    assert act is not None
    assert act.index == acts + 2
    return cost


def test_an_act_behind_fifty_thousand_costs_what_it_costs_behind_a_thousand(
    fresh_home: Callable[[], Home],
) -> None:
    few, many = cost_of_one_act(fresh_home(), 1_000), cost_of_one_act(fresh_home(), 50_000)
    assert many.said == few.said
    assert 0 < many.steps <= 1.1 * few.steps + STEPS
