"""What every page needs: the archive, its accounts, and the caller."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import cast

from flask import Flask, current_app
from flask_login import UserMixin, current_user

from api.access.accounts import Account, Accounts
from api.access.api_keys import ApiKeys
from api.access.permission import require
from api.access.sessions import Session, Sessions
from api.access.turns import writing
from api.access.users import Users
from api.inspection.sets import InspectionSets
from api.inspection.turns import TakeAwayTurns
from api.reading.archive import ReadableArchive
from api.reading.verdicts import Verdicts
from api.upkeep.check_run import CheckRun
from api.upkeep.probe import Probe
from api.upkeep.status.component import Component
from api.web.drafts import Drafts
from api.web.page_pictures import PagePictures
from api.web.searches import Searches
from api.web.tasks import Tasks
from api.writing.archive import WritableArchive
from api.writing.envelopes import EnvelopeService
from archive.access.actor import Permission

_KEY = "kho"


@dataclass(frozen=True, slots=True)
class Site:
    """The parts that the pages of one application share."""

    archive: ReadableArchive
    accounts: Accounts
    users: Users
    sessions: Sessions
    keys: ApiKeys
    searches: Searches
    drafts: Drafts
    verdicts: Verdicts
    open_for_writing: Callable[[], WritableArchive]  # raises where the home cannot write
    wake: Callable[[], None]  # called when an act has left work in the outbox
    components: Probe[list[Component]]
    sets: InspectionSets
    envelopes: EnvelopeService
    take_away_turns: TakeAwayTurns
    tasks: Tasks
    pictures: PagePictures
    checks: CheckRun

    def writing(self, caller: str) -> AbstractContextManager[Callable[[], None]]:
        """Hold a turn of `caller` for work that writes; see :func:`api.access.turns.writing`."""
        return writing(self.archive.turns, caller, self.wake)

    def install(self, app: Flask) -> None:
        """Make this the site of `app`."""
        app.extensions[_KEY] = self


class SignedIn(UserMixin):  # type: ignore[misc] # Flask-Login has no types
    """A person as Flask-Login sees one: the cookie holds the token of a session that the catalogue
    knows.
    """

    def __init__(self, account: Account, token: str, session: Session | None = None) -> None:
        """`session`: None where it began with this request."""
        self.account, self._token, self.session = account, token, session

    def may(self, permission: str) -> bool:
        """Return whether the role holds a permission: pages show only what the person may open."""
        return self.account.actor.may(Permission(permission))

    def get_id(self) -> str:
        """Return what the session cookie holds."""
        return self._token

    @classmethod
    def load(cls, kept: str) -> "SignedIn | None":
        """Return the person whose session has the cookie's token; None where it has ended."""
        known = site().sessions.find(kept)
        return None if known is None else cls(known[0], kept, known[1])


def site() -> Site:
    """Return the site of the application that answers now."""
    return cast(Site, current_app.extensions[_KEY])


def caller(permission: Permission) -> Account:
    """Return the account that is signed in, if its role has `permission`; raises Denied."""
    account = cast(Account, current_user.account)
    require(account, permission)
    return account
