"""Sessions: the catalogue knows them, so they end where somebody ends them."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from api.access.accounts import Account, Accounts
from api.access.sessions import Sessions
from api.access.users import Users
from api.home import Home
from archive.base.clock import FixedClock, SystemClock
from archive.base.errors import NotFound
from archive.catalog.operations import AccountRow, SessionRow
from tests.fixtures.browsing import BY, CHEAP, PASSWORD, counted_queries, give_account


@pytest.fixture
def home(home_folder: Path) -> Iterator[Home]:
    """A home with a clock that stays until it is moved, and one reader."""
    with Home.open(home_folder, FixedClock(SystemClock().now())) as home:
        give_account(Accounts(home.catalog, home.code, home.clock, CHEAP), "lan", "reader")
        yield home


@pytest.fixture
def users(home: Home) -> Users:
    """The users of that home."""
    return Users(Accounts(home.catalog, home.code, home.clock, CHEAP))


@pytest.fixture
def sessions(home: Home) -> Sessions:
    """The sessions of that home."""
    return Sessions.of_home(home)


@pytest.fixture
def lan(home: Home) -> Account:
    """The reader."""
    account = Accounts(home.catalog, home.code, home.clock, CHEAP).find("lan")
    assert account is not None
    return account


def pass_time(home: Home, **time: float) -> None:
    """Move the home's clock on."""
    assert isinstance(home.clock, FixedClock)
    home.clock.moment += timedelta(**time)


def test_a_token_finds_its_account_and_only_its_digest_is_kept(
    home: Home, sessions: Sessions, lan: Account
) -> None:
    token = sessions.begin(lan, "Firefox · Windows", "192.0.2.1")
    known = sessions.find(token)
    assert known is not None
    account, session = known
    assert account == lan
    assert (session.browser, session.address) == ("Firefox · Windows", "192.0.2.1")
    assert sessions.find(session.id) is None  # what is kept opens nothing
    assert sessions.find("") is None
    with home.catalog.read() as read:
        (row,) = read.scalars(select(SessionRow))
    assert token not in str(vars(row))


def test_a_look_costs_one_query_and_a_write_once_a_minute(
    home: Home, sessions: Sessions, lan: Account
) -> None:
    token = sessions.begin(lan, "", None)
    for seconds, writes in ((0, 0), (59, 0), (1, 1), (0, 0), (60, 1)):
        pass_time(home, seconds=seconds)
        with counted_queries(home) as statements:
            assert sessions.find(token)
        assert _kinds(statements) == ["SELECT"] + ["UPDATE"] * writes


@pytest.mark.parametrize(
    "change",
    [
        lambda users: users.reset_password("lan", "mot-mat-khau-khac", BY),
        lambda users: users.change_password("lan", PASSWORD, "mot-mat-khau-khac"),
        lambda users: users.disable("lan", BY),
        lambda users: users.assign("lan", "clerk", BY),
    ],
)
def test_a_change_of_the_account_ends_its_sessions_and_no_other(
    users: Users, sessions: Sessions, lan: Account, change: Callable[[Users], object]
) -> None:
    users.create("minh", "reader", PASSWORD, BY)
    token, other = sessions.begin(lan, "", None), sessions.begin(_account(users, "minh"), "", None)
    change(users)
    users.enable("lan", BY)
    assert sessions.find(token) is None
    assert sessions.find(other)


def test_a_sign_in_with_the_old_password_that_ends_after_the_change_opens_nothing(
    users: Users, sessions: Sessions, lan: Account
) -> None:
    users.reset_password("lan", "mot-mat-khau-khac", BY)
    assert sessions.find(sessions.begin(lan, "", None)) is None  # the account of before


def test_sessions_are_listed_and_ended_one_by_one_or_all_but_one(
    home: Home, sessions: Sessions, lan: Account
) -> None:
    tokens = []
    for browser in ("một", "hai", "ba"):
        tokens.append(sessions.begin(lan, browser, None))
        pass_time(home, minutes=1)
    listed = sessions.of("lan")
    assert [session.browser for session in listed] == ["ba", "hai", "một"]
    sessions.end("lan", listed[0].id, BY)
    assert [sessions.find(token) is not None for token in tokens] == [True, True, False]
    sessions.end_all("lan", BY, but=listed[2].id)
    assert [sessions.find(token) is not None for token in tokens] == [True, False, False]
    sessions.end_all("lan", BY)
    assert sessions.of("lan") == []


def test_no_person_ends_the_session_of_another(sessions: Sessions, lan: Account) -> None:
    token = sessions.begin(lan, "", None)
    for account, session in (("minh", sessions.of("lan")[0].id), ("lan", "0" * 64)):
        with pytest.raises(NotFound):
            sessions.end(account, session, BY)
    assert sessions.find(token)


def test_the_settings_say_when_a_session_ends_and_ended_ones_are_removed(
    home: Home, lan: Account
) -> None:
    hour, day = timedelta(hours=1), timedelta(days=1)
    sessions = Sessions(home.catalog, home.code, home.clock, idle=hour, longest=day)
    idle, used = sessions.begin(lan, "idle", None), sessions.begin(lan, "used", None)
    for _ in range(24):
        assert sessions.find(used)
        assert "used" in {session.browser for session in sessions.of("lan")}
        pass_time(home, minutes=59, seconds=59)
    assert sessions.find(idle) is None
    sessions.purge()
    assert _browsers(home) == {"used"}
    assert sessions.find(used)
    pass_time(home, seconds=24)
    assert sessions.find(used) is None
    sessions.purge()
    assert _browsers(home) == {"used"}  # what its person types now is kept
    pass_time(home, hours=2)
    sessions.purge()
    assert _browsers(home) == set()
    with counted_queries(home) as statements:
        sessions.purge()
    assert _kinds(statements) == ["SELECT"]


def test_the_owner_of_a_session_is_known_for_a_time_after_its_end(
    home: Home, sessions: Sessions, users: Users, lan: Account
) -> None:
    token = sessions.begin(lan, "Firefox", None)
    assert sessions.owner("another") is None
    pass_time(home, hours=2)  # it ended after 30 minutes
    assert sessions.find(token) is None
    assert sessions.owner(token) == "lan"
    pass_time(home, minutes=30)
    assert sessions.owner(token) is None
    token = sessions.begin(lan, "Firefox", None)
    with home.catalog.write() as session:
        session.get_one(AccountRow, "lan").disabled_at = home.clock.now()
    assert sessions.owner(token) is None


@pytest.mark.parametrize("home_name", ["demo_home", "postgres_demo_home"])
def test_both_catalogues_keep_list_end_and_forget_sessions(
    home_name: str, request: pytest.FixtureRequest
) -> None:
    home: Home = request.getfixturevalue(home_name)
    accounts = Accounts(home.catalog, home.code, home.clock, CHEAP)
    give_account(accounts, "thu-phien", "reader")
    account = accounts.find("thu-phien")
    assert account is not None
    clock = FixedClock(home.clock.now())
    sessions = Sessions(
        home.catalog, home.code, clock, idle=timedelta(hours=1), longest=timedelta(hours=2)
    )
    tokens = [sessions.begin(account, browser, None) for browser in ("một", "hai")]
    clock.moment += timedelta(minutes=59)
    assert sessions.find(tokens[0])
    clock.moment += timedelta(minutes=59)
    (left,) = sessions.of("thu-phien")
    assert left.browser == "một"
    sessions.purge()
    assert sessions.find(tokens[1]) is None
    sessions.end("thu-phien", left.id, BY)
    assert sessions.find(tokens[0]) is None


def _account(users: Users, name: str) -> Account:
    account = users._accounts.find(name)
    assert account is not None
    return account


def _browsers(home: Home) -> set[str]:
    with home.catalog.read() as session:
        return set(session.scalars(select(SessionRow.browser)))


def _kinds(statements: list[str]) -> list[str]:
    """Return the kinds of the statements; SQLite's own BEGIN is none."""
    kinds = [statement.split()[0] for statement in statements]
    return [kind for kind in kinds if kind != "BEGIN"]
