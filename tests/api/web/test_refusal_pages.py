"""The list of refusals: linked from the worklist, with what to do, settled once by a clerk."""

import json
import re
from collections.abc import Callable

import pytest

from api.home import Home
from api.refusals.kept import Source
from api.web.app import create_app
from api.writing.intake import Intake
from tests.api.refusals.test_refusals import wrong
from tests.fixtures.browsing import Visitor, counted_queries, with_accounts
from tests.fixtures.home import CLERK, chart


@pytest.fixture
def home(fresh_home: Callable[[], Home]) -> Home:
    """A home that refused 30 charts that came into a watched folder."""
    home = fresh_home()
    intake = Intake(home.open_for_writing(), CLERK, home.scope, source=Source.WATCH)
    for number in range(30):
        hostile = f"<b>{number}</b>.json"
        list(intake.take(hostile, json.dumps(wrong(number)).encode()))
    return home


def visitor(home: Home, name: str = "luutru") -> Visitor:
    visitor = Visitor(create_app(home, with_accounts(home)))
    visitor.sign_in(name)
    return visitor


def test_the_start_page_counts_and_leads_to_the_list(home: Home) -> None:
    clerk = visitor(home)
    start = clerk.get("/search").text
    assert re.search(r'href="/refusals\?state=open"><b>30</b>', start)
    page = clerk.get("/refusals?state=open").text
    assert "30 lần bị từ chối" in page
    assert "&lt;b&gt;29&lt;/b&gt;.json" in page
    assert "<b>29</b>" not in page
    assert "đặt lại tệp vào thư mục theo dõi" in page
    assert page.count("<article") == 25
    assert clerk.get("/refusals?state=open&page=2").text.count("<article") == 5
    assert clerk.get("/refusals?page=9").location == "/refusals?page=2"
    assert clerk.get("/refusals?state=x").status_code == 303
    assert "Không có gì bị từ chối" in clerk.get("/refusals?source=rest").text


def test_a_page_costs_the_same_queries_however_many_there_are(home: Home) -> None:
    clerk = visitor(home)
    clerk.get("/refusals")  # the frame has counted
    with counted_queries(home) as few:
        clerk.get("/refusals?source=rest")
    with counted_queries(home) as many:
        clerk.get("/refusals")
    assert len(few) == len(many)


def test_a_clerk_settles_one_and_twice_is_once(home: Home) -> None:
    clerk = visitor(home)
    (action, *_) = re.findall(r'action="(/refusals/[^"]+)"', clerk.get("/refusals").text)
    for _ in range(2):
        answer = clerk.send(f"{action}?state=open", form="/refusals")
        assert answer.location == "/refusals?state=open"
    page = clerk.get("/refusals?state=settled").text
    assert page.count("<article") == 1
    assert "luutru đánh dấu đã xử lý" in page


def test_a_success_settles_it(home: Home) -> None:
    intake = Intake(home.open_for_writing(), CLERK, home.scope, source=Source.WATCH)
    list(intake.take("again.json", json.dumps(chart(1)).encode()))
    assert "Lần gửi sau đã được lưu trữ" in visitor(home).get("/refusals?state=settled").text


def test_readers_and_administrators_see_no_refusals(home: Home) -> None:
    for name in ("doc", "quantri"):
        other = visitor(home, name)
        assert other.get("/refusals").status_code == 403
    assert "/refusals" not in visitor(home, "doc").get("/search").text
