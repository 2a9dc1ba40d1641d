"""Wrong passwords are counted over all processes, and shut no person out for good."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select

from api.access.accounts import Accounts
from api.access.known_places import KEPT_FOR, Client
from api.access.passwords import SigningInBusy
from api.access.wrong_tries import LOST_AFTER, Limit, TooManyTries, WrongTries
from api.home import Home
from archive.base.clock import FixedClock, SystemClock
from archive.catalog.operations import KnownPlaceRow, SignInTriesRow
from tests.api.access.test_accounts import Slow
from tests.fixtures.browsing import CHEAP, PASSWORD, counted_queries, give_account

HOME, WARD, ELSEWHERE = (Client.at(f"192.0.2.{number}") for number in (1, 2, 3))


@pytest.fixture
def home(home_folder: Path) -> Iterator[Home]:
    """A home with a clock that stays until it is moved."""
    with Home.open(home_folder, FixedClock(SystemClock().now())) as home:
        yield home


@pytest.fixture
def accounts(home: Home) -> Accounts:
    """The accounts of that home: two readers."""
    accounts = accounts_of(home)
    for name in ("lan", "minh"):
        give_account(accounts, name, "reader")
    return accounts


def accounts_of(home: Home, hasher: PasswordHasher = CHEAP) -> Accounts:
    """Return accounts as another process has them."""
    return Accounts(home.catalog, home.code, home.clock, hasher)


def pass_time(home: Home, time: timedelta) -> None:
    """Move the home's clock on."""
    assert isinstance(home.clock, FixedClock)
    home.clock.moment += time


def answer(accounts: Accounts, name: str, password: str, client: Client) -> str:
    """Return what the caller learns."""
    try:
        account = accounts.authenticate(name, password, client)
    except TooManyTries as error:
        return error.code
    return "no" if account is None else "yes"


def close(accounts: Accounts, name: str, client: Client = ELSEWHERE) -> None:
    """Give wrong passwords until the name is closed there."""
    for _ in range(5):
        assert answer(accounts, name, "sai", client) == "no"
    assert answer(accounts, name, "sai", client) == TooManyTries.code


def test_wrong_passwords_count_in_every_process(home: Home, accounts: Accounts) -> None:
    processes = [accounts_of(home) for _ in range(3)]
    for number in range(5):
        assert answer(processes[number % 3], "lan", "sai", ELSEWHERE) == "no"
    assert {answer(process, "lan", PASSWORD, HOME) for process in processes} == {TooManyTries.code}
    assert answer(accounts, "minh", PASSWORD, HOME) == "yes"
    pass_time(home, Accounts.WINDOW)
    assert answer(accounts, "lan", PASSWORD, HOME) == "yes"


@pytest.mark.parametrize("home_name", ["demo_home", "postgres_demo_home"])
@pytest.mark.parametrize(
    ("right", "refused", "measured"), [(False, 11, 5), (True, 0, 16)], ids=["wrong", "right"]
)
def test_tries_of_several_processes_at_once_are_no_more_than_tries_in_turn(
    home_name: str, right: bool, refused: int, measured: int, request: pytest.FixtureRequest
) -> None:
    home: Home = request.getfixturevalue(home_name)
    hashers = [Slow(time_cost=1, memory_cost=8, parallelism=1) for _ in range(4)]
    processes = [accounts_of(home, hasher) for hasher in hashers]
    name = f"lan-{right}".lower()
    give_account(processes[0], name, "reader")
    password = PASSWORD if right else "sai"
    with ThreadPoolExecutor(16) as threads:
        answers = list(
            threads.map(
                lambda number: answer(processes[number % 4], name, password, ELSEWHERE), range(16)
            )
        )
    assert answers.count(TooManyTries.code) == refused
    assert sum(hasher.measured for hasher in hashers) == measured


def test_strangers_close_a_name_to_strangers_and_not_to_where_the_person_has_signed_in(
    accounts: Accounts,
) -> None:
    assert answer(accounts, "lan", PASSWORD, HOME) == "yes"
    phone = Client.at("198.51.100.7", "token-of-the-phone")
    assert answer(accounts, "lan", PASSWORD, phone) == "yes"
    close(accounts, "lan")
    assert answer(accounts, "lan", PASSWORD, WARD) == TooManyTries.code
    assert answer(accounts, "lan", PASSWORD, HOME) == "yes"
    moved = Client.at("203.0.113.9", "token-of-the-phone")
    assert answer(accounts, "lan", PASSWORD, moved) == "yes"


def test_a_known_place_has_five_tries_of_its_own_and_a_device_those_of_a_device(
    accounts: Accounts,
) -> None:
    ward_pc = Client.at("192.0.2.1", "token-of-the-desk")
    assert answer(accounts, "lan", PASSWORD, ward_pc) == "yes"
    close(accounts, "lan", HOME)  # a colleague behind the same address
    assert answer(accounts, "lan", PASSWORD, ward_pc) == "yes"
    close(accounts, "lan", ward_pc)
    assert answer(accounts, "lan", PASSWORD, ward_pc) == TooManyTries.code
    assert answer(accounts, "lan", PASSWORD, WARD) == "yes"  # strangers have tries left


def test_a_place_is_known_for_one_person_and_for_a_time(home: Home, accounts: Accounts) -> None:
    assert answer(accounts, "lan", PASSWORD, HOME) == "yes"
    close(accounts, "minh")
    assert answer(accounts, "minh", PASSWORD, HOME) == TooManyTries.code
    pass_time(home, KEPT_FOR)
    close(accounts, "lan", WARD)
    assert answer(accounts, "lan", PASSWORD, HOME) == TooManyTries.code


def test_a_wrong_password_makes_no_place_known(accounts: Accounts) -> None:
    close(accounts, "lan", HOME)
    assert answer(accounts, "lan", PASSWORD, HOME) == TooManyTries.code


def test_one_address_tries_thirty_names_and_no_more(home: Home, accounts: Accounts) -> None:
    assert answer(accounts, "lan", PASSWORD, ELSEWHERE) == "yes"
    for number in range(30):
        assert answer(accounts, f"ten{number}", "sai", ELSEWHERE) == "no"
    for name in ("minh", "ten31"):
        assert answer(accounts, name, PASSWORD, ELSEWHERE) == TooManyTries.code
    assert answer(accounts, "lan", PASSWORD, ELSEWHERE) == "yes"  # known there
    assert answer(accounts, "minh", PASSWORD, WARD) == "yes"


@pytest.mark.parametrize(
    ("first", "second", "is_one"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
    ],
)
def test_addresses_of_one_customer_count_as_one(first: str, second: str, is_one: bool) -> None:
    assert (Client.at(first) == Client.at(second)) == is_one


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.0.1", "::1", "", None, "unix", "1.2.3.4x"])
def test_an_address_of_this_machine_and_what_is_none_say_nothing(address: str | None) -> None:
    assert Client.at(address).address is None


@pytest.mark.parametrize("closed", [False, True])
def test_known_and_unknown_names_cost_the_same_queries(
    home: Home, accounts: Accounts, closed: bool
) -> None:
    if closed:
        close(accounts, "lan")
        close(accounts, "khong-co")
    asked = {}
    for name in ("lan", "khong-co"):
        with counted_queries(home) as statements:
            answer(accounts, name, "sai", WARD)
        asked[name] = [statement.split("WHERE")[0] for statement in statements]
    assert asked["lan"] == asked["khong-co"]


def test_neither_names_nor_addresses_nor_devices_are_kept_as_they_are(
    home: Home, accounts: Accounts
) -> None:
    answer(accounts, "matkhaucuatoi", "sai", ELSEWHERE)
    answer(accounts, "lan", PASSWORD, Client.at("192.0.2.1", "token-of-the-desk"))
    with home.catalog.read() as session:
        rows = [
            *session.scalars(select(SignInTriesRow)),
            *session.scalars(select(KnownPlaceRow)),
        ]
    kept = str([vars(row) for row in rows])
    assert len(rows) >= 4
    assert not [part for part in ("matkhaucuatoi", "192.0.2", "token-of") if part in kept]


def test_what_no_longer_counts_is_removed(home: Home, accounts: Accounts) -> None:
    answer(accounts, "lan", PASSWORD, HOME)
    answer(accounts, "minh", "sai", ELSEWHERE)
    accounts.purge()
    assert count(home, SignInTriesRow) > 0
    pass_time(home, Accounts.WINDOW)
    accounts.purge()
    assert (count(home, SignInTriesRow), count(home, KnownPlaceRow)) == (0, 1)
    pass_time(home, KEPT_FOR)
    accounts.purge()
    assert count(home, KnownPlaceRow) == 0


def test_a_try_whose_process_was_killed_counts_as_a_wrong_one_after_a_while(home: Home) -> None:
    tries, limits = WrongTries(home.catalog, home.clock, Accounts.WINDOW), [Limit("x", 1)]
    tries._begin(limits)  # and never ended
    tries.require_open(limits)
    pass_time(home, LOST_AFTER)
    with pytest.raises(TooManyTries):
        tries.require_open(limits)
    pass_time(home, Accounts.WINDOW)
    tries.require_open(limits)


def test_a_try_that_was_not_judged_is_given_back(home: Home) -> None:
    tries, limits = WrongTries(home.catalog, home.clock, Accounts.WINDOW), [Limit("x", 1)]
    for _ in range(3):
        with pytest.raises(SigningInBusy), tries.one_try(limits):
            raise SigningInBusy
    with tries.one_try(limits) as judged:
        judged.right = False
    with pytest.raises(TooManyTries):
        tries.require_open(limits)


def count(home: Home, table: type[SignInTriesRow] | type[KnownPlaceRow]) -> int:
    with home.catalog.read() as session:
        return len(session.scalars(select(table)).all())
