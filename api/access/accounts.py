"""Accounts: the callers that sign in with name and password, at the pages and at the API."""

import re
from dataclasses import dataclass
from datetime import timedelta

from argon2 import PasswordHasher

from api.access.known_places import Client, KnownPlaces
from api.access.passwords import Passwords
from api.access.scopes import scope_of
from api.access.security_events import record
from api.access.wrong_tries import Limit, TooManyTries, WrongTries
from archive.access.actor import Actor
from archive.access.scope import Scope
from archive.base.clock import Clock
from archive.base.identifiers import FacilityCode, sha256
from archive.catalog.database import Catalog
from archive.catalog.operations import AccountRow

NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}\Z")
UNKNOWN = Client()
_NO_NAME = ""  # all names that no account can have: wrong tries with them are counted together


@dataclass(frozen=True, slots=True)
class Account:
    """An authenticated caller: the actor and its scope. `mark` changes when the password does.

    `must_change`: an administrator knows the password; nothing is open before the person has
    changed it.
    """

    actor: Actor
    scope: Scope
    mark: str
    must_change: bool = False

    @property
    def name(self) -> str:
        """The name under which this caller's share of turns and room counts: unique among accounts
        and keys.
        """
        return self.actor.name


class Accounts:
    """The accounts of one home, and whether a password is right.

    Safe for threads. Pages and API of a process share one.

    Five wrong passwords for one name within five minutes close that name to strangers until the
    five minutes are over, and thirty from one address close the address to them. A person who has
    signed in from a place before (:mod:`api.access.known_places`) has five tries apart there:
    strangers cannot use them up. So a guesser has five tries in five minutes, from however many
    addresses, and five more at each place that the person knows, and shuts no person out there.
    """

    TRIES = 5
    ADDRESS_TRIES = 30
    WINDOW = timedelta(minutes=5)

    def __init__(
        self,
        catalog: Catalog,
        facility: FacilityCode,
        clock: Clock,
        hasher: PasswordHasher | None = None,
    ) -> None:
        """`hasher` says how much work a hash is (:class:`api.access.passwords.Passwords`)."""
        self.catalog, self.facility, self.clock = catalog, facility, clock
        self.passwords = Passwords(hasher)
        self._places = KnownPlaces(catalog, facility, clock)
        self._wrong = WrongTries(catalog, clock, self.WINDOW)

    def find(self, name: str) -> Account | None:
        """Return the account `name`, if there is one in this facility and it is not disabled."""
        row = self._row(name)
        return account_of(row) if row and row.disabled_at is None else None

    def authenticate(self, name: str, password: str, client: Client = UNKNOWN) -> Account | None:
        """Return the account `name` if the password is right, else None.

        `client`: where the password comes from. An unknown name and a disabled account take the
        same time, and get the same answer.

        Raises TooManyTries at once for what is closed, SigningInBusy if too many passwords wait for
        a check, Unavailable where the catalogue cannot be written: a try that is not counted is
        none.
        """
        name = name if NAME.match(name) else _NO_NAME  # other texts may be as long as a request
        limits = self._limits(name, client)
        try:
            self._wrong.require_open(limits)
            with self.passwords.turn(), self._wrong.one_try(limits) as judged:
                row = self._row(name)
                right = self.passwords.match(row.password_hash if row else None, password)
                enabled = row is not None and row.disabled_at is None
                judged.right = right and enabled
        except TooManyTries:
            record("account.closed", account=name if self._row(name) else None)
            raise
        # an unknown name may be a password in the wrong field
        known = row.name if row else None
        if row is None or not judged.right:
            record("account.refused", account=known)
            return None
        self._places.remember(name, client)
        record("account.signed_in", account=known)
        return account_of(row)

    def purge(self) -> None:
        """Forget the tries and places that no longer count."""
        self._wrong.purge()
        self._places.purge()

    def _limits(self, name: str, client: Client) -> list[Limit]:
        """Return what a wrong password for `name` counts against; the first is the name's own."""
        place = self._places.find(name, client)
        if place is not None:
            return [Limit(self._counted("name and place", name, place), self.TRIES)]
        limits = [Limit(self._counted("name", name), self.TRIES)]
        if client.address is not None:
            limits.append(Limit(self._counted("address", client.address), self.ADDRESS_TRIES))
        return limits

    def _counted(self, *facts: str) -> str:
        return sha256("\n".join((self.facility, *facts)).encode())

    def _row(self, name: str) -> AccountRow | None:
        with self.catalog.read() as session:
            row = session.get(AccountRow, name)
        return row if row is not None and row.facility == self.facility else None


def account_of(row: AccountRow) -> Account:
    """Return the caller that a row of the catalogue describes."""
    actor = Actor(row.name, row.role)
    return Account(
        actor,
        scope_of(actor, row.facility, row.departments),
        sha256(row.password_hash.encode())[:16],
        row.must_change_password,
    )
