"""What papers say is found by those who may read it; nothing tells others of it."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import select

from api.home import Home
from api.writing.intake import Intake
from archive.access import actor as access
from archive.access.actor import Actor, Permission
from archive.access.scope import Scope
from archive.catalog.operations import OutboxRow
from search.contract import Results
from tests.fixtures.finished import Finished
from tests.fixtures.home import CLERK, chart, paper, take
from tests.ingest.sources.charts import b64, envelope, file, hoso, table, xml1

READER = Actor("Bác sĩ Thử", "reader")
CATALOGUE_ONLY = Actor("Tiếp đón Thử", "front-desk")
ASTHMA = paper("1", "Hen phế quản")


def find(home: Home, typed: str, actor: Actor = CLERK, scope: Scope | None = None) -> Results:
    return home.open_for_reading().search.find(typed, actor, scope or home.scope)


@pytest.fixture
def front_desk(monkeypatch: pytest.MonkeyPatch) -> Actor:
    """Return a person who may find charts and may not read them: no role of today is so."""
    roles = {**access._roles(), CATALOGUE_ONLY.role: frozenset({Permission.FIND})}
    monkeypatch.setattr(access, "_roles", lambda: roles)
    return CATALOGUE_ONLY


def test_a_chart_is_found_by_what_a_paper_says(fresh_home: Callable[[], Home]) -> None:
    home = fresh_home()
    first, _ = take(home, chart(1, papers=[ASTHMA]), chart(2))
    (hit,) = find(home, "hen phe quan").hits
    assert hit.document_id == first.receipts[0].document_id
    assert hit.why == ("body",)
    (passage,) = hit.highlights
    assert [passage.text[a:b] for a, b in passage.ranges] == ["Hen", "phế", "quản"]
    assert not find(home, "hen phế quản").behind


def test_who_may_not_read_finds_by_the_catalogue_alone(
    fresh_home: Callable[[], Home], front_desk: Actor
) -> None:
    home = fresh_home()
    take(home, chart(1, papers=[ASTHMA]))
    name = chart(1)["patient"]["name"]
    for typed in ("hen", '"hen phế quản"', f"{name} hen", "hen mẫu:36/BV2", "theo dõi sốt"):
        assert find(home, typed).total == 1, typed
        assert find(home, typed, front_desk) == replace(find(home, "khongco"), hits=()), typed
    (hit,) = find(home, f"{name} viêm phổi", front_desk).hits
    assert "body" not in hit.why
    assert {highlight.field for highlight in hit.highlights} == {"patient_name", "diagnoses"}


def test_another_department_finds_nothing_of_it(fresh_home: Callable[[], Home]) -> None:
    home = fresh_home()
    take(home, chart(1, papers=[ASTHMA]))
    assert find(home, "hen", scope=Scope(home.code, frozenset({"K01"}))).total == 1
    assert find(home, "hen", scope=Scope(home.code, frozenset({"K02"}))).total == 0


def test_a_sensitive_table_is_found_by_its_content_with_a_permission_alone(
    fresh_home: Callable[[], Home],
) -> None:
    home = fresh_home()
    hiv = table("XML6", {"MA_LK": "LK1", "NGAYKD_HIV": "20220101", "NOI_XN_KD": "79SAO"})
    cover = table("XML1", xml1(MA_CSKCB=home.code))
    files = (file(code, b64(data)) for code, data in (("XML1", cover), ("XML6", hiv)))
    data = envelope(hoso(*files), facility=home.code)
    results = list(Intake(home.open_for_writing(), CLERK, home.scope).take("hiv.xml", data))
    assert [result.faults for result in results] == [()]
    home.follow_ups.run()
    for typed in ("79sao", '"HIV: 01/01/2022"'):
        (hit,) = find(home, typed).hits
        assert hit.form == "XML6"
        assert find(home, typed, READER).total == 0
    assert {hit.form for hit in find(home, "XML6", READER).hits} == {"XML6"}
    assert all(h.field != "body" for hit in find(home, "XML6", READER).hits for h in hit.highlights)


def test_a_scan_and_a_signed_file_are_found_by_what_is_on_their_pages(finished: Finished) -> None:
    home = finished.home
    home.follow_ups.run()
    (hit, *_) = find(home, '"phiếu thử"').hits
    assert "body" in hit.why
    assert not find(home, '"phiếu thử"').behind


def test_an_index_that_is_made_again_keeps_the_texts(fresh_home: Callable[[], Home]) -> None:
    home = fresh_home()
    take(home, chart(1, papers=[ASTHMA]))
    home.follow_ups.recent_texts._kept.clear()  # as in another process
    assert home.follow_ups.indexing.rebuild_index() == 1
    assert owed(home) == []
    assert find(home, "hen").total == 1


def test_texts_that_no_index_has_are_read_afterwards(fresh_home: Callable[[], Home]) -> None:
    home = fresh_home()
    take(home, chart(1, papers=[ASTHMA]))
    home.follow_ups.indexing.rebuild_index(again=True)
    assert len(owed(home)) == 1
    results = find(home, "hen")
    assert (results.total, results.behind) == (0, True)
    assert find(home, "viêm phổi").total == 1  # the diagnosis is the catalogue's
    home.follow_ups.run()
    results = find(home, "hen")
    assert (results.total, results.behind) == (1, False)


def test_a_deposit_does_not_lose_the_texts(fresh_home: Callable[[], Home]) -> None:
    home = fresh_home()
    (result,) = take(home, chart(1, papers=[ASTHMA]))
    home.follow_ups.recent_texts._kept.clear()
    home.open_for_writing().deposits.deposit(result.receipts[0].chart_id, CLERK, home.scope)
    home.follow_ups.run()
    assert find(home, "hen 2026").total == 1
    assert owed(home) == []


def owed(home: Home) -> list[str]:
    with home.catalog.read() as session:
        return list(session.scalars(select(OutboxRow.subject).where(OutboxRow.topic == "text")))
