"""What papers say is found by those who may read it; nothing tells others of it."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial

import pytest
from sqlalchemy import select

from api.access.scopes import scope_of
from api.composition.indexing import Indexing, engine_of
from api.home import Home
from api.upkeep.reindexing import reindex
from api.upkeep.status.asking import status
from api.writing.intake import Intake
from archive.access import actor as access
from archive.access.actor import Actor, Permission
from archive.access.scope import Scope
from archive.base.identifiers import DocumentId
from archive.catalog.entries import DocumentEntry
from archive.catalog.operations import OutboxRow
from archive.vault.contract import VaultUnreachable
from ingest.content.recent import RecentTexts
from ingest.content.texts import DocumentTexts
from search.contract import Results
from search.errors import IndexBusy
from search.tantivy.index import TantivyIndex
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
    assert find(home, "XML6", READER, scope_of(READER, home.code, None)).total == 0


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


def test_texts_are_owed_before_a_new_index_serves(fresh_home: Callable[[], Home]) -> None:
    home = fresh_home()
    take(home, chart(1, papers=[ASTHMA]))
    outbox, totals = home.follow_ups.outbox, list[int]()

    def owe(topic: str, charts: Iterable[str]) -> None:
        outbox.owe(topic, charts)
        if topic == "text":  # here a kill leaves the old index, and work that is done already
            totals.append(find(home, "hen").total)
            with pytest.raises(IndexBusy):  # a reader that comes now does not take it for done
                outbox.drain("text")

    indexing(home, DocumentTexts(home.vault, home.forms), owe).rebuild_index(again=True)
    assert totals == [1]
    assert find(home, "hen").total == 0
    home.follow_ups.run()
    assert find(home, "hen").total == 1


def test_an_original_is_read_once_while_another_process_has_the_writer(
    fresh_home: Callable[[], Home],
) -> None:
    home = fresh_home()
    take(home, chart(1, papers=[ASTHMA]))
    home.follow_ups.indexing.rebuild_index(again=True)
    (unread,) = owed(home)
    texts = Failing(home, None)
    reading = indexing(home, texts, home.follow_ups.outbox.owe)
    with TantivyIndex(home.folder / "index") as other:
        other.put([])
        for _ in range(3):
            with pytest.raises(IndexBusy):
                reading.feed_texts(frozenset({unread}))
    assert reading.feed_texts(frozenset({unread})) == frozenset()
    assert texts.calls == 1
    assert find(home, "hen").total == 1


@pytest.mark.parametrize(
    "error", [VaultUnreachable(component="S3", why="test"), RuntimeError()], ids=["away", "broken"]
)
def test_texts_that_cannot_be_read_fail_no_command(
    fresh_home: Callable[[], Home], error: Exception
) -> None:
    home = fresh_home()
    take(home, chart(1, papers=[ASTHMA]))
    home.follow_ups.indexing.rebuild_index(again=True)
    home.follow_ups.recent_texts._kept.clear()
    home.follow_ups.__dict__["texts"] = Failing(home, error)
    home.follow_ups.run()
    assert len(owed(home)) == 1


def test_a_missing_original_delays_no_other_and_the_status_says_it(
    fresh_home: Callable[[], Home],
) -> None:
    home = fresh_home()
    lost, _ = take(home, chart(1, papers=[ASTHMA]), chart(2, papers=[ASTHMA]))
    home.follow_ups.indexing.rebuild_index(again=True)
    file = next((home.folder / "vault" / lost.receipts[0].object_key).parent.glob("*.pdf"))
    away = file.rename(file.with_suffix(".away"))
    home.follow_ups.recent_texts._kept.clear()
    home.follow_ups.run()
    results, outbox = find(home, "hen"), home.follow_ups.outbox
    assert (results.total, results.behind) == (1, False)
    assert (outbox.waiting("text"), outbox.postponed("text")) == (0, 1)
    (index,) = (each for each in status(home)["components"] if each["name"] == "index")
    assert (index["code"], index["state"]) == ("unread", "warning")
    done = reindex(home, again=False, progress=lambda *_: None)
    assert (done.charts_read, done.charts_unread) == (0, 1)
    away.rename(file)
    done = reindex(home, again=False, progress=lambda *_: None)
    assert (done.charts_read, done.charts_unread) == (1, 0)
    assert find(home, "hen").total == 2


class Failing(DocumentTexts):
    """Counts how often it is asked, and raises `error` where there is one."""

    def __init__(self, home: Home, error: Exception | None) -> None:
        super().__init__(home.vault, home.forms)
        self._error, self.calls = error, 0

    def read(self, documents: Sequence[DocumentEntry]) -> Iterator[tuple[DocumentId, str]]:
        self.calls += bool(documents)
        if self._error is not None:
            raise self._error
        return super().read(documents)


def indexing(
    home: Home, texts: DocumentTexts, owe: Callable[[str, Iterable[str]], object]
) -> Indexing:
    """Return the keeper of the index as another process has it."""
    engine = partial(engine_of, home.settings, home.code, home.leases, home.clock)
    return Indexing(
        engine, home.catalog, home.code, lambda: texts, RecentTexts(), owe, home.closing
    )


def owed(home: Home) -> list[str]:
    with home.catalog.read() as session:
        return list(session.scalars(select(OutboxRow.subject).where(OutboxRow.topic == "text")))
