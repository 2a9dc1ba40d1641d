"""The first administrator of an archive: somebody must be able to sign in."""

from api.access.accounts import Accounts
from api.access.users import AccountExists, Users
from api.home import Home
from archive.access.actor import ADMINISTRATOR, Actor


def has_administrator(home: Home) -> bool:
    """Return whether an administrator can sign in."""
    return any(
        user.role == ADMINISTRATOR and user.disabled_at is None for user in _users(home).all()
    )


def make_administrator(home: Home, name: str, password: str, by: Actor) -> None:
    """Make the administrator `name`; one of that name is left as it is.

    Raises AccountExists where `name` has another role, AccountInvalid, SigningInBusy.
    """
    users = _users(home)
    known = next((user for user in users.all() if user.name == name), None)
    if known is None:
        users.create(name, ADMINISTRATOR, password, by)
    elif known.role != ADMINISTRATOR:
        raise AccountExists(name=name)


def _users(home: Home) -> Users:
    return Users(Accounts(home.catalog, home.code, home.clock))
