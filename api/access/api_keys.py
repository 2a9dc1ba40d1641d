"""API keys: programs call the API with them.

A key has a secret, a role, departments and an expiry time.

A key is `kho_`, eight characters by which people recognise it (its id), `_`, and 256 random bits.
Kho shows the secret once and keeps its SHA-256. It needs no slow hash, as a password does, because
it cannot be guessed.
"""

import hmac
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Literal

import structlog
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from api.access.accounts import Account
from api.access.lines import is_one_line
from api.access.scopes import departments_of, scope_of
from api.access.security_events import record
from archive.access.actor import Actor, known_role
from archive.base.clock import VIETNAM, Clock, iso, vietnam_date
from archive.base.errors import KhoError, Misconfigured, NotFound, Unavailable
from archive.base.identifiers import FacilityCode, sha256
from archive.catalog.database import Catalog
from archive.catalog.operations import ApiKeyRow

LONGEST_LIFE = timedelta(days=2 * 366)
USUAL_LIFE = timedelta(days=365)
_ID_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that looks like another
_KEY = re.compile(r"kho_([a-z0-9]{8})_[A-Za-z0-9_-]{43}\Z")
_NO_KEY = sha256(b"")  # compared for an unknown id
_SEEN_EVERY = timedelta(minutes=1)  # the last use is written no more often

_log = structlog.get_logger(__name__)


class ApiKeyExists(KhoError):
    """A key has this id already: the form that asks for it came twice."""

    code = "key.exists"


@dataclass(frozen=True, slots=True)
class ApiKey:
    """The facts about a key. Its secret is not among them: Kho does not keep it."""

    id: str
    name: str
    role: str
    departments: tuple[str, ...] | None
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    last_used_at: datetime | None

    def state(self, now: datetime) -> Literal["valid", "expired", "revoked"]:
        """Return whether the key opens anything at `now`."""
        if self.revoked_at:
            return "revoked"
        return "expired" if self.expires_at <= now else "valid"

    def as_json(self) -> dict[str, Any]:
        """Return what `kho key list` prints."""
        return {
            "key_id": self.id,
            "name": self.name,
            "role": self.role,
            "departments": None if self.departments is None else list(self.departments),
            "created_at": iso(self.created_at),
            "expires_at": iso(self.expires_at),
            "revoked_at": iso(self.revoked_at) if self.revoked_at else None,
            "last_used_at": iso(self.last_used_at) if self.last_used_at else None,
        }


class ApiKeys:
    """The API keys of one home.

    Safe for threads; nothing is kept in memory: a revoked key ends at once, everywhere.
    """

    def __init__(self, catalog: Catalog, facility: FacilityCode, clock: Clock) -> None:
        self._catalog, self._facility, self._clock = catalog, facility, clock

    def last_day(self) -> date:
        """Return the last day of a key for which the caller names none: in one year."""
        return vietnam_date(self._clock.now() + USUAL_LIFE)

    def accepts(self, last_day: date) -> bool:
        """Return whether a key may be valid until the end of `last_day`."""
        now = self._clock.now()
        return vietnam_date(now) <= last_day < vietnam_date(now + LONGEST_LIFE)

    def create(
        self,
        name: str,
        role: str,
        expires_at: datetime,
        departments: Iterable[str] | None = None,
        *,
        key_id: str | None = None,
        by: Actor | None = None,
    ) -> tuple[ApiKey, str]:
        """Make a key and return it with its secret, which is shown only this once.

        `name`: the program that holds the key, one line; the acts that the program causes contain
          it. `role`: one of
        `archive/access/roles.toml`. `departments`: the codes (mã khoa) that it may see, None for
        all. Several keys may have the same name, so that a key can be replaced without a gap.
        `key_id`: of :func:`new_key_id`, for a form that may come twice; `by`: who makes it at the
        pages or the API.

        Raises Misconfigured, ApiKeyExists; AccountInvalid for the departments.
        """
        now = self._clock.now()
        _require_name(name)
        if not now < expires_at <= now + LONGEST_LIFE:
            raise Misconfigured(
                why_vi="ngày hết hạn của khóa API phải ở tương lai, không quá hai năm nữa",
                why_en="an API key must expire in the future, within two years",
            )
        key_id = key_id or new_key_id()
        secret = f"kho_{key_id}_{secrets.token_urlsafe(32)}"
        row = ApiKeyRow(
            id=key_id,
            facility=self._facility,
            name=name,
            role=known_role(role),
            departments=departments_of(role, departments),
            digest=sha256(secret.encode()),
            created_at=now,
            expires_at=expires_at,
            revoked_at=None,
            last_used_at=None,
        )
        key = _key_of(row)
        try:
            with self._catalog.write() as session:
                if session.get(ApiKeyRow, key_id) is not None:
                    raise ApiKeyExists(key=key_id)
                session.add(row)
        except IntegrityError as error:  # another request made it at this moment
            raise ApiKeyExists(key=key_id) from error
        record("key.created", key=key.id, role=key.role, by=by.name if by else None)
        return key, secret

    def all(self) -> list[ApiKey]:
        """Return every key, also those that ended, oldest first."""
        mine = select(ApiKeyRow).where(ApiKeyRow.facility == self._facility)
        with self._catalog.read() as session:
            return [
                _key_of(row)
                for row in session.scalars(mine.order_by(ApiKeyRow.created_at, ApiKeyRow.id))
            ]

    def revoke(self, key_id: str, by: Actor | None = None) -> ApiKey:
        """Revoke a key for ever; a key that is revoked already is not changed.

        `key_id` may begin with `kho_`; `by`: who ends it at the pages or the API.

        Raises NotFound.
        """
        with self._catalog.write() as session:
            row = session.get(ApiKeyRow, key_id.removeprefix("kho_"))
            if row is None or row.facility != self._facility:
                raise NotFound
            row.revoked_at = row.revoked_at or self._clock.now()
            key = _key_of(row)
        record("key.revoked", key=key.id, by=by.name if by else None)
        return key

    def authenticate(self, secret: str) -> Account | None:
        """Return the account of the key `secret`; None if the key does not exist, is revoked, or
        has expired.
        """
        shape = _KEY.match(secret)
        if shape is None:
            record("key.refused", why="unknown")
            return None
        with self._catalog.read() as session:
            row = session.get(ApiKeyRow, shape[1])
        known = hmac.compare_digest(sha256(secret.encode()), row.digest if row else _NO_KEY)
        now = self._clock.now()
        if row is None or not known or row.facility != self._facility:
            record("key.refused", why="unknown")
            return None
        if row.revoked_at is not None or now >= row.expires_at:
            record("key.refused", key=row.id, why="ended" if row.revoked_at is None else "revoked")
            return None
        if row.last_used_at is None or now - row.last_used_at > _SEEN_EVERY:
            self._note_use(row.id, now)
            record("key.used", key=row.id)
        actor = Actor(f"{row.name} (kho_{row.id})", row.role)
        return Account(actor, scope_of(actor, row.facility, row.departments), row.id)

    def _note_use(self, key_id: str, now: datetime) -> None:
        if self._catalog.read_only:
            return
        try:
            with self._catalog.write() as session:
                row = session.get(ApiKeyRow, key_id)
                if row is not None:
                    row.last_used_at = now
        # a catalogue that cannot be written now can still be read: the caller may go on
        except Unavailable as error:
            _log.warning("api_key.use_not_noted", key=key_id, code=error.code)


def new_key_id() -> str:
    """Return an id that no key has yet."""
    return "".join(secrets.choice(_ID_LETTERS) for _ in range(8))


def is_key_id(text: str) -> bool:
    """Return whether `text` can be a key's id."""
    return len(text) == 8 and set(text) <= set(_ID_LETTERS)


def end_of(last: date) -> datetime:
    """Return the moment in which the day `last` ends in Viet Nam."""
    return datetime.combine(last + timedelta(days=1), time(), VIETNAM)


def _require_name(name: str) -> None:
    if not is_one_line(name):
        raise Misconfigured(
            why_vi="tên khóa API phải là một dòng chữ, từ 1 đến 100 ký tự",
            why_en="an API key's name must be one line of 1 to 100 characters",
        )


def _key_of(row: ApiKeyRow) -> ApiKey:
    return ApiKey(
        id=row.id,
        name=row.name,
        role=row.role,
        departments=None if row.departments is None else tuple(row.departments),
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        last_used_at=row.last_used_at,
    )
