"""What papers say of themselves, from the source to every list: their date, sheet and title."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text

from api.home import Home
from api.reading.own_dates import own_date
from api.rest.app import create_app as create_api
from api.upkeep.maintenance import checker, rebuild
from api.web.app import create_app as create_pages
from archive.base.bilingual import Text
from archive.catalog import projection
from archive.catalog.tables import ActRow, DocumentRow
from ingest.forms.own_facts import OwnFacts
from tests.api.rest.conftest import Api, basic
from tests.fixtures.browsing import Visitor, with_accounts
from tests.fixtures.home import chart, json_lines, kho, paper, take


def sheet(key: str, number: int | None, *times: str) -> dict[str, Any]:
    """Return a treatment sheet with an entry at each of `times`."""
    written = paper(key)
    entry = written["data"]["dien_bien"][0]
    written["data"]["dien_bien"] = [{**entry, "thoi_gian": time} for time in times]
    return {**written, "data": {**written["data"], "to_so": number, "bac_si_ky": "BS. Mẫu"}}


REQUEST = {"ten_tai_lieu": "Đơn xin ra viện", "noi_dung": "Xin ra viện."}
SUBMITTED = chart(
    papers=[
        sheet("c", 10, "2026-01-13T08:00:00+07:00"),
        sheet("b", 9, "2026-01-13T08:00:00+07:00"),
        # begun at half past midnight in Viet Nam, and of two days
        sheet("a", 1, "2026-01-12T20:00:00+07:00", "2026-01-10T17:30:00Z"),
        {"form": "KHAC", "key": "1", "data": REQUEST},
    ]
)
# without a date first, then by date, then by sheet as a number
IN_ORDER = [(None, None), ("2026-01-11", "1"), ("2026-01-13", "9"), ("2026-01-13", "10")]


@pytest.fixture
def home(fresh_home: Callable[[], Home]) -> Home:
    """A home with that chart."""
    home = fresh_home()
    take(home, SUBMITTED)
    with_accounts(home)
    return home


def stated(home: Home) -> dict[str, tuple[str | None, str | None]]:
    """Return what the catalogue says of each document, by its key."""
    with home.catalog.read() as session:
        return {row.key: (row.dated, row.sheet) for row in session.query(DocumentRow)}


def test_lists_show_them_and_the_chart_is_in_their_order(home: Home) -> None:
    visitor = Visitor(create_pages(home, with_accounts(home)))
    visitor.sign_in()
    with home.catalog.read() as session:
        ids = {row.key: row.id for row in session.query(DocumentRow)}
        (chart_id,) = {row.chart_id for row in session.query(DocumentRow)}
    page = visitor.get(f"/charts/{chart_id}").text
    cells = re.findall(r'<td data-label="Ngày, tờ số">([^<]*)</td>', page)
    assert cells == ["–", "11/01/2026, tờ 1", "13/01/2026, tờ 9", "13/01/2026, tờ 10"]
    # the next paper is the next one of that list
    assert f'/documents/{ids["b"]}"' in visitor.get(f"/documents/{ids['a']}").text
    assert "13/01/2026, tờ 10" in visitor.search("viêm phổi").text
    assert "13/01/2026, tờ 10" in visitor.get(f"/charts/{chart_id}/packet").text
    api = Api(create_api(home, with_accounts(home), lambda: None), basic())
    listed = api.body(f"/documents?chart_id={chart_id}")["items"]
    assert {(each["dated"], each["sheet"]) for each in listed} == set(IN_ORDER)
    answer: Any = api.post("/search", {"q": "viêm phổi"}).json
    hits = answer["items"]
    assert {(each["dated"], each["sheet"]) for each in hits} == set(IN_ORDER)
    answered = kho(home.folder, "find", "--json", "viêm phổi", check=True)
    hits = json_lines(answered.stdout)[0]["hits"]
    assert {(each["dated"], each["sheet"]) for each in hits} == set(IN_ORDER)
    assert "13/01/2026, tờ 10" in kho(home.folder, "find", "viêm phổi", check=True).stdout


def test_the_act_states_them_and_a_rebuild_says_the_same(home: Home) -> None:
    assert sorted(stated(home).values(), key=str) == sorted(IN_ORDER, key=str)
    with home.catalog.read() as session:
        before = list(projection.lines(session))
        assert [row.schema for row in session.query(ActRow)][1:] == ["kho/act/accession/5"]
    rebuild(home)
    with home.catalog.read() as session:
        assert list(projection.lines(session)) == before
    assert checker(home).check(read_data=True).faults == []


def test_a_catalogue_that_says_another_date_is_altered(home: Home) -> None:
    with home.catalog.write() as session:
        session.execute(text("UPDATE document SET dated = '2026-01-14' WHERE sheet = '9'"))
    faults = checker(home).check(read_data=True).faults
    assert [fault.kind.code for fault in faults] == ["catalogue.altered"]


def test_the_same_message_again_is_known_whether_or_not_its_act_states_them(
    home: Home, monkeypatch: pytest.MonkeyPatch, fresh_home: Callable[[], Home]
) -> None:
    older = fresh_home()
    monkeypatch.setattr("ingest.accession.commit.own_facts", lambda form, data: OwnFacts())
    (first,) = take(older, SUBMITTED)
    monkeypatch.undo()
    with older.catalog.read() as session:
        assert [row.schema for row in session.query(ActRow)][1:] == ["kho/act/accession/3"]
    (again,) = take(older, SUBMITTED)
    assert [r.document_id for r in again.receipts] == [r.document_id for r in first.receipts]
    (known,) = take(home, SUBMITTED)
    assert len(known.receipts) == 4
    for each in (home, older):
        with each.catalog.read() as session:
            assert session.query(ActRow).count() == 2


@pytest.mark.parametrize(
    ("dated", "number", "words"),
    [
        ("2026-01-13", "2", Text("13/01/2026, tờ 2", "13/01/2026, sheet 2")),
        ("2026-01-13", None, Text("13/01/2026", "13/01/2026")),
        (None, "2", Text("tờ 2", "sheet 2")),
        (None, None, Text("", "")),
    ],
)
def test_what_is_known_is_said_in_words(dated: str | None, number: str | None, words: Text) -> None:
    assert own_date(dated, number) == words
