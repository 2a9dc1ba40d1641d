"""The pages of API keys: a key is made once, shown once, listed without its secret, and ended."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from api.access.api_keys import ApiKeys
from api.home import Home
from api.web.app import create_app
from archive.base.clock import vietnam_date
from tests.fixtures.browsing import Visitor, with_accounts

SECRET = re.compile(r"kho_[a-z0-9]{8}_[A-Za-z0-9_-]{43}")


@pytest.fixture
def home(fresh_home: Callable[[], Home]) -> Home:
    """A home of its own."""
    return fresh_home()


@pytest.fixture
def administrator(home: Home) -> Visitor:
    """The administrator, signed in."""
    visitor = Visitor(create_app(home, with_accounts(home)))
    visitor.sign_in("quantri")
    return visitor


def typed(visitor: Visitor, **changes: Any) -> dict[str, Any]:
    """Return the form as the page fills it, with what the administrator types."""
    page = visitor.get("/keys/new").text
    given = {
        name: value
        for name, value in re.findall(r'<input[^>]*name="(\w+)"[^>]*value="([^"]*)"', page)
        if name in ("key_id", "last_day")
    }
    return {"name": "HIS", "role": "his", **given, **changes}


def keys(home: Home) -> ApiKeys:
    return ApiKeys(home.catalog, home.code, home.clock)


def test_a_key_is_shown_once_and_a_form_that_comes_twice_makes_one(
    home: Home, administrator: Visitor
) -> None:
    form = typed(administrator, departments=["K02", "K01"])
    answer = administrator.send("/keys/new", **form)
    assert answer.status_code == 201
    assert answer.headers["Cache-Control"] == "no-store"
    secret = SECRET.search(answer.text)
    assert secret
    account = keys(home).authenticate(secret[0])
    assert account is not None
    assert account.scope.departments == frozenset({"K01", "K02"})
    again = administrator.send("/keys/new", **form)
    assert again.status_code == 409
    assert not SECRET.search(again.text)
    assert len(keys(home).all()) == 1
    listed = administrator.get("/keys").text
    assert not SECRET.search(listed)
    assert f"kho_{form['key_id']}" in listed


def test_a_key_that_is_ended_opens_nothing_and_stays_in_the_list(
    home: Home, administrator: Visitor
) -> None:
    form = typed(administrator)
    secret = SECRET.search(administrator.send("/keys/new", **form).text)
    assert secret
    path = f"/keys/{form['key_id']}/revoke"
    for _ in range(2):
        assert administrator.send(path, form="/keys/new").location == "/keys"
    assert keys(home).authenticate(secret[0]) is None
    assert "đã kết thúc" in administrator.get("/keys").text
    assert administrator.send("/keys/aaaaaaaa/revoke", form="/keys/new").status_code == 404


@pytest.mark.parametrize(
    "changes",
    [
        {"name": ""},
        {"name": "a\nb"},
        {"name": "x" * 101},
        {"role": "king"},
        {"last_day": "yesterday"},
        {"last_day": "01/01/2020"},
        {"last_day": "01/01/9999"},
        {"last_day": "31/02/2027"},
    ],
)
def test_what_is_no_key_is_refused_in_words_and_keeps_what_was_typed(
    home: Home, administrator: Visitor, changes: dict[str, str]
) -> None:
    answer = administrator.send("/keys/new", **typed(administrator, departments=["K07"], **changes))
    assert answer.status_code == 422
    assert 'class="problem"' in answer.text
    assert re.search(r'<input checked [^>]*value="K07"', answer.text)
    assert keys(home).all() == []


def test_an_id_of_a_strange_form_is_not_taken(home: Home, administrator: Visitor) -> None:
    answer = administrator.send("/keys/new", **typed(administrator, key_id="<b>aaaaa"))
    assert answer.status_code == 201
    assert "<b>" not in keys(home).all()[0].id


def test_the_last_day_that_the_page_proposes_is_in_one_year(
    home: Home, administrator: Visitor
) -> None:
    day = vietnam_date(home.clock.now() + timedelta(days=365))
    assert typed(administrator)["last_day"] == f"{day:%d/%m/%Y}"


def test_no_other_role_sees_or_makes_keys(site: Flask) -> None:
    clerk = Visitor(site)
    clerk.sign_in("luutru")
    assert clerk.get("/keys").status_code == 403
    assert clerk.get("/keys/new").status_code == 403
    assert "/keys" not in clerk.get("/search").text
