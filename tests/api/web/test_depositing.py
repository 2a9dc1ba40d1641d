"""Charts chosen in the table are deposited, each with a result; a second time changes nothing."""

import re
from collections.abc import Callable
from uuid import uuid4

import pytest

from api.access.concurrency_limit import ConcurrencyLimit
from api.access.turns import Busy
from api.home import Home
from api.web.app import create_app
from tests.fixtures.browsing import Visitor, with_accounts
from tests.fixtures.home import chart, take


def acts(home: Home) -> int:
    return len(list(home.vault.list(f"{home.code}/acts/")))


@pytest.fixture
def home(fresh_home: Callable[[], Home]) -> Home:
    """A home with three charts; the treatment of the third goes on."""
    home = fresh_home()
    going_on = {**chart(3)["chart"], "discharged_at": None}
    take(home, chart(1), chart(2), chart(3, chart=going_on))
    return home


def visitor(home: Home, name: str = "luutru") -> Visitor:
    visitor = Visitor(create_app(home, with_accounts(home)))
    visitor.sign_in(name)
    return visitor


def boxes(page: str) -> list[str]:
    """Return the ids of the charts that the page lets a clerk choose."""
    return re.findall(r'name="chart" value="([0-9a-f-]{36})"', page)


def test_each_chosen_chart_has_its_result_and_twice_is_once(home: Home) -> None:
    clerk = visitor(home)
    chosen = boxes(clerk.get("/charts").text)
    assert len(chosen) == 3
    first = clerk.send("/charts/deposit?state=open", form="/charts", chart=chosen)
    assert "Đã nộp lưu 2 trong 3 hồ sơ" in first.text
    assert len(set(re.findall(r">(20\d\d-00000\d)<", first.text))) == 2
    assert "chưa có ngày ra viện" in first.text
    assert 'href="/charts?state=open&amp;sort=-received"' in first.text
    before = acts(home)
    again = clerk.send("/charts/deposit?state=open", form="/charts", chart=chosen)
    numbers = [re.findall(r">(20\d\d-00000\d)<", page.text) for page in (first, again)]
    assert numbers[0] == numbers[1]
    assert acts(home) == before
    assert len(boxes(clerk.get("/charts").text)) == 1  # the other two are deposited


def test_a_chart_is_deposited_from_its_own_page_once_its_treatment_has_ended(home: Home) -> None:
    clerk = visitor(home)
    pages = [clerk.get(f"/charts/{chart_id}").text for chart_id in boxes(clerk.get("/charts").text)]
    offered = [chart_id for page in pages for chart_id in boxes(page)]
    assert len(offered) == 2  # the third is still treated
    answer = clerk.send("/charts/deposit", form=f"/charts/{offered[0]}", chart=offered[:1])
    assert "Đã nộp lưu 1 trong 1 hồ sơ" in answer.text
    page = clerk.get(f"/charts/{offered[0]}").text
    assert not boxes(page)
    assert "Đã nộp lưu" in page
    assert not boxes(visitor(home, "doc").get(f"/charts/{offered[1]}").text)


def test_a_whole_page_is_chosen_without_script(home: Home) -> None:
    clerk = visitor(home)
    assert len(re.findall(r"<input[^>]* checked", clerk.get("/charts?chosen=all").text)) == 3
    assert "checked" not in clerk.get("/charts").text


def test_nothing_chosen_says_so_and_goes_back_to_the_same_list(home: Home) -> None:
    clerk = visitor(home)
    answer = clerk.send("/charts/deposit?state=open", form="/charts")
    assert answer.location == "/charts?state=open&sort=-received"
    assert "Chưa chọn hồ sơ nào" in clerk.get(answer.location).text


def test_what_is_no_chart_of_the_clerk_is_unknown_and_what_is_no_id_is_refused(home: Home) -> None:
    clerk = visitor(home)
    unknown = clerk.send("/charts/deposit", form="/charts", chart=[str(uuid4())])
    assert "Đã nộp lưu 0 trong 1 hồ sơ" in unknown.text
    assert clerk.send("/charts/deposit", form="/charts", chart=["x"]).status_code == 400
    many = [str(uuid4()) for _ in range(51)]
    assert clerk.send("/charts/deposit", form="/charts", chart=many).status_code == 400


def test_a_reader_chooses_nothing_and_deposits_nothing(home: Home) -> None:
    reader = visitor(home, "doc")
    page = reader.get("/charts").text
    assert boxes(page) == []
    before = acts(home)
    assert reader.send("/charts/deposit", form="/charts", chart=[str(uuid4())]).status_code == 403
    assert acts(home) == before


def test_a_deposit_takes_a_turn_as_a_submission_does(home: Home) -> None:
    clerk, turns = visitor(home), home.open_for_reading().turns
    chosen, before = boxes(clerk.get("/charts").text), acts(home)
    turns.accessions = ConcurrencyLimit(1, 0, 0.0, Busy)
    with turns.held("HIS"):
        busy = clerk.send("/charts/deposit", form="/charts", chart=chosen)
        assert busy.status_code == 503
        assert busy.headers["Retry-After"]
    assert acts(home) == before
    assert "Đã nộp lưu 2 trong 3" in clerk.send("/charts/deposit", "/charts", chart=chosen).text
