"""The pages of a person's set: papers are put in from everywhere, read in order, and taken away."""

import io
import re
import zipfile
from collections.abc import Callable
from uuid import uuid4

import pytest

from api.home import Home
from api.inspection.sets import InspectionSets
from api.web.app import create_app
from archive.access.actor import Actor
from archive.catalog import records
from tests.fixtures.browsing import Visitor, counted_queries, links, with_accounts
from tests.fixtures.home import chart, paper, take

DOC = Actor("doc", "reader")


@pytest.fixture
def home(fresh_home: Callable[[], Home]) -> Home:
    """A home with two charts; the second one has three papers."""
    home = fresh_home()
    take(home, chart(1), chart(2, papers=[paper(key, key) for key in "123"]))
    return home


def visitor(home: Home, name: str = "doc") -> Visitor:
    visitor = Visitor(create_app(home, with_accounts(home)))
    assert visitor.sign_in(name).status_code == 303
    return visitor


def charts(home: Home) -> dict[str, list[str]]:
    """Return the ids of the papers of each chart."""
    with home.catalog.read() as session:
        rows = records.charts(session, home.scope)
        return {row.id: [document.id for document in row.documents] for row in rows}


def counted(page: str) -> str | None:
    """Return the number beside the set in the frame."""
    number = re.search(r'href="/set"[^>]*>Tập kiểm tra <b class="waiting">(\d+)<', page)
    return number[1] if number else None


def test_papers_are_put_in_from_every_page_and_counted_in_the_frame(home: Home) -> None:
    reader, (small, large) = visitor(home), sorted(charts(home), key=lambda c: len(charts(home)[c]))
    assert counted(reader.get("/charts").text) is None
    table = reader.send("/set/add", form="/charts", collect=[large], back="/charts?state=open")
    assert table.location == "/charts?state=open"
    assert counted(reader.get(table.location).text) == "3"
    page = f"/charts/{small}"
    assert reader.send("/set/add", form=page, collect=small, back=f"{page}?").location == page
    shown = reader.get("/set").text
    assert "4 giấy trong tập" in shown
    assert links(reader.get("/set"), "/documents/") == [
        f"/documents/{each}" for each in (*charts(home)[large], *charts(home)[small])
    ]
    twice = reader.send("/set/add", form=page, collect=small, back=page)
    assert "Đã thêm 0 giấy vào tập (1 giấy đã có)" in reader.get(twice.location).text
    paper = charts(home)[small][0]
    reader.send("/set/remove", form="/set", document=paper)
    assert "Thêm hồ sơ vào tập" in reader.search("").text
    reader.send("/set/add", form=f"/documents/{paper}", collect=paper, back=f"/documents/{paper}")
    assert counted(reader.get("/set").text) == "4"
    reader.send("/set/clear", form="/set")
    assert "Tập chưa có giấy nào" in reader.get("/set").text


def test_a_paper_leads_to_those_before_and_after_it_in_chart_and_set(home: Home) -> None:
    reader = visitor(home)
    (alone,), (first, second, third) = sorted(charts(home).values(), key=len)
    page = reader.get(f"/documents/{second}").text
    assert "Giấy 2/3 của hồ sơ" in page
    assert re.findall(r'rel="(prev|next)" href="/documents/([^"]+)"', page) == [
        ("prev", first),
        ("next", third),
    ]
    assert "của hồ sơ" not in reader.get(f"/documents/{alone}").text
    sets = InspectionSets.of_home(home)
    sets.add([third, alone, first], DOC, home.scope)
    page = reader.get(f"/documents/{alone}").text
    assert "Giấy 2/3 của tập kiểm tra" in page
    assert re.findall(r'rel="(prev|next)" href="/documents/([^"]+)"', page) == [
        ("prev", third),
        ("next", first),
    ]


def test_the_zip_comes_whole_and_the_set_stays(home: Home) -> None:
    reader = visitor(home)
    InspectionSets.of_home(home).add(list(charts(home)), DOC, home.scope)
    answer = reader.send("/set/take-away", form="/set")
    assert answer.mimetype == "application/zip"
    assert re.match(
        r'attachment; filename="kho-99001-\d{8}-\d{6}\.zip"', answer.headers["Content-Disposition"]
    )
    file = zipfile.ZipFile(io.BytesIO(answer.data))
    assert len([name for name in file.namelist() if name.startswith("originals/")]) == 4
    assert counted(reader.get("/set").text) == "4"
    # its turn was given back
    assert reader.send("/set/take-away", form="/set").mimetype == "application/zip"


def test_what_cannot_be_done_is_said_and_changes_nothing(home: Home) -> None:
    reader, known = visitor(home), next(iter(charts(home)))
    nothing = reader.send("/set/add", form="/charts", back="/charts")
    assert "Chưa chọn hồ sơ nào" in reader.get(nothing.location).text
    gone = reader.send("/set/add", form="/charts", collect=[known, str(uuid4())], back="/charts")
    assert "Có giấy không còn ở đây" in reader.get(gone.location).text
    assert counted(reader.get("/charts").text) is None
    assert reader.send("/set/add", form="/charts", collect=["x"]).status_code == 400
    many = [str(uuid4()) for _ in range(101)]
    assert reader.send("/set/add", form="/charts", collect=many).status_code == 400
    for elsewhere in ("https://example.org/", "//example.org", "/set/clear", "/khong-co"):
        sent = reader.send("/set/add", form="/charts", collect=known, back=elsewhere)
        assert sent.location == "/set"


def test_a_set_shows_only_what_the_person_may_see(home: Home) -> None:
    department = visitor(home, "khoa")
    outside = next(ids for ids in charts(home).values() if len(ids) == 3)
    sets = InspectionSets.of_home(home)
    sets.add(outside, Actor("khoa", "reader"), home.scope)  # before the person's scope changed
    assert "Tập chưa có giấy nào" in department.get("/set").text
    refused = department.send("/set/add", form="/charts", collect=outside[0], back="/charts")
    assert "Có giấy không còn ở đây" in department.get(refused.location).text
    assert visitor(home, "quantri").get("/set").status_code == 403


def test_a_page_of_the_set_asks_as_much_for_many_papers_as_for_one(home: Home) -> None:
    reader, sets, asked = visitor(home), InspectionSets.of_home(home), []
    reader.get("/set")  # the frame's counts are taken here, and kept for a moment
    for ids in charts(home):
        sets.add([ids], DOC, home.scope)
        with counted_queries(home) as statements:
            assert reader.get("/set").status_code == 200
        asked.append(len(statements))
    assert asked[0] == asked[1] <= 6
