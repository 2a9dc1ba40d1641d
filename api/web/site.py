"""What every page needs: the archive, its accounts, and the caller."""

from dataclasses import dataclass
from typing import cast

from flask import Flask, current_app
from flask_login import UserMixin, current_user

from api.access.accounts import Account, Accounts
from api.access.permission import require
from api.access.users import Users
from api.reading.archive import ReadableArchive
from api.reading.verdicts import Verdicts
from api.web.searches import Searches
from archive.access.actor import Permission

_KEY = "kho"


@dataclass(frozen=True, slots=True)
class Site:
    """The parts that the pages of one application share."""

    archive: ReadableArchive
    accounts: Accounts
    users: Users
    searches: Searches
    verdicts: Verdicts

    def install(self, app: Flask) -> None:
        """Make this the site of `app`."""
        app.extensions[_KEY] = self


class SignedIn(UserMixin):  # type: ignore[misc] # Flask-Login has no types
    """An account as Flask-Login sees it: the session holds its name and mark, so a new password
    ends old sessions.
    """

    def __init__(self, account: Account) -> None:
        self.account = account

    def may(self, permission: str) -> bool:
        """Return whether the role holds a permission: pages show only what the person may open."""
        return self.account.actor.may(Permission(permission))

    def get_id(self) -> str:
        """Return what the session cookie holds."""
        return f"{self.account.actor.name}:{self.account.mark}"

    @classmethod
    def load(cls, kept: str) -> "SignedIn | None":
        """Return the account that the session cookie names; None if it is gone or its password has
        changed.
        """
        name, _, mark = kept.partition(":")
        account = site().accounts.find(name)
        return cls(account) if account is not None and account.mark == mark else None


def site() -> Site:
    """Return the site of the application that answers now."""
    return cast(Site, current_app.extensions[_KEY])


def caller(permission: Permission) -> Account:
    """Return the account that is signed in, if its role has `permission`; raises Denied."""
    account = cast(Account, current_user.account)
    require(account, permission)
    return account
