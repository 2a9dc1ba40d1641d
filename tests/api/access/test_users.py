"""Users: what an administrator may do with accounts, and what stays refused."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from api.access.accounts import Accounts
from api.access.passwords import AccountInvalid
from api.access.users import AccountExists, LastAdministrator, Users
from api.home import Home
from archive.base.errors import KhoError, NotFound
from tests.fixtures.browsing import BY, CHEAP

SECRET, OTHER = "mat-khau-rat-dai", "mot-mat-khau-khac"


@pytest.fixture
def accounts(fresh_home: Callable[[], Home]) -> Accounts:
    """The accounts of a home of its own: none yet."""
    home = fresh_home()
    return Accounts(home.catalog, home.code, home.clock, CHEAP)


@pytest.fixture
def users(accounts: Accounts) -> Users:
    """The users of that home."""
    return Users(accounts)


def test_an_account_is_made_with_what_is_known_of_the_person(
    users: Users, accounts: Accounts
) -> None:
    users.create("lan", "clerk", SECRET, BY, departments=["K02", "K01"], full_name="Trần Thị Lan")
    (user,) = users.all()
    assert (user.name, user.full_name, user.role) == ("lan", "Trần Thị Lan", "clerk")
    assert user.departments == ("K01", "K02")
    assert user.created_at is not None
    assert user.disabled_at is None
    assert user.must_change_password
    account = accounts.authenticate("lan", SECRET)
    assert account is not None
    assert account.must_change


def test_a_name_that_exists_is_refused_and_not_changed(users: Users, accounts: Accounts) -> None:
    users.create("lan", "reader", SECRET, BY)
    with pytest.raises(AccountExists):
        users.create("lan", "clerk", OTHER, BY)
    assert accounts.authenticate("lan", SECRET) is not None
    assert [user.role for user in users.all()] == ["reader"]


@pytest.mark.parametrize(
    ("name", "role", "password"),
    [
        ("Lan", "reader", SECRET),
        ("", "reader", SECRET),
        ("lan", "king", SECRET),
        ("lan", "reader", "ngan"),
        ("lan", "reader", "x" * 1025),
        ("tranthilan", "reader", "TranThiLan"),
    ],
)
def test_an_account_needs_a_plain_name_a_known_role_and_a_password_that_is_hard_to_guess(
    users: Users, name: str, role: str, password: str
) -> None:
    with pytest.raises(AccountInvalid):
        users.create(name, role, password, BY)
    assert users.all() == []


@pytest.mark.parametrize("wrong", ["", " Lan", "Lan\nx", "x" * 101])
def test_a_full_name_and_a_department_are_one_line(users: Users, wrong: str) -> None:
    with pytest.raises(AccountInvalid):
        users.create("lan", "reader", SECRET, BY, full_name=wrong)
    with pytest.raises(AccountInvalid):
        users.create("lan", "reader", SECRET, BY, departments=[wrong])


def test_a_person_replaces_the_password_once_and_then_keeps_it(
    users: Users, accounts: Accounts
) -> None:
    users.create("lan", "reader", SECRET, BY)
    assert users.change_password("lan", "sai", OTHER) is None
    account = users.change_password("lan", SECRET, OTHER)
    assert account is not None
    assert not account.must_change
    assert accounts.authenticate("lan", SECRET) is None
    assert accounts.authenticate("lan", OTHER) == account
    users.reset_password("lan", SECRET, BY)
    account = accounts.authenticate("lan", SECRET)
    assert account is not None
    assert account.must_change


def test_the_new_password_is_another_one(users: Users) -> None:
    users.create("lan", "reader", SECRET, BY)
    with pytest.raises(AccountInvalid):
        users.change_password("lan", SECRET, SECRET)


def test_a_disabled_account_is_answered_like_an_unknown_one_until_it_is_enabled(
    users: Users, accounts: Accounts
) -> None:
    users.create("lan", "reader", SECRET, BY)
    assert users.disable("lan", BY).disabled_at == users.disable("lan", BY).disabled_at is not None
    assert accounts.find("lan") is None
    assert accounts.authenticate("lan", SECRET) is None
    assert users.enable("lan", BY).disabled_at is None
    assert accounts.authenticate("lan", SECRET) is not None


def test_a_role_comes_with_its_departments(users: Users) -> None:
    users.create("lan", "reader", SECRET, BY)
    assert users.assign("lan", "clerk", BY, departments=["K01"]).departments == ("K01",)
    assert users.assign("lan", "clerk", BY).departments is None
    with pytest.raises(AccountInvalid):
        users.assign("lan", "king", BY)


@pytest.mark.parametrize(
    "change",
    [
        lambda users: users.reset_password("lan", SECRET, BY),
        lambda users: users.disable("lan", BY),
        lambda users: users.enable("lan", BY),
        lambda users: users.assign("lan", "reader", BY),
        lambda users: users.get("lan"),
    ],
)
def test_an_unknown_user_is_named_unknown(users: Users, change: Callable[[Users], object]) -> None:
    with pytest.raises(NotFound):
        change(users)


def test_the_last_administrator_keeps_account_and_role(users: Users) -> None:
    for name in ("an", "binh"):
        users.create(name, "admin", SECRET, BY)
    users.disable("an", BY)
    with pytest.raises(LastAdministrator):
        users.disable("binh", BY)
    with pytest.raises(LastAdministrator):
        users.assign("binh", "clerk", BY)
    assert users.assign("binh", "admin", BY).role == "admin"
    assert users.assign("an", "reader", BY).role == "reader"  # disabled: it is not the last one


def test_who_makes_accounts_is_not_limited_to_departments(users: Users) -> None:
    users.create("an", "clerk", SECRET, BY, departments=["K01"])
    with pytest.raises(AccountInvalid):
        users.create("binh", "admin", SECRET, BY, departments=["K01"])
    with pytest.raises(AccountInvalid):
        users.assign("an", "admin", BY, departments=["K01"])
    assert users.get("an").role == "clerk"


@pytest.mark.parametrize("home", ["demo_home", "postgres_demo_home"])
def test_administrators_who_disable_each_other_at_once_leave_one(
    home: str, request: pytest.FixtureRequest
) -> None:
    opened: Home = request.getfixturevalue(home)
    users = Users(Accounts(opened.catalog, opened.code, opened.clock, CHEAP))
    names = {user.name for user in users.all() if user.role == "admin"}
    for name in {"an", "binh"} - names:
        users.create(name, "admin", SECRET, BY)
    for name in names - {"an", "binh"}:
        users.disable(name, BY)

    def disable(name: str) -> bool:
        try:
            users.disable(name, BY)
        except KhoError as error:
            assert isinstance(error, LastAdministrator)  # noqa: PT017
            return False
        return True

    with ThreadPoolExecutor(2) as threads:
        for _ in range(10):
            for name in ("an", "binh"):
                users.enable(name, BY)
            assert sorted(threads.map(disable, ("an", "binh"))) == [False, True]
    for name in names | {"an", "binh"}:
        users.enable(name, BY)
