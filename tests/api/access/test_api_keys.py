"""API keys: shown once, kept as a digest, and ended on command."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from api.access.api_keys import LONGEST_LIFE, ApiKeys
from api.access.passwords import AccountInvalid
from api.home import Home
from archive.base.clock import FixedClock
from archive.base.errors import Misconfigured, NotFound
from archive.base.identifiers import sha256
from archive.catalog.operations import ApiKeyRow


@pytest.fixture
def home(fresh_home: Callable[[], Home]) -> Home:
    """A home whose clock stays."""
    home = fresh_home()
    home.clock = FixedClock(home.clock.now())
    return home


@pytest.fixture
def keys(home: Home) -> ApiKeys:
    """Its keys."""
    return ApiKeys(home.catalog, home.code, home.clock)


def soon(home: Home) -> FixedClock:
    assert isinstance(home.clock, FixedClock)
    return home.clock


def test_only_the_digest_of_a_key_is_kept(home: Home, keys: ApiKeys) -> None:
    key, secret = keys.create("HIS", "his", home.clock.now() + timedelta(days=1))
    assert secret.startswith(f"kho_{key.id}_")
    with home.catalog.read() as session:
        row = session.get(ApiKeyRow, key.id)
    assert row is not None
    assert row.digest == sha256(secret.encode())
    kept = [getattr(row, column.key) for column in ApiKeyRow.__table__.columns]
    assert secret.rpartition("_")[2] not in str(kept)
    assert secret not in str(keys.all())


def test_two_keys_of_one_name_are_two_keys(home: Home, keys: ApiKeys) -> None:
    ends = home.clock.now() + timedelta(days=1)
    (first, secret), (second, other) = (
        keys.create("HIS", "his", ends),
        keys.create("HIS", "his", ends),
    )
    keys.revoke(first.id)
    assert keys.authenticate(secret) is None
    account = keys.authenticate(other)
    assert account is not None
    assert account.actor.name == f"HIS (kho_{second.id})"


@pytest.mark.parametrize("departments", [None, ["K02", "K01", "K01"]])
def test_what_a_key_may_see(home: Home, keys: ApiKeys, departments: list[str] | None) -> None:
    _, secret = keys.create("HIS", "his", home.clock.now() + timedelta(days=1), departments)
    account = keys.authenticate(secret)
    assert account is not None
    assert account.scope.departments == (None if departments is None else frozenset(departments))


@pytest.mark.parametrize("departments", [[], ["K02\nK03"], [""]])
def test_a_limit_that_names_no_department_is_refused(
    home: Home, keys: ApiKeys, departments: list[str]
) -> None:
    with pytest.raises(AccountInvalid):
        keys.create("HIS", "his", home.clock.now() + timedelta(days=1), departments)


def test_a_changed_key_is_refused(home: Home, keys: ApiKeys) -> None:
    _, secret = keys.create("HIS", "his", home.clock.now() + timedelta(days=1))
    for at in (0, 5, 12, 13, len(secret) - 1):
        changed = secret[:at] + ("A" if secret[at] != "A" else "B") + secret[at + 1 :]
        assert keys.authenticate(changed) is None
    assert keys.authenticate(secret + "A") is None
    assert keys.authenticate(secret[:-1]) is None


def test_the_last_use_is_known_to_the_minute(home: Home, keys: ApiKeys) -> None:
    key, secret = keys.create("HIS", "his", home.clock.now() + timedelta(days=1))
    began = home.clock.now()
    keys.authenticate(secret)
    soon(home).moment += timedelta(seconds=30)
    keys.authenticate(secret)
    assert keys.all()[0].last_used_at == began
    soon(home).moment += timedelta(seconds=31)
    keys.authenticate(secret)
    assert keys.all()[0].last_used_at == home.clock.now()
    assert keys.all()[0].id == key.id


@pytest.mark.parametrize(
    "life", [timedelta(), timedelta(days=-1), LONGEST_LIFE + timedelta(seconds=1)]
)
def test_a_key_ends_in_the_future_and_not_too_late(
    home: Home, keys: ApiKeys, life: timedelta
) -> None:
    with pytest.raises(Misconfigured):
        keys.create("HIS", "his", home.clock.now() + life)


@pytest.mark.parametrize("name", ["", " HIS", "a\nb", "x" * 101, "a\u200bb", "e\u0301"])
def test_a_name_is_one_line(home: Home, keys: ApiKeys, name: str) -> None:
    with pytest.raises(Misconfigured):
        keys.create(name, "his", home.clock.now() + timedelta(days=1))


def test_an_unknown_role_makes_no_key(home: Home, keys: ApiKeys) -> None:
    with pytest.raises(Misconfigured):
        keys.create("HIS", "root", home.clock.now() + timedelta(days=1))
    with pytest.raises(AccountInvalid):  # it could make a key without the limit
        keys.create("HR", "admin", home.clock.now() + timedelta(days=1), ["K01"])
    assert keys.all() == []


def test_ending_a_key_again_changes_nothing(home: Home, keys: ApiKeys) -> None:
    key, _ = keys.create("HIS", "his", home.clock.now() + timedelta(days=1))
    first = keys.revoke(key.id)
    soon(home).moment += timedelta(hours=1)
    assert keys.revoke(f"kho_{key.id}").revoked_at == first.revoked_at
    with pytest.raises(NotFound):
        keys.revoke("xxxxxxxx")
