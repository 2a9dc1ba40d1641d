"""Charts that are chosen in the table are printed: labels, and the handover list."""

import re
from collections.abc import Callable

import pytest

from api.home import Home
from api.web.app import create_app
from tests.api.web.test_depositing import boxes
from tests.fixtures.browsing import Visitor, with_accounts
from tests.fixtures.home import chart, take
from tests.ingest.render.reading import pages, squeezed


@pytest.fixture
def visitor(fresh_home: Callable[[], Home]) -> Visitor:
    """A clerk in a home of two charts."""
    home = fresh_home()
    take(home, chart(1), chart(2))
    visitor = Visitor(create_app(home, with_accounts(home)))
    visitor.sign_in()
    return visitor


def test_chosen_charts_are_printed(visitor: Visitor) -> None:
    chosen = boxes(visitor.get("/charts").text)
    for path, fields, said in (
        ("/charts/print/labels", {"sheet": "100x50"}, "LK000002"),
        ("/charts/print/handover", {}, "BIÊN BẢN BÀN GIAO HỒ SƠ BỆNH ÁN"),
    ):
        answer = visitor.send(path, form="/charts", chart=chosen, **fields)
        assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
        assert answer.headers["Content-Disposition"].startswith("inline")
        assert squeezed(said) in squeezed("".join(pages(answer.data)))


def test_what_was_deposited_is_printed_from_the_page_of_results(visitor: Visitor) -> None:
    chosen = boxes(visitor.get("/charts").text)
    done = visitor.send("/charts/deposit", form="/charts", chart=chosen)
    hidden = re.findall(r'type="hidden" name="chart" value="([^"]+)"', done.text)
    assert sorted(hidden) == sorted(chosen)
    answer = visitor.send("/charts/print/labels", form="/charts", chart=hidden)
    assert answer.mimetype == "application/pdf"


@pytest.mark.parametrize("path", ["/charts/print/labels", "/charts/print/handover"])
def test_bad_choices_print_nothing(visitor: Visitor, path: str) -> None:
    assert visitor.send(path, form="/charts").status_code == 303
    assert visitor.send(path, form="/charts", chart="nothing").status_code == 400
    unknown = "0199f3a1-7c00-7a11-8a31-5b1f6d1f0001"
    assert visitor.send(path, form="/charts", chart=unknown).status_code == 404
    many = [unknown] * 2001
    assert visitor.send(path, form="/charts", chart=many).status_code == 400
    assert visitor.get(path).status_code == 303


def test_another_sheet_is_refused(visitor: Visitor) -> None:
    chosen = boxes(visitor.get("/charts").text)
    answer = visitor.send("/charts/print/labels", form="/charts", chart=chosen, sheet="a5")
    assert answer.status_code == 400
