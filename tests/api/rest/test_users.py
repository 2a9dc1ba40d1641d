"""`/v1/users`: an administrator manages people over the API, and no other role does."""

from collections.abc import Callable

import pytest
from flask import Flask

from api.access.accounts import Accounts
from api.access.sessions import Sessions
from api.home import Home
from api.rest.app import create_app
from tests.api.rest.conftest import Api, basic
from tests.fixtures.browsing import PASSWORD, with_accounts

FIRST = "một mật khẩu ban đầu"


@pytest.fixture
def accounts(own_home: Home) -> Accounts:
    """The accounts of a home of its own."""
    return with_accounts(own_home)


@pytest.fixture
def app(own_home: Home, accounts: Accounts) -> Flask:
    """The API of that home."""
    return create_app(own_home, accounts, lambda: None)


@pytest.fixture
def admin(app: Flask) -> Api:
    """The administrator."""
    return Api(app, basic("quantri"))


def test_a_user_is_made_listed_changed_disabled_and_enabled(admin: Api, accounts: Accounts) -> None:
    lan = {"name": "lan", "role": "reader", "password": FIRST, "full_name": "Trần Thị Lan"}
    created = admin.post("/users", {**lan, "departments": ["K02", "K01"]})
    assert created.status_code == 201
    assert created.json is not None
    assert created.json["departments"] == ["K01", "K02"]
    assert created.json["must_change_password"] is True
    assert admin.body("/users/lan") == created.json
    assert created.json in admin.body("/users")["items"]
    role = admin.call("PUT", "/users/lan/role", json={"role": "clerk"}).json
    assert role is not None
    assert (role["role"], role["departments"]) == ("clerk", None)
    disabled = admin.post("/users/lan/disable").json
    assert disabled is not None
    assert disabled["disabled_at"]
    assert accounts.authenticate("lan", FIRST) is None
    assert admin.post("/users/lan/enable").json == role
    reset = admin.call("PUT", "/users/lan/password", json={"password": PASSWORD})
    assert reset.status_code == 200
    account = accounts.authenticate("lan", PASSWORD)
    assert account is not None
    assert account.must_change


def test_sessions_of_a_user_are_listed_and_ended(
    admin: Api, accounts: Accounts, own_home: Home
) -> None:
    sessions, account = Sessions.of_home(own_home), accounts.find("doc")
    assert account is not None
    tokens = [sessions.begin(account, "Firefox · Windows", "192.0.2.1") for _ in range(3)]
    items = admin.body("/users/doc/sessions")["items"]
    assert [item["browser"] for item in items] == ["Firefox · Windows"] * 3
    path = f"/users/doc/sessions/{items[0]['session_id']}"
    assert [admin.call("DELETE", path).status_code for _ in range(2)] == [204, 404]
    assert sum(sessions.find(token) is not None for token in tokens) == 2
    assert admin.call("DELETE", "/users/doc/sessions").status_code == 204
    assert admin.body("/users/doc/sessions")["items"] == []


@pytest.mark.parametrize(
    ("call", "status", "code"),
    [
        (
            lambda api: api.post("/users", {"name": "doc", "role": "reader", "password": FIRST}),
            409,
            "account.exists",
        ),
        (
            lambda api: api.post("/users", {"name": "lan", "role": "king", "password": FIRST}),
            422,
            "account.invalid",
        ),
        (
            lambda api: api.post("/users", {"name": "Lan", "role": "reader", "password": FIRST}),
            422,
            "request.invalid",
        ),
        (
            lambda api: api.post("/users", {"name": "lan", "role": "reader", "password": "ngan"}),
            422,
            "request.invalid",
        ),
        (lambda api: api.post("/users/quantri/disable"), 409, "account.last_administrator"),
        (
            lambda api: api.call("PUT", "/users/quantri/role", json={"role": "clerk"}),
            409,
            "account.last_administrator",
        ),
        (lambda api: api.post("/users/minh/disable"), 404, "record.unknown"),
        (lambda api: api.get("/users/minh/sessions"), 404, "record.unknown"),
        (lambda api: api.get("/users/Minh"), 404, "request.path"),
    ],
)
def test_what_cannot_be_done_has_its_code(
    admin: Api, call: Callable[[Api], object], status: int, code: str
) -> None:
    answer = call(admin)
    assert (answer.status_code, answer.json["code"]) == (status, code)  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", ["luutru", "doc"])
def test_no_other_role_sees_or_changes_people(app: Flask, name: str) -> None:
    caller = Api(app, basic(name))
    answers = [
        caller.get("/users"),
        caller.get("/users/doc"),
        caller.post("/users", {"name": "lan", "role": "admin", "password": FIRST}),
        caller.post("/users/quantri/disable"),
        caller.call("PUT", f"/users/{name}/role", json={"role": "admin"}),
        caller.call("PUT", "/users/quantri/password", json={"password": FIRST}),
        caller.get("/users/quantri/sessions"),
        caller.call("DELETE", "/users/quantri/sessions"),
    ]
    assert {answer.status_code for answer in answers} == {403}
