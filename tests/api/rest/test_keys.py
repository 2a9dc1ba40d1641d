"""`/v1/keys`: an administrator gives programs keys over the API, and no other role does."""

from typing import Any

import pytest
from flask import Flask

from api.home import Home
from api.rest.app import create_app
from archive.base.clock import vietnam_date
from tests.api.rest.conftest import Api, basic
from tests.fixtures.browsing import with_accounts

HIS = {"name": "HIS", "role": "his", "departments": ["K01"], "last_day": None}


@pytest.fixture
def app(own_home: Home) -> Flask:
    """The API of a home of its own."""
    return create_app(own_home, with_accounts(own_home), lambda: None)


@pytest.fixture
def admin(app: Flask) -> Api:
    """The administrator."""
    return Api(app, basic("quantri"))


def test_a_key_opens_the_api_is_listed_without_its_secret_and_ended(
    own_home: Home, app: Flask, admin: Api
) -> None:
    today = vietnam_date(own_home.clock.now())
    created = admin.post("/keys", {**HIS, "last_day": today.isoformat()})
    assert created.status_code == 201
    body: dict[str, Any] = dict(created.json or {})
    secret = body.pop("key")
    his = Api(app, {"Authorization": f"Bearer {secret}"})
    assert his.get("/charts").status_code == 200
    assert his.get("/keys").status_code == 403
    (listed,) = admin.body("/keys")["items"]
    assert {**listed, "last_used_at": None} == body
    path = f"/keys/{body['key_id']}/revoke"
    revoked = [admin.post(path).json for _ in range(2)]
    assert revoked[0] == revoked[1]
    assert his.get("/charts").status_code == 401


@pytest.mark.parametrize(
    "changes",
    [
        {"last_day": "2020-01-01"},
        {"last_day": "9999-12-31"},
        {"last_day": "2027-02-31"},
        {"last_day": "٢٠٢٧-01-31"},
        {"name": "a\nb"},
        {"role": "king"},
        {"departments": []},
    ],
)
def test_what_is_no_key_is_refused(admin: Api, changes: dict[str, Any]) -> None:
    answer = admin.post("/keys", {**HIS, **changes})
    assert answer.status_code == 422
    assert admin.body("/keys")["items"] == []


def test_a_key_that_is_not_there_is_unknown(admin: Api) -> None:
    assert admin.post("/keys/aaaaaaaa/revoke").status_code == 404


def test_no_other_role_sees_or_makes_keys(app: Flask) -> None:
    clerk = Api(app, basic("luutru"))
    assert clerk.get("/keys").status_code == 403
    assert clerk.post("/keys", HIS).status_code == 403
