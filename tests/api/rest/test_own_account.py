"""`/v1/account`: a person changes their password over the API, also a first one."""

import pytest
from flask import Flask

from api.access.accounts import Accounts
from api.access.users import Users
from api.home import Home
from api.rest.app import create_app
from tests.api.rest.conftest import Api, basic
from tests.fixtures.browsing import BY, PASSWORD, with_accounts

NEW = "một câu dài của riêng tôi"


@pytest.fixture
def accounts(own_home: Home) -> Accounts:
    """The accounts of a home of its own."""
    return with_accounts(own_home)


@pytest.fixture
def stranger(own_home: Home, accounts: Accounts) -> Api:
    """A caller of the API of that home who brings nothing."""
    app: Flask = create_app(own_home, accounts, lambda: None)
    return Api(app, {})


def test_a_first_password_is_replaced_and_opens_the_api_then(
    stranger: Api, accounts: Accounts
) -> None:
    Users(accounts).create("lan", "reader", PASSWORD, BY)
    lan = stranger.as_(basic("lan"))
    assert lan.get("/charts").status_code == 403
    change = {"name": "lan", "old": PASSWORD, "new": NEW}
    assert stranger.call("PUT", "/account/password", json=change).status_code == 204
    assert lan.get("/charts").status_code == 401
    account = accounts.authenticate("lan", NEW)
    assert account is not None
    assert not account.must_change
    assert stranger.call("PUT", "/account/password", json=change).status_code == 422


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"name": "doc", "old": "khong phai", "new": NEW}, 422),
        ({"name": "khong-co", "old": PASSWORD, "new": NEW}, 422),
        ({"name": "doc", "old": PASSWORD, "new": PASSWORD}, 422),
        ({"name": "doc", "old": PASSWORD, "new": "ngan"}, 422),
        ({"name": "doc", "old": PASSWORD}, 422),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(
    stranger: Api, accounts: Accounts, change: dict[str, str], status: int
) -> None:
    assert stranger.call("PUT", "/account/password", json=change).status_code == status
    assert accounts.authenticate("doc", PASSWORD) is not None


def test_wrong_old_passwords_are_counted_as_wrong_tries(stranger: Api) -> None:
    wrong = {"name": "doc", "old": "khong phai", "new": NEW}
    statuses = [
        stranger.call("PUT", "/account/password", json=wrong).status_code
        for _ in range(Accounts.TRIES + 1)
    ]
    assert statuses == [422] * Accounts.TRIES + [429]
