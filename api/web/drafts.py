"""What a person had typed when the session ended: kept in memory, for the same person's next
sign-in.

Its address has an opaque id, so it holds no patient data. Files are not kept. A cookie of a session
that ended proves nothing, so a draft costs little: each account has few, for a short time.
"""

import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta

from werkzeug.datastructures import MultiDict

from archive.base.clock import Clock
from archive.base.identifiers import new_id

KEPT = timedelta(hours=2)
MOST_OF_ONE = 5  # drafts of an account
_MOST = 500
_MOST_BYTES = 16 << 10  # of the texts of one form
_NEVER = frozenset({"csrf_token"})


@dataclass(frozen=True, slots=True)
class _Draft:
    account: str
    path: str
    fields: MultiDict[str, str]
    kept_at: datetime


class Drafts:
    """The last drafts of all accounts. Safe for threads."""

    def __init__(self, clock: Clock) -> None:
        self._clock, self._guard = clock, threading.Lock()
        self._kept: OrderedDict[str, _Draft] = OrderedDict()  # oldest first

    def keep(self, account: str, path: str, fields: MultiDict[str, str]) -> str | None:
        """Keep what `account` typed in the form at `path`; return its id, None where it is long.

        The oldest drafts of the account beyond `MOST_OF_ONE` are forgotten, and of all very many.
        """
        typed = MultiDict([pair for pair in fields.items(multi=True) if pair[0] not in _NEVER])
        if sum(len(name) + len(text) for name, text in typed.items(multi=True)) > _MOST_BYTES:
            return None
        key = new_id()
        with self._guard:
            self._sweep()
            for old in self._of(account)[: 1 - MOST_OF_ONE or None]:
                del self._kept[old]
            self._kept[key] = _Draft(account, path, typed, self._clock.now())
            while len(self._kept) > _MOST:
                self._kept.popitem(last=False)
        return key

    def take(self, account: str, path: str, key: str) -> MultiDict[str, str] | None:
        """Return the draft `key` once, if `account` typed it in the form at `path` lately."""
        with self._guard:
            self._sweep()
            draft = self._kept.get(key)
            if draft is None or (draft.account, draft.path) != (account, path):
                return None
            del self._kept[key]
            return draft.fields

    def forget(self, account: str) -> None:
        """Forget what `account` typed: the person has signed out."""
        with self._guard:
            for key in self._of(account):
                del self._kept[key]

    def _of(self, account: str) -> list[str]:
        return [key for key, draft in self._kept.items() if draft.account == account]

    def _sweep(self) -> None:
        """Forget what has been kept for its time."""
        until = self._clock.now() - KEPT
        for key in [key for key, draft in self._kept.items() if draft.kept_at <= until]:
            del self._kept[key]
