"""What the intake refuses is kept with what to do, within departments; no intake fails for it."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog

from api.bulk.load import BulkLoad
from api.home import Home
from api.refusals import recorder
from api.refusals.kept import Refusal, RefusalFilter, Refusals, Source
from api.refusals.remedies import remedies
from api.stop import Stop
from api.writing.intake import Intake
from archive.access.actor import Actor
from archive.access.scope import Scope
from archive.base.errors import Denied, Fault, NotFound
from archive.base.messages.loader import fault_texts
from ingest.submission import Stated
from tests.api.watching.watched import watch
from tests.fixtures.browsing import counted_queries
from tests.fixtures.home import CLERK, chart, paper, take

K01 = Actor("khoa1", "clerk")


def wrong(number: int = 1, **changes: Any) -> dict[str, Any]:
    """Return a chart whose patient lacks a name."""
    whole = chart(number, **changes)
    return {**whole, "patient": {**whole["patient"], "name": ""}}


def send(home: Home, record: Any, name: str = "a.json", source: Source = Source.REST) -> None:
    data = record if isinstance(record, bytes) else json.dumps(record).encode()
    list(Intake(home.open_for_writing(), CLERK, home.scope, source=source).take(name, data))


def refused(home: Home, state: str | None = None, *departments: str) -> list[Refusal]:
    scope = Scope(home.code, frozenset(departments) or None)
    refusals = home.open_for_reading().refusals
    return list(
        refusals.listed(RefusalFilter(state), 50, 0, K01, scope).refusals  # type: ignore[arg-type]
    )


@pytest.fixture
def home(fresh_home: Callable[[], Home]) -> Home:
    return fresh_home()


def test_a_refusal_says_what_came_from_whom_and_what_is_wrong(home: Home) -> None:
    send(home, wrong())
    (kept,) = refused(home)
    assert (kept.source, kept.sender, kept.name) == (Source.REST, CLERK.name, "a.json")
    assert [fault.path for fault in kept.faults] == ["/patient/name"]
    assert kept.department == "K01"
    assert remedies(kept)[-1].vi.startswith("Sau khi sửa, gửi lại từ phần mềm HIS")


def test_nothing_of_the_patient_is_kept(home: Home) -> None:
    send(home, wrong())
    with home.catalog.read() as session:
        rows = str(session.connection().exec_driver_sql("SELECT * FROM intake_refusal").fetchall())
    for secret in ("LK000001", "BN000001", "000180000001", "1980-05-01", "J18.9"):
        assert secret not in rows


def test_the_same_again_is_counted_also_under_another_name(home: Home) -> None:
    send(home, wrong())
    send(home, wrong(message="m2"), "b.json")
    (kept,) = refused(home)
    assert (kept.times, kept.name) == (2, "b.json")
    send(home, wrong(2))
    assert len(refused(home)) == 2


def test_a_later_success_of_the_chart_by_the_same_way_settles_it(home: Home) -> None:
    send(home, wrong())
    send(home, chart(), "c.json", Source.COMMAND)
    assert [kept.settled_at for kept in refused(home)] == [None]
    send(home, chart(papers=[paper("2")]), "c.json")
    (kept,) = refused(home, "settled")
    assert kept.settled_by is None
    send(home, wrong())
    (kept,) = refused(home, "open")
    assert kept.times == 2


def test_a_later_success_of_the_file_settles_what_named_no_chart(home: Home) -> None:
    send(home, b"{")
    send(home, chart(2), "another.json")
    assert len(refused(home, "open")) == 1
    send(home, chart(1))
    assert refused(home, "open") == []


def test_a_chart_beside_it_in_one_file_settles_nothing(home: Home) -> None:
    recorder_ = Intake(home.open_for_writing(), CLERK, home.scope).recorder
    fault = Fault.of("sources", "/HOSO[1]", "chart.key_missing")
    recorder_.refused("two.xml#1", [fault])
    recorder_.archived("two.xml#2", Stated("LK2", None))
    recorder_.flush()
    assert len(refused(home, "open")) == 1


def test_people_see_the_refusals_of_their_departments(home: Home) -> None:
    send(home, wrong(1))
    send(home, wrong(2))
    send(home, b"{", "unknown.json")
    assert {kept.department for kept in refused(home)} == {"K01", "K02", None}
    assert [kept.department for kept in refused(home, None, "K01")] == ["K01"]
    refusals, k01 = home.open_for_reading().refusals, Scope(home.code, frozenset({"K01"}))
    assert refusals.open_count(K01, k01) == 1
    other = next(kept for kept in refused(home) if kept.department == "K02")
    with pytest.raises(NotFound):
        refusals.settle(other.id, K01, k01)
    with pytest.raises(Denied):
        refusals.listed(RefusalFilter(), 1, 0, Actor("doc", "reader"), home.scope)


def test_a_refusal_of_several_departments_is_seen_by_each_of_them(home: Home) -> None:
    whole = wrong()
    send(home, whole | {"chart": whole["chart"] | {"department": "K03; K19"}})
    for seen in ("K03", "K19"):
        assert [kept.department for kept in refused(home, None, seen)] == ["K03;K19"]
    for unseen in ("K1", "k03", "03", "%"):
        assert refused(home, None, unseen) == []


def test_what_a_person_of_a_department_sent_at_a_page_is_seen_by_that_person(home: Home) -> None:
    k01 = Scope(home.code, frozenset({"K01"}))
    intake = Intake(home.open_for_writing(), K01, k01, source=Source.PAGE)
    list(intake.take("unknown.json", b"{"))
    assert [kept.name for kept in refused(home, None, "K01")] == ["unknown.json"]


def test_a_clerk_settles_it_once(home: Home) -> None:
    send(home, wrong())
    refusals, (kept,) = home.open_for_reading().refusals, refused(home)
    first = refusals.settle(kept.id, K01, home.scope)
    assert first.settled_by == "khoa1"
    assert refusals.settle(kept.id, CLERK, home.scope) == first


def test_refusals_are_forgotten_after_the_set_time(home: Home) -> None:
    send(home, wrong())
    kept = home.open_for_reading().refusals
    kept.purge()
    assert len(refused(home)) == 1

    class Later:
        def now(self) -> Any:
            return home.clock.now() + timedelta(days=30)

    Refusals(home.catalog, home.code, 30, Later()).purge()
    assert refused(home) == []


def test_number_and_size_are_bounded_and_one_sender_does_not_drive_out_others(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorder, "MOST_OF_SENDER", 20)
    monkeypatch.setattr(recorder, "MOST", 40)
    send(home, b"{", "theirs.json")
    flood = Intake(home.open_for_writing(), Actor("flood", "his"), home.scope).recorder
    fault = Fault.of("sources", "/" + "x" * 5000, "json.malformed", line="x" * 5000, column=1)
    for number in range(100):
        flood.refused(f"{number}-{'n' * 5000}", [fault] * 200)
    flood.flush()
    listed = refused(home)
    assert len([kept for kept in listed if kept.sender == "flood"]) <= 20
    assert "theirs.json" in {kept.name for kept in listed}
    newest = listed[0]
    assert newest.fault_count == 200
    assert len(newest.faults) == recorder.MOST_FAULTS
    assert len(newest.name) == len(newest.faults[0].path) == recorder.LONGEST


def test_a_catalogue_that_takes_no_refusal_changes_no_answer(home: Home) -> None:
    intake = Intake(home.open_for_writing(), CLERK, home.scope)
    with home.catalog.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE intake_refusal")
    with structlog.testing.capture_logs() as lines:
        (result,) = intake.take("a.json", json.dumps(wrong()).encode())
        (archived,) = intake.take("b.json", json.dumps(chart()).encode())
    assert result.faults
    assert archived.receipts
    assert {line["event"] for line in lines} >= {"refusals.not_kept"}


def test_an_archived_chart_costs_one_look(home: Home) -> None:
    take(home, chart())
    intake = Intake(home.open_for_writing(), CLERK, home.scope)
    with counted_queries(home) as statements:
        list(intake.take("a.json", json.dumps(chart()).encode()))
    assert len([text for text in statements if "intake_refusal" in text]) == 1


def test_a_watched_folder_and_a_manifest_are_kept_too(home: Home, tmp_path: Path) -> None:
    watched = tmp_path / "watched"
    watched.mkdir()
    (watched / "bad.json").write_text(json.dumps(wrong()))
    watch(home, watched)
    (tmp_path / "m.csv").write_text("x,y\n1,2\n")
    load = BulkLoad(home.open_for_writing(), CLERK, home.scope, tmp_path / "m.csv", stop=Stop())
    with pytest.raises(Exception, match="fault"):
        load.validate()
    assert {(kept.source, kept.name) for kept in refused(home)} == {
        (Source.WATCH, "bad.json"),
        (Source.COMMAND, "m.csv"),
    }


def test_every_fault_has_a_remedy(home: Home) -> None:
    send(home, wrong())
    (kept,) = refused(home)
    for area in ("sources", "accession", "manifest", "requests"):
        for code in fault_texts(area):
            fault = Fault("/", code, fault_texts(area)[code])
            assert len(remedies(_with(kept, fault))) == 2


def _with(kept: Refusal, fault: Fault) -> Refusal:
    return replace(kept, faults=(fault,))
