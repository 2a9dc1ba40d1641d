"""The table of charts: filters, order and pages; within the scope, and at a constant cost."""

import re
from collections.abc import Callable

import pytest
from flask import Flask

from api.home import Home
from api.web import chart_list
from api.web.app import create_app
from tests.fixtures.browsing import Visitor, counted_queries, links, with_accounts
from tests.fixtures.home import chart, paper, take


def listed(visitor: Visitor, query: str = "") -> list[str]:
    """Return the episodes on a page of the table, in order."""
    page = visitor.get(f"/charts{query}").text
    return re.findall(r'<td data-label="Mã BA \(MA_LK\)">([^<]+)</td>', page)


def test_the_table_shows_each_chart_with_its_facts(clerk: Visitor) -> None:
    page = clerk.get("/charts").text
    assert "4 hồ sơ" in page
    for said in ("LK000004", "Nguyễn Thị Mẫu Hòa", "1980 (45)", "10/01/2026", "20/01/2026"):
        assert said in page
    for said in ("J18.9", "Viêm phổi", "K02", "Đang mở", "thiếu 2 giấy"):
        assert said in page
    assert re.search(r">\d{4}-000001</td>", page)
    assert len(links(clerk.get("/charts"), "/charts/")) == 4


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("state=open", 3),
        ("state=deposited", 1),
        ("kind=inpatient&outcome=improved", 4),
        ("kind=outpatient", 0),
        ("outcome=died", 0),
        ("department=K01", 2),
        ("papers=missing&state=open", 3),
        ("papers=complete", 0),
        ("discharged_from=20%2F01%2F2026&discharged_to=20/01/2026", 4),
        ("discharged_to=19/01/2026", 0),
        ("discharged_from=21/01/2026", 0),
        ("received_to=2020", 0),
        ("received_from=01/2020", 4),
        ("state=&papers=&kind=&outcome=&department=&discharged_from=&sort=", 4),
    ],
)
def test_filters_narrow_the_table(clerk: Visitor, query: str, count: int) -> None:
    assert len(listed(clerk, f"?{query}")) == count


def test_the_table_is_sorted_both_ways_and_empty_values_come_last(clerk: Visitor) -> None:
    ascending = [f"LK00000{number}" for number in range(1, 5)]
    assert listed(clerk, "?sort=episode") == ascending
    assert listed(clerk, "?sort=-episode") == ascending[::-1]
    assert listed(clerk) == ascending[::-1]  # the newest first
    for direction in ("", "-"):  # the deposited one has a number
        assert listed(clerk, f"?sort={direction}archive_number")[0] == "LK000001"


@pytest.mark.parametrize(
    "query", ["state=gone", "sort=name", "discharged_from=31/02/2026", "received_to=9999"]
)
def test_what_is_no_filter_is_refused_and_shows_no_chart(clerk: Visitor, query: str) -> None:
    answer = clerk.get(f"/charts?{query}")
    assert answer.status_code == 422
    assert "Mẫu Hòa" not in answer.text


def test_pages_follow_each_other_and_keep_filters_and_order(
    clerk: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chart_list, "PAGE", 3)
    first = clerk.get("/charts?kind=inpatient&sort=episode")
    assert "4 hồ sơ – trang 1/2" in first.text
    (after,) = [link for link in links(first, "/charts?") if "page=2" in link]
    assert listed(clerk, after.removeprefix("/charts")) == ["LK000004"]
    assert clerk.get("/charts?page=99").location == "/charts?sort=-received&page=2"


def test_each_count_of_the_waiting_work_leads_to_its_charts(clerk: Visitor, site: Flask) -> None:
    start = clerk.get("/search")
    counts = re.findall(r'<a[^>]* href="(/charts\?[^"]+)"><b>(\d+)</b>', start.text)
    assert [int(count) for _, count in counts] == [4, 0, 3, 3]
    for address, count in counts:
        assert f"{count} hồ sơ" in clerk.get(address.replace("&amp;", "&")).text
    reader = Visitor(site)
    reader.sign_in("doc")
    assert len(re.findall(r"<b>\d+</b>", reader.get("/search").text)) == 1


def test_another_departments_charts_are_neither_shown_nor_counted(site: Flask) -> None:
    visitor = Visitor(site)
    visitor.sign_in("khoa")
    assert listed(visitor, "?sort=episode") == ["LK000001", "LK000003"]
    assert "2 hồ sơ" in visitor.get("/charts").text
    assert listed(visitor, "?department=K02") == []


def test_the_table_asks_the_catalogue_as_often_with_more_charts(
    fresh_home: Callable[[], Home],
) -> None:
    home = fresh_home()
    visitor = Visitor(create_app(home, with_accounts(home)))
    visitor.sign_in()
    visitor.get("/charts")  # the frame counts once in a while
    asked = []
    for numbers in ((1,), (2, 3)):
        take(home, *(chart(number, papers=[paper("1"), paper("2")]) for number in numbers))
        with counted_queries(home) as statements:
            assert visitor.get("/charts?papers=missing").status_code == 200
        asked.append(len(statements))
    assert asked[0] == asked[1]
