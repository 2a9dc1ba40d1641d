"""Accounts: who gets in, who does not, and what either learns."""

import stat
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Literal

import pytest
from argon2 import PasswordHasher

from api.access.accounts import Accounts
from api.access.passwords import Passwords, SigningInBusy
from api.access.users import Users
from api.access.wrong_tries import TooManyTries
from api.home import Home
from api.upkeep.demo_accounts import demo_password
from archive.access.actor import Actor
from archive.access.scope import Scope
from archive.base.clock import FixedClock, SystemClock
from archive.base.identifiers import FacilityCode
from archive.catalog.operations import AccountRow
from ingest.sources.bhyt.policy import policy
from tests.fixtures.browsing import BY, CHEAP

SECRET = "mat-khau-rat-dai"


@pytest.fixture
def home(home_folder: Path) -> Iterator[Home]:
    """A home with a clock that stays until it is moved."""
    with Home.open(home_folder, FixedClock(SystemClock().now())) as home:
        yield home


@pytest.fixture
def accounts(home: Home) -> Accounts:
    """The accounts of that home: one reader."""
    accounts = Accounts(home.catalog, home.code, home.clock, CHEAP)
    make(accounts, "lan", "reader", ["K02", "K01"])
    return accounts


def make(
    accounts: Accounts, name: str, role: str = "reader", departments: list[str] | None = None
) -> None:
    """Make an account with the password of these tests."""
    Users(accounts).create(name, role, SECRET, BY, departments=departments, must_change=False)


def test_the_right_password_gives_actor_and_scope(accounts: Accounts) -> None:
    account = accounts.authenticate("lan", SECRET)
    assert account is not None
    assert account.actor == Actor("lan", "reader")
    departments = frozenset({"K01", "K02"})
    assert account.scope == Scope(FacilityCode("99001"), departments, policy().sensitive)
    assert accounts.find("lan") == account


def test_without_departments_the_whole_facility_is_in_scope(accounts: Accounts) -> None:
    make(accounts, "minh", "clerk")
    account = accounts.find("minh")
    assert account is not None
    assert account.scope.departments is None


@pytest.mark.parametrize(
    ("name", "password"), [("lan", "sai"), ("lan", ""), ("khong-co", SECRET), ("LAN", SECRET)]
)
def test_anything_else_gives_no_account(accounts: Accounts, name: str, password: str) -> None:
    assert accounts.authenticate(name, password) is None


def test_only_a_hash_of_the_password_is_kept(accounts: Accounts, home: Home) -> None:
    with home.catalog.read() as session:
        row = session.get(AccountRow, "lan")
    assert row is not None
    assert row.password_hash.startswith("$argon2id$")
    assert SECRET not in row.password_hash


def test_a_new_password_changes_the_mark_so_that_old_sessions_end(accounts: Accounts) -> None:
    before = accounts.find("lan")
    Users(accounts).reset_password("lan", "mot-mat-khau-khac", BY)
    after = accounts.find("lan")
    assert before is not None
    assert after is not None
    assert before.mark != after.mark
    assert accounts.authenticate("lan", SECRET) is None


@pytest.mark.parametrize("name", ["lan", "khong-co"])
def test_after_five_wrong_passwords_a_name_is_closed_for_five_minutes_known_or_not(
    accounts: Accounts, home: Home, name: str
) -> None:
    for _ in range(5):
        assert accounts.authenticate(name, "sai") is None
    with pytest.raises(TooManyTries):
        accounts.authenticate(name, SECRET)
    assert isinstance(home.clock, FixedClock)
    home.clock.moment += timedelta(minutes=5)
    assert (accounts.authenticate(name, SECRET) is not None) == (name == "lan")


def test_names_that_no_account_can_have_are_counted_as_one_and_not_kept(accounts: Accounts) -> None:
    for name in ("A" * 200_000, "có dấu", "\0", "", "LAN"):
        assert accounts.authenticate(name, SECRET) is None
    with pytest.raises(TooManyTries):
        accounts.authenticate("B" * 200_000, SECRET)
    assert accounts.authenticate("lan", SECRET)


def test_the_right_password_forgets_the_wrong_ones(accounts: Accounts) -> None:
    for _ in range(3):
        for _ in range(4):
            accounts.authenticate("lan", "sai")
        assert accounts.authenticate("lan", SECRET)


def test_another_facilitys_account_is_unknown_here(accounts: Accounts, home: Home) -> None:
    with home.catalog.write() as session:
        row = session.get(AccountRow, "lan")
        assert row is not None
        row.facility = "99002"
    assert accounts.find("lan") is None
    assert accounts.authenticate("lan", SECRET) is None


def test_the_demonstration_has_one_password_that_only_its_owner_can_read(home: Home) -> None:
    first, again = demo_password(home), demo_password(home)
    assert first == again
    accounts = Accounts(home.catalog, home.code, home.clock)
    for name, role in (("luutru", "clerk"), ("doc", "reader"), ("quantri", "admin")):
        account = accounts.authenticate(name, first[1])
        assert account is not None
        assert account.actor.role == role
        assert not account.must_change
    mode = (home.folder / "keys" / "demo-password").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600


class Slow(PasswordHasher):
    """Takes its time, so that tries are under way together, and counts them."""

    measured = 0

    def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:
        """Count, wait, and verify."""
        self.measured += 1
        time.sleep(0.05)
        return super().verify(hash, password)


@pytest.mark.parametrize(("password", "refused", "measured"), [("sai", 7, 5), (SECRET, 0, 12)])
def test_tries_at_once_are_no_more_than_tries_in_turn(
    home: Home, password: str, refused: int, measured: int
) -> None:
    hasher = Slow(time_cost=1, memory_cost=8, parallelism=1)
    accounts = Accounts(home.catalog, home.code, home.clock, hasher)
    make(accounts, "lan")

    def is_refused(_: int) -> bool:
        try:
            accounts.authenticate("lan", password)
        except TooManyTries:
            return True
        return False

    with ThreadPoolExecutor(12) as threads:
        assert sum(threads.map(is_refused, range(12))) == refused
    assert hasher.measured == measured


class Gated(PasswordHasher):
    """Waits at a gate, and remembers how many passwords were under way together."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.gate, self.guard, self.now, self.most = threading.Event(), threading.Lock(), 0, 0

    def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:
        """Count, wait for the gate, and verify."""
        with self.guard:
            self.now += 1
            self.most = max(self.most, self.now)
        try:
            self.gate.wait(60)
            return super().verify(hash, password)
        finally:
            with self.guard:
                self.now -= 1


def test_forty_wrong_passwords_at_once_take_two_hashes_at_a_time_and_few_threads(
    home: Home,
) -> None:
    hasher = Gated()
    accounts = Accounts(home.catalog, home.code, home.clock, hasher)
    kept = Passwords.HASHES_AT_ONCE + Passwords.WAITING
    refused = threading.Semaphore(0)

    def attack(number: int) -> bool:
        try:
            return accounts.authenticate(f"la{number}", "sai") is None
        except SigningInBusy:
            refused.release()
            return False

    with ThreadPoolExecutor(40) as threads:
        answers = [threads.submit(attack, number) for number in range(40)]
        for _ in range(40 - kept):  # while nothing moves, every other one has its answer
            assert refused.acquire(timeout=60)
        hasher.gate.set()
        assert sum(answer.result() for answer in answers) == kept
    assert hasher.most == Passwords.HASHES_AT_ONCE
