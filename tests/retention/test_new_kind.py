"""A new kind of act is its own file and a line of the registry: its objects are locked, checked,
repaired, dumped and rebuilt like all others.
"""

import json
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from api.home import Home
from api.upkeep import maintenance
from api.upkeep.maintenance import checker, repairer
from archive.acts import apply
from archive.acts.apply import ActKind
from archive.acts.envelope import Act, ActActor, ActObject, Draft
from archive.base.clock import FixedClock, SystemClock, parse_iso
from archive.base.facts import Strict
from archive.base.identifiers import ChartId, ObjectKey, sha256
from archive.catalog import projection
from archive.vault.policy import fixed_until, rolling_until
from tests.fixtures.home import CLERK, chart, take

SCHEMA = "kho/act/note/1"
BODY = b"a note"


class Note(Strict):
    """The facts of the new kind."""

    said: str


def _apply(_session: Session, _act: Act, _facts: Note) -> None:
    """Write nothing: the act changes no other table."""


@pytest.fixture
def note(monkeypatch: pytest.MonkeyPatch) -> None:
    """The registry with one more kind."""
    monkeypatch.setitem(apply.KINDS, SCHEMA, ActKind(Note, _apply, brings="note"))


def append_note(home: Home, chart_id: ChartId | None) -> Act:
    """Put a note into the vault and append the act that brings it."""
    key = ObjectKey(f"{home.code}/notes/{chart_id or 'none'}.txt")
    until = rolling_until(home.clock.now())
    stored = home.vault.put(key, BODY, retain_until=until, media_type="text/plain")
    brought = ActObject(
        key=key,
        version=stored.version,
        sha256=sha256(BODY),
        size=len(BODY),
        media_type="text/plain",
    )
    draft = Draft(
        schema_name=SCHEMA,
        actor=ActActor(name=CLERK.name, role=CLERK.role),
        chart=chart_id,
        facts={"said": "a note"},
        objects=(brought,),
        seen=(stored,),
    )
    act = home.sequencer.append(lambda _: (draft, until))
    assert act is not None
    home.follow_ups.run()
    return act


def faults(home: Home) -> set[tuple[str, str]]:
    return {(f.kind.code, f.object) for f in checker(home).check(read_data=True).faults}


def dump(home: Home) -> list[bytes]:
    with home.catalog.read() as session:
        return list(projection.lines(session))


@pytest.mark.usefixtures("note")
@pytest.mark.parametrize("of_chart", [True, False], ids=["of a chart", "of no chart"])
def test_a_new_kind_of_act_is_locked_checked_repaired_dumped_and_rebuilt(
    fresh_home: Callable[[], Home], of_chart: bool
) -> None:
    home = fresh_home()
    (result,) = take(home, chart(1))
    chart_id = ChartId(result.receipts[0].chart_id)
    act = append_note(home, chart_id if of_chart else None)
    (brought,) = act.objects
    key = ObjectKey(brought.key)

    # Lock: by the rolling period, then until the chart's date; without a chart until its fixed
    # date.
    until = home.open_for_writing().deposits.deposit(chart_id, CLERK, home.scope).retain_until
    home.follow_ups.run()
    lock = home.vault.stat(key, brought.version).lock
    assert lock is not None
    assert lock.retain_until == (until if of_chart else fixed_until(_time_of(act)))
    assert faults(home) == set()

    # Check and repair.
    (home.folder / "vault" / f"{key}.lock").unlink()
    assert faults(home) == {("object.lock_missing", key)}
    list(repairer(home).run())
    lock = home.vault.stat(key, brought.version).lock
    assert lock is not None
    assert lock.retain_until >= rolling_until(home.clock.now()) - timedelta(days=1)
    assert faults(home) == set()
    (home.folder / "vault" / key).chmod(0o600)
    (home.folder / "vault" / key).write_bytes(b"a lie!")
    assert ("object.damaged", key) in faults(home)
    (home.folder / "vault" / key).write_bytes(BODY)

    # Dump and rebuild.
    said = dump(home)
    assert any(json.loads(line).get("object_key") == key for line in said)
    maintenance.rebuild(home)
    assert dump(home) == said
    home.follow_ups.run()
    assert faults(home) == set()


@pytest.mark.usefixtures("note")
def test_what_belongs_to_no_chart_is_locked_once_and_never_renewed(
    fresh_home: Callable[[], Home],
) -> None:
    home = fresh_home()
    append_note(home, None)
    home.close()
    later = FixedClock(SystemClock().now() + timedelta(days=3000))
    with Home(home.settings, later) as then:
        assert then.follow_ups.locks.renew() == 0
        codes = {fault.kind.code for fault in checker(then).check().faults}
        assert codes == {"certificate.ended"}  # the seal's, after eight years


def _time_of(act: Act) -> datetime:
    return parse_iso(act.time)
