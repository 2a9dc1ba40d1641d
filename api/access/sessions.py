"""Sessions of people at the pages: the cookie carries a random token, the catalogue its digest.

So a session can be listed and ended from elsewhere, and a copy of a cookie is worth nothing after
sign-out (OWASP Session Management Cheat Sheet; NIST SP 800-63B, 7.1).
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import ColumnElement, delete, or_, select, update
from sqlalchemy.orm import Session as CatalogSession

from api.access.accounts import Account, account_of
from api.access.security_events import record
from api.composition.ground import Ground
from archive.access.actor import Actor
from archive.base.clock import Clock, iso
from archive.base.errors import NotFound, Unavailable
from archive.base.identifiers import FacilityCode, sha256
from archive.catalog.database import Catalog
from archive.catalog.operations import AccountRow, SessionRow

SEEN_EVERY = timedelta(minutes=1)  # the last use is written no more often
RECENT = timedelta(hours=2)  # how long it is known whose session has ended

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Session:
    """One browser in which a person is signed in; `id` is the digest of its token.

    `browser` is the short form of its name (`Firefox · Windows`), empty where it is unknown.
    """

    id: str
    account: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    browser: str
    address: str | None

    def as_json(self) -> dict[str, Any]:
        """Return what the API answers."""
        return {
            "session_id": self.id,
            "created_at": iso(self.created_at),
            "seen_at": iso(self.seen_at),
            "expires_at": iso(self.expires_at),
            "browser": self.browser,
            "address": self.address,
        }


class Sessions:
    """The sessions of one home. Safe for threads and for several processes.

    A session ends `idle` after its last use, and `longest` after sign-in whatever happens.
    """

    def __init__(
        self,
        catalog: Catalog,
        facility: FacilityCode,
        clock: Clock,
        idle: timedelta,
        longest: timedelta,
    ) -> None:
        self._catalog, self._facility, self._clock = catalog, facility, clock
        self._idle, self._longest = idle, longest

    @classmethod
    def of_home(cls, home: Ground) -> "Sessions":
        """Return the sessions of `home`, with the ends that its settings state."""
        web = home.settings.web
        idle, longest = timedelta(minutes=web.idle_minutes), timedelta(hours=web.session_hours)
        return cls(home.catalog, home.code, home.clock, idle, longest)

    def begin(self, account: Account, browser: str, address: str | None) -> str:
        """Begin a session of an account whose password was right; return its token."""
        token, now = secrets.token_urlsafe(32), self._clock.now()
        row = SessionRow(
            digest=_digest(token),
            facility=self._facility,
            account=account.name,
            password_mark=account.mark,
            created_at=now,
            seen_at=now,
            expires_at=now + self._longest,
            browser=browser,
            address=address,
        )
        with self._catalog.write() as session:
            session.add(row)
        return token

    def find(self, token: str) -> tuple[Account, Session] | None:
        """Return the caller whose session has this token, and note that it was used.

        None where the session has ended, the account is disabled, or the password is another one.
        One query; one write a minute at most.
        """
        now, digest = self._clock.now(), _digest(token)
        asked = (
            select(SessionRow, AccountRow)
            .join(AccountRow, AccountRow.name == SessionRow.account)
            .where(
                SessionRow.digest == digest,
                SessionRow.facility == self._facility,
                AccountRow.facility == self._facility,
                AccountRow.disabled_at.is_(None),
            )
        )
        with self._catalog.read() as session:
            rows = session.execute(asked).first()
        if rows is None:
            return None
        row, account = rows[0], account_of(rows[1])
        if row.password_mark != account.mark or now >= min(
            row.expires_at, row.seen_at + self._idle
        ):
            return None
        if now - row.seen_at >= SEEN_EVERY:
            self._note_use(digest, now)
        return account, _session(row)

    def owner(self, token: str) -> str | None:
        """Return whose session has this token, or had it until at most `RECENT` ago; None where it
        ended earlier or was ended, or the account is disabled.

        It proves nothing: the person must sign in.
        """
        asked = (
            select(SessionRow.account)
            .join(AccountRow, AccountRow.name == SessionRow.account)
            .where(
                SessionRow.digest == _digest(token),
                SessionRow.facility == self._facility,
                ~self._over(RECENT),
                AccountRow.facility == self._facility,
                AccountRow.disabled_at.is_(None),
            )
        )
        with self._catalog.read() as session:
            return session.scalar(asked)

    def of(self, account: str) -> list[Session]:
        """Return the sessions of an account that have not ended, the one used last first."""
        with self._catalog.read() as session:
            rows = session.scalars(
                select(SessionRow)
                .where(self._of(account), ~self._over())
                .order_by(SessionRow.seen_at.desc(), SessionRow.digest)
            )
            return [_session(row) for row in rows]

    def end(self, account: str, session_id: str, by: Actor | None) -> None:
        """End one session of an account; `by` is None at sign-out. Raises NotFound."""
        with self._catalog.write() as session:
            row = session.get(SessionRow, session_id)
            if row is None or (row.facility, row.account) != (self._facility, account):
                raise NotFound
            session.delete(row)
        if by is not None:
            record("session.ended", account=account, by=by.name)

    def end_all(self, account: str, by: Actor, *, but: str | None = None) -> None:
        """End every session of an account, but the one with the id `but`."""
        with self._catalog.write() as session:
            session.execute(
                delete(SessionRow).where(self._of(account), SessionRow.digest != (but or ""))
            )
        record("session.ended", account=account, by=by.name)

    def purge(self) -> None:
        """Remove the sessions that ended more than `RECENT` ago; where there are none, nothing is
        written.
        """
        with self._catalog.read() as session:
            if session.scalar(select(SessionRow.digest).where(self._over(RECENT)).limit(1)) is None:
                return
        with self._catalog.write() as session:
            session.execute(delete(SessionRow).where(self._over(RECENT)))

    def _of(self, account: str) -> ColumnElement[bool]:
        return (SessionRow.facility == self._facility) & (SessionRow.account == account)

    def _over(self, ago: timedelta = timedelta()) -> ColumnElement[bool]:
        """Return the condition on sessions that ended at least `ago` before this moment."""
        then = self._clock.now() - ago
        return or_(SessionRow.expires_at <= then, SessionRow.seen_at <= then - self._idle)

    def _note_use(self, digest: str, now: datetime) -> None:
        if self._catalog.read_only:
            return
        used = update(SessionRow).where(SessionRow.digest == digest).values(seen_at=now)
        try:
            with self._catalog.write() as session:
                session.execute(used)
        # a catalogue that cannot be written now can still be read: the person may go on
        except Unavailable as error:
            _log.warning("session.use_not_noted", code=error.code)


def end_sessions(session: CatalogSession, account: str) -> None:
    """End every session of an account, in the transaction that changes the account."""
    session.execute(delete(SessionRow).where(SessionRow.account == account))


def _digest(token: str) -> str:
    return sha256(token.encode())


def _session(row: SessionRow) -> Session:
    return Session(
        id=row.digest,
        account=row.account,
        created_at=row.created_at,
        seen_at=row.seen_at,
        expires_at=row.expires_at,
        browser=row.browser,
        address=row.address,
    )
