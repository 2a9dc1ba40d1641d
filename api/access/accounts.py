"""Accounts: name and password for the pages and the API.

Kho keeps a password as an Argon2id hash (RFC 9106).
"""

import re
import secrets
import threading
from collections import Counter, OrderedDict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from api.access.concurrency_limit import ConcurrencyLimit
from api.access.security_events import record
from archive.access.actor import Actor, known_role
from archive.access.scope import Scope
from archive.base.clock import Clock
from archive.base.errors import KhoError, Misconfigured
from archive.base.identifiers import FacilityCode, sha256
from archive.catalog.database import Catalog
from archive.catalog.operations import AccountRow

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}\Z")
_NO_NAME = ""  # all names that no account can have: wrong tries with them are counted together
_LONGEST_PASSWORD = 1024  # characters; a limit, because hashing a very long text takes time


class TooManyTries(KhoError):
    """Too many wrong passwords for one name; the same answer whether or not the name exists."""

    code = "account.too_many_tries"


class SigningInBusy(KhoError):
    """Other passwords are being checked, and this one's turn did not come in time."""

    code = "account.busy"
    retry_seconds = 5


@dataclass(frozen=True, slots=True)
class Account:
    """An authenticated caller: the actor and its scope. `mark` changes when the password does."""

    actor: Actor
    scope: Scope
    mark: str

    @property
    def name(self) -> str:
        """The name under which this caller's share of turns and room counts: unique among accounts
        and keys.
        """
        return self.actor.name


class Accounts:
    """The accounts of one home.

    Safe for threads. Pages and API of a process share one, to count tries together.

    Five wrong passwords for one name within five minutes close that name until the five minutes are
    over. The count is kept in memory.
    """

    TRIES = 5
    WINDOW = timedelta(minutes=5)
    HASHES_AT_ONCE = 2  # each takes a processor and 64 MiB
    WAITING = 10

    def __init__(
        self,
        catalog: Catalog,
        facility: FacilityCode,
        clock: Clock,
        hasher: PasswordHasher | None = None,
    ) -> None:
        """`hasher` says how much work a hash is, by default RFC 9106's second choice."""
        self._catalog, self._facility = catalog, facility
        self._hasher = hasher or PasswordHasher()
        # compared for an unknown name: takes the same time
        self._no_account = self._hasher.hash(secrets.token_hex())
        self._failures = _Failures(clock, self.TRIES, self.WINDOW)
        self._hashing = ConcurrencyLimit(self.HASHES_AT_ONCE, self.WAITING, 20.0, SigningInBusy)

    @property
    def most_threads(self) -> int:
        """How many callers may be at work or waiting, each on a thread of its own."""
        return self._hashing.most

    def create(
        self, name: str, role: str, password: str, departments: Iterable[str] | None = None
    ) -> Account:
        """Make an account, or give the one of that name a new role, departments and password.

        `name`: small ASCII letters, digits, `.`, `_` and `-`; `role`: one of
          `archive/access/roles.toml`;
        `departments`: the codes (mã khoa) that it may see, None for all. Raises Misconfigured.
        """
        if not _NAME.match(name):
            raise Misconfigured(
                why_vi="tên tài khoản chỉ gồm chữ thường không dấu, chữ số và . _ -",
                why_en="an account's name may have only lowercase letters, digits and . _ -",
            )
        if not 8 <= len(password) <= _LONGEST_PASSWORD:
            raise Misconfigured(
                why_vi=f"mật khẩu phải có từ 8 đến {_LONGEST_PASSWORD} ký tự",
                why_en=f"a password must have 8 to {_LONGEST_PASSWORD} characters",
            )
        row = AccountRow(
            name=name,
            facility=self._facility,
            role=known_role(role),
            departments=None if departments is None else sorted(set(departments)),
            password_hash=self._hasher.hash(password),
        )
        with self._catalog.write() as session:
            account = _account(session.merge(row))
        record("account.changed", account=account.actor.name, role=account.actor.role)
        return account

    def find(self, name: str) -> Account | None:
        """Return the account `name`, if there is one in this facility."""
        row = self._row(name)
        return _account(row) if row else None

    def authenticate(self, name: str, password: str) -> Account | None:
        """Return the account `name` if the password is right, else None.

        An unknown name takes the same time.

        Raises TooManyTries at once for a name that is closed, SigningInBusy if too many passwords
        wait for a check.
        """
        name = name if _NAME.match(name) else _NO_NAME  # other texts may be as long as a request
        try:
            self._failures.require_open(name)
        except TooManyTries:
            record("account.closed", account=name if self._row(name) else None)
            raise
        # No share of the turns for each name: callers without an account choose the name freely.
        with self._hashing.held(), self._failures.one_try(name):
            row = self._row(name)
            # an unknown name may be a password in the wrong field
            known = row.name if row else None
            try:
                self._hasher.verify(
                    row.password_hash if row else self._no_account, password[:_LONGEST_PASSWORD]
                )
            except VerificationError:
                row = None
            if row is None:
                self._failures.add(name)
                record("account.refused", account=known)
                return None
            self._failures.forget(name)
            record("account.signed_in", account=known)
            return _account(row)

    def _row(self, name: str) -> AccountRow | None:
        with self._catalog.read() as session:
            row = session.get(AccountRow, name)
        return row if row is not None and row.facility == self._facility else None


def _account(row: AccountRow) -> Account:
    departments = None if row.departments is None else frozenset(row.departments)
    return Account(
        Actor(row.name, row.role),
        Scope(FacilityCode(row.facility), departments),
        sha256(row.password_hash.encode())[:16],
    )


class _Failures:
    """Wrong passwords by name, for as long as they count.

    Of very many names the oldest are forgotten.
    """

    _MOST_NAMES = 10_000

    def __init__(self, clock: Clock, tries: int, window: timedelta) -> None:
        self._clock, self._tries, self._window = clock, tries, window
        self._guard = threading.Condition()
        self._trying: Counter[str] = Counter()  # tries under way
        self._times: OrderedDict[str, list[datetime]] = OrderedDict()

    @contextmanager
    def one_try(self, name: str) -> Iterator[None]:
        """Hold one of the remaining tries during the block; raises TooManyTries if none remains.

        A caller waits while the tries under way could use up all that remain. So parallel tries are
        never more than successive tries, and right passwords that arrive in parallel do not refuse
        each other.
        """
        with self._guard:
            while (failed := len(self._recent(name))) + self._trying[
                name
            ] >= self._tries and failed < self._tries:
                self._guard.wait()
            if failed >= self._tries:
                raise TooManyTries(minutes=int(self._window.total_seconds() // 60))
            self._trying[name] += 1
        try:
            yield
        finally:
            with self._guard:
                self._trying[name] -= 1
                if not self._trying[name]:
                    del self._trying[name]
                self._guard.notify_all()

    def require_open(self, name: str) -> None:
        """Raise TooManyTries where no try is left."""
        with self._guard:
            if len(self._recent(name)) >= self._tries:
                raise TooManyTries(minutes=int(self._window.total_seconds() // 60))

    def add(self, name: str) -> None:
        """Count one wrong password."""
        with self._guard:
            self._times[name] = [*self._recent(name), self._clock.now()]
            self._times.move_to_end(name)
            while len(self._times) > self._MOST_NAMES:
                self._times.popitem(last=False)

    def forget(self, name: str) -> None:
        """Forget the wrong passwords of a name: the right one was given."""
        with self._guard:
            self._times.pop(name, None)

    def _recent(self, name: str) -> list[datetime]:
        since = self._clock.now() - self._window
        return [time for time in self._times.get(name, []) if time > since]
