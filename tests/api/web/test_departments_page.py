"""The page on which departments are named."""

from collections.abc import Callable

import pytest
from flask import Flask

from api.home import Home
from api.web.app import create_app
from tests.fixtures.browsing import (
    Visitor,
    counted_queries,
    give_account,
    no_turn_free,
    with_accounts,
)
from tests.fixtures.home import chart, take


@pytest.fixture
def home(fresh_home: Callable[[], Home]) -> Home:
    """A home with a chart of K02."""
    home = fresh_home()
    take(home, chart(2))
    return home


@pytest.fixture
def app(home: Home) -> Flask:
    """Its pages."""
    return create_app(home, with_accounts(home))


@pytest.mark.parametrize("person", ["quantri", "luutru"])
def test_an_administrator_or_a_clerk_names_a_department(app: Flask, person: str) -> None:
    visitor = Visitor(app)
    visitor.sign_in(person)
    assert "Khoa Hồi sức cấp cứu" in visitor.get("/departments").text
    assert 'value="K02"' in visitor.get("/departments?code=K02").text
    fields = {"code": "K02", "name": "Khoa Hồi sức tích cực", "since": "01/07/2026"}
    for _ in range(2):  # a form that comes twice changes nothing twice
        answer = visitor.send("/departments", **fields)
        assert (answer.status_code, answer.location) == (303, "/departments")
    page = visitor.get("/departments").text
    assert "Khoa Hồi sức tích cực" in page
    assert "Khoa Hồi sức cấp cứu" not in page


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"code": "K02", "name": ""}, "Hãy điền vào đây."),
        ({"code": "K02", "name": "Khoa", "since": "13/2026"}, "Ghi ngày theo dạng 31/12/2026."),
        ({"code": "K02;K03", "name": "<b>Khoa</b>"}, "&lt;b&gt;Khoa&lt;/b&gt;"),
    ],
)
def test_what_cannot_be_a_name_is_said_and_stays_in_the_form(
    app: Flask, fields: dict[str, str], said: str
) -> None:
    visitor = Visitor(app)
    visitor.sign_in()
    answer = visitor.send("/departments", **fields)
    assert answer.status_code == 422
    assert said in answer.text
    assert f'value="{fields["code"]}"' in answer.text
    with no_turn_free(app):
        answer = visitor.send("/departments", code="K02", name="Khoa đã gõ")
    assert answer.status_code == 503
    assert 'value="Khoa đã gõ"' in answer.text


def test_a_reader_names_nothing(app: Flask) -> None:
    visitor = Visitor(app)
    visitor.sign_in("doc")
    assert visitor.get("/departments").status_code == 403
    assert visitor.send("/departments", form="/search", code="K02", name="x").status_code == 403


def test_a_clerk_of_a_department_names_no_other(home: Home) -> None:
    accounts = with_accounts(home)
    give_account(accounts, "k02", "clerk", ["K02"])
    visitor = Visitor(create_app(home, accounts))
    visitor.sign_in("k02")
    page = visitor.get("/departments").text
    assert "Khoa Hồi sức cấp cứu" in page
    assert "code=K03" not in page
    refused = visitor.send("/departments", code="K03", name="Khoa Lạ")
    assert refused.status_code == 403
    assert "Khoa Lạ" in refused.text
    assert visitor.send("/departments", code="K02", name="Khoa Lạ").status_code == 303


def test_the_page_asks_the_same_however_many_charts_there_are(app: Flask, home: Home) -> None:
    visitor = Visitor(app)
    visitor.sign_in()
    visitor.get("/departments")
    with counted_queries(home) as few:
        visitor.get("/departments")
    take(home, *(chart(number) for number in range(3, 8)))
    with counted_queries(home) as many:
        visitor.get("/departments")
    assert len(many) == len(few)
