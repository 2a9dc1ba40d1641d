"""The frame of every page: the entries that a role may open, with a count where work waits.

A new page adds one line to `ENTRIES`, and its name to `frame:` of `texts.yaml`.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from flask import Flask, request
from flask_login import current_user
from werkzeug.wrappers import Response

from api.access.accounts import Account
from api.web.site import site
from api.web.waiting_uploads import waiting_uploads
from archive.access.actor import Permission
from archive.base.errors import KhoError

FRESH = 30.0  # seconds; a form that the person sends ends it sooner

Count = Callable[[Account], int]


def _not_deposited(account: Account) -> int:
    """Return how many discharged charts wait for their papers or their deposit."""
    lines = ("ready", "papers_missing")
    return site().archive.worklist.total(lines, account.actor, account.scope)


def _refused(account: Account) -> int:
    """Return how many refusals wait for a person."""
    return site().archive.refusals.open_count(account.actor, account.scope)


def _collected(account: Account) -> int:
    """Return how many papers the person has collected."""
    return site().sets.count(account.actor, account.scope)


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry; `name` is its text in `frame:` of `texts.yaml`.

    `endpoint`: the page that it opens. `blueprints`: whose pages belong to it. `count`: how much is
    behind it; 0 is not shown. `counted`: the text in `frame:` for what is counted.
    """

    name: str
    endpoint: str
    permission: Permission
    blueprints: tuple[str, ...]
    count: Count | None = None
    counted: str = "waiting"


# In the order in which pages show them; a person begins at the first that the role may open.
ENTRIES = (
    Entry("search", "search.ask", Permission.FIND, ("search",)),
    Entry(
        "charts",
        "lists.show",
        Permission.READ,
        ("lists", "charts", "deposits", "printing", "documents", "correcting", "filling"),
        _not_deposited,
    ),
    Entry("bringing", "bringing.bring", Permission.INGEST, ("bringing", "photographs")),
    Entry("refusals", "refusals.listed", Permission.INGEST, ("refusals",), _refused),
    Entry("set", "sets.show", Permission.ORIGINAL, ("sets",), _collected, "papers"),
    Entry(
        "packets",
        "packets.listed",
        Permission.READ,
        ("packets", "packet_making", "packet_reception", "waiting_papers", "partners"),
        lambda account: len(waiting_uploads(account.name)),
    ),
    Entry("verify", "verifying.verify", Permission.READ, ("verifying",)),
    Entry("people", "people.listed", Permission.PEOPLE, ("people",)),
    Entry("keys", "keys.listed", Permission.KEYS, ("keys",)),
    # A clerk names departments, too, and comes from the table of charts: the frame has little room.
    Entry("departments", "departments.listed", Permission.PEOPLE, ("departments",)),
    Entry("gallery", "gallery.listed", Permission.HEALTH, ("gallery",)),
    Entry("status", "status.show", Permission.HEALTH, ("status", "checking")),
)
_OWN = "own_account.password"  # every role has it


@dataclass(frozen=True, slots=True)
class Shown:
    """An entry as the page of a person shows it."""

    name: str
    endpoint: str
    count: int
    counted: str
    current: bool


class Counts:
    """The counts of each account, kept for a moment: a page does not count what the last counted.

    Safe for threads.
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._kept: dict[str, dict[str, tuple[float, int]]] = {}

    def get(self, entry: Entry, account: Account) -> int:
        """Return how much work waits behind `entry`, as it is or was a moment ago."""
        if entry.count is None:
            return 0
        with self._guard:
            at, count = self._kept.get(account.name, {}).get(entry.name, (-FRESH, 0))
        if time.monotonic() - at < FRESH:
            return count
        try:
            count = entry.count(account)
        except KhoError:  # the page says what does not work; its frame is shown all the same
            return 0
        with self._guard:
            self._kept.setdefault(account.name, {})[entry.name] = (time.monotonic(), count)
        return count

    def forget(self, account: str) -> None:
        """Count again for `account`."""
        with self._guard:
            self._kept.pop(account, None)


def first_page(may: Callable[[str], bool]) -> str:
    """Return the endpoint at which a person begins; `may`: whether the role has a permission."""
    return next((entry.endpoint for entry in ENTRIES if may(entry.permission)), _OWN)


def install(app: Flask) -> None:
    """Give the templates of `app` the function `frame`."""
    counts = Counts()

    def frame() -> list[Shown]:
        """Return the entries of the person who is signed in; none with a first password."""
        if not current_user.is_authenticated or current_user.account.must_change:
            return []
        account = cast(Account, current_user.account)
        return [
            Shown(
                entry.name,
                entry.endpoint,
                counts.get(entry, account),
                entry.counted,
                request.blueprint in entry.blueprints,
            )
            for entry in ENTRIES
            if account.actor.may(entry.permission)
        ]

    def after_form(response: Response) -> Response:
        if request.method == "POST" and current_user.is_authenticated:
            counts.forget(current_user.account.name)
        return response

    app.after_request(after_form)
    given: dict[str, Any] = {"frame": frame}
    app.jinja_env.globals.update(given)
