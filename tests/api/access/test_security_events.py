"""Security events: what is logged of people and keys, and what never is."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from api.access import security_events
from api.access.accounts import Accounts
from api.access.api_keys import ApiKeys
from api.access.security_events import LINES_A_MINUTE, _Limit, catalogue, record
from api.access.users import Users
from api.home import Home
from api.upkeep.demo_accounts import demo_password
from tests.fixtures.browsing import BY, CHEAP

SECRET = "mat-khau-rat-dai"


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[dict[str, object]]]:
    """The log's lines, whatever earlier tests have logged in this minute."""
    monkeypatch.setattr(security_events, "_LIMIT", _Limit())
    with capture_logs() as logged:
        yield logged  # type: ignore[misc]


def test_sign_in_and_refusal_name_the_account_and_never_an_unknown_name(
    fresh_home: object, lines: list[dict[str, object]]
) -> None:
    home: Home = fresh_home()  # type: ignore[operator]
    accounts = Accounts(home.catalog, home.code, home.clock, CHEAP)
    Users(accounts).create("lan", "reader", SECRET, BY)
    accounts.authenticate("lan", SECRET)
    accounts.authenticate("lan", "sai")
    accounts.authenticate("matkhaucuatoi", SECRET)
    assert [(line["event"], line.get("account")) for line in lines] == [
        ("account.changed", "lan"),
        ("account.signed_in", "lan"),
        ("account.refused", "lan"),
        ("account.refused", None),
    ]
    assert "matkhaucuatoi" not in str(lines)
    assert SECRET not in str(lines)


def test_the_demonstrations_first_start_refuses_no_account(
    fresh_home: object, lines: list[dict[str, object]]
) -> None:
    home: Home = fresh_home()  # type: ignore[operator]
    demo_password(home)
    demo_password(home)
    assert [line["event"] for line in lines] == ["account.changed"] * 3 + ["account.signed_in"] * 3


def test_a_keys_life_is_logged_without_its_secret(
    fresh_home: object, lines: list[dict[str, object]]
) -> None:
    home: Home = fresh_home()  # type: ignore[operator]
    keys = ApiKeys(home.catalog, home.code, home.clock)
    key, secret = keys.create("HIS thử", "his", home.clock.now() + timedelta(days=1))
    keys.authenticate(secret)
    keys.revoke(key.id)
    keys.authenticate(secret)
    keys.authenticate("kho_khong_phai")
    assert [(line["event"], line.get("key"), line.get("why")) for line in lines] == [
        ("key.created", key.id, None),
        ("key.used", key.id, None),
        ("key.revoked", key.id, None),
        ("key.refused", key.id, "revoked"),
        ("key.refused", None, "unknown"),
    ]
    assert secret not in str(lines)


def test_a_flood_of_refusals_becomes_a_number() -> None:
    limit = _Limit()
    allowed = [limit.count("key.refused", 1)[0] for _ in range(LINES_A_MINUTE + 40)]
    assert sum(allowed) == LINES_A_MINUTE
    assert limit.count("key.refused", 2) == (True, {"key.refused": 40})


def test_only_events_of_the_catalogue_are_logged() -> None:
    assert all({"level", "facts", "when"} == set(event) for event in catalogue().values())
    with pytest.raises(KeyError):
        record("key.invented")
