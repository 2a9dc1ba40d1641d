"""Users: the people who have an account, and what an administrator may do with the accounts.

The command `kho user`, the pages and the API call this one service. It asks no permission: its
callers do.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import or_, select
from sqlalchemy.exc import IntegrityError

from api.access.accounts import NAME, UNKNOWN, Account, Accounts, account_of
from api.access.known_places import Client
from api.access.lines import is_one_line
from api.access.passwords import AccountInvalid, require_fit
from api.access.scopes import departments_of
from api.access.security_events import record
from api.access.sessions import end_sessions
from archive.access.actor import ADMINISTRATOR, Actor, role_names
from archive.base.clock import iso
from archive.base.errors import KhoError, NotFound
from archive.catalog.operations import AccountRow

_Result = TypeVar("_Result")


class AccountExists(KhoError):
    """There is an account of this name already; it is not changed."""

    code = "account.exists"


class LastAdministrator(KhoError):
    """No other administrator can sign in, so this one keeps role and account."""

    code = "account.last_administrator"


@dataclass(frozen=True, slots=True)
class User:
    """The facts about an account; its password's hash is not among them.

    `created_at` is None for an account that Kho made before 0.2.
    """

    name: str
    full_name: str | None
    role: str
    departments: tuple[str, ...] | None
    created_at: datetime | None
    disabled_at: datetime | None
    must_change_password: bool

    def as_json(self) -> dict[str, Any]:
        """Return what `kho user` prints and the API answers."""
        return {
            "name": self.name,
            "full_name": self.full_name,
            "role": self.role,
            "departments": None if self.departments is None else list(self.departments),
            "created_at": iso(self.created_at) if self.created_at else None,
            "disabled_at": iso(self.disabled_at) if self.disabled_at else None,
            "must_change_password": self.must_change_password,
        }


class Users:
    """The users of one home. Safe for threads and for several processes.

    Every change ends the account's sessions. `by` is the person who does it, for the log of
    security events.
    """

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts
        self._catalog, self._facility = accounts.catalog, accounts.facility

    def create(
        self,
        name: str,
        role: str,
        password: str,
        by: Actor,
        *,
        departments: Iterable[str] | None = None,
        full_name: str | None = None,
        must_change: bool = True,
    ) -> User:
        """Make an account.

        `name`: small ASCII letters, digits, `.`, `_` and `-`, at most 64; `role`: one of
        `archive/access/roles.toml`; `departments`: the codes (mã khoa) that the person may see,
        None for all; `must_change`: the person replaces the password at the first sign-in.

        Raises AccountInvalid, AccountExists, SigningInBusy.
        """
        require_name(name)
        if full_name is not None and not is_one_line(full_name):
            raise AccountInvalid(
                why_vi="họ tên phải là một dòng chữ, từ 1 đến 100 ký tự",
                why_en="a full name must be one line of 1 to 100 characters",
            )
        row = AccountRow(
            name=name,
            facility=self._facility,
            role=_known(role),
            departments=departments_of(role, departments),
            password_hash=self._hash(name, password),
            full_name=full_name,
            created_at=self._accounts.clock.now(),
            disabled_at=None,
            must_change_password=must_change,
        )
        try:
            with self._catalog.write() as session:
                if session.get(AccountRow, name) is not None:
                    raise AccountExists(name=name)
                session.add(row)
        except IntegrityError as error:  # another process made it at this moment
            raise AccountExists(name=name) from error
        record("account.changed", account=name, role=role, by=by.name)
        return _user(row)

    def all(self) -> list[User]:
        """Return every user of the facility, also disabled ones, by name."""
        mine = select(AccountRow).where(AccountRow.facility == self._facility)
        with self._catalog.read() as session:
            return [_user(row) for row in session.scalars(mine.order_by(AccountRow.name))]

    def get(self, name: str) -> User:
        """Return the user `name`. Raises NotFound."""
        with self._catalog.read() as session:
            row = session.get(AccountRow, name)
        if row is None or row.facility != self._facility:
            raise NotFound
        return _user(row)

    def reset_password(
        self, name: str, password: str, by: Actor, *, must_change: bool = True
    ) -> User:
        """Give a user another password, which the person replaces at the next sign-in.

        Raises NotFound, AccountInvalid, SigningInBusy.
        """
        self.get(name)
        password_hash = self._hash(name, password)

        def reset(row: AccountRow, _is_last: bool) -> None:
            row.password_hash, row.must_change_password = password_hash, must_change

        user = self._change(name, reset)
        record("account.password_reset", account=name, by=by.name)
        return user

    def change_password(
        self, name: str, old: str, new: str, client: Client = UNKNOWN
    ) -> Account | None:
        """Give a person the password that the person chose; None where `old` is wrong.

        A wrong `old` counts as a wrong try to sign in from `client`. Raises AccountInvalid,
        TooManyTries, SigningInBusy.
        """
        require_fit(name, new)
        if new == old:
            raise AccountInvalid(
                why_vi="mật khẩu mới phải khác mật khẩu cũ",
                why_en="the new password must differ from the old one",
            )
        if self._accounts.authenticate(name, old, client) is None:
            return None
        password_hash = self._hash(name, new)

        def change(row: AccountRow, _is_last: bool) -> Account:
            row.password_hash, row.must_change_password = password_hash, False
            return account_of(row)

        account = self._changed(name, change)
        record("account.password_changed", account=name)
        return account

    def disable(self, name: str, by: Actor) -> User:
        """Let a user sign in no longer; a user who is disabled already is not changed.

        Raises NotFound, LastAdministrator.
        """

        def disable(row: AccountRow, is_last: bool) -> None:
            if is_last:
                raise LastAdministrator(name=name)
            row.disabled_at = row.disabled_at or self._accounts.clock.now()

        user = self._change(name, disable)
        record("account.disabled", account=name, by=by.name)
        return user

    def enable(self, name: str, by: Actor) -> User:
        """Let a disabled user sign in again, with the password of before. Raises NotFound."""

        def enable(row: AccountRow, _is_last: bool) -> None:
            row.disabled_at = None

        user = self._change(name, enable)
        record("account.enabled", account=name, by=by.name)
        return user

    def assign(
        self, name: str, role: str, by: Actor, *, departments: Iterable[str] | None = None
    ) -> User:
        """Give a user a role, and the departments that the user may see (None for all).

        Raises NotFound, AccountInvalid, LastAdministrator.
        """
        known = _known(role)
        codes = departments_of(known, departments)

        def assign(row: AccountRow, is_last: bool) -> None:
            if is_last and known != ADMINISTRATOR:
                raise LastAdministrator(name=name)
            row.role, row.departments = known, codes

        user = self._change(name, assign)
        record("account.changed", account=name, role=role, by=by.name)
        return user

    def _hash(self, name: str, password: str) -> str:
        require_fit(name, password)
        with self._accounts.passwords.turn():
            return self._accounts.passwords.hash(password)

    def _change(self, name: str, change: Callable[[AccountRow, bool], None]) -> User:
        """Change the row of `name` as :meth:`_changed` does, and return the user."""

        def changed(row: AccountRow, is_last: bool) -> User:
            change(row, is_last)
            return _user(row)

        return self._changed(name, changed)

    def _changed(self, name: str, change: Callable[[AccountRow, bool], _Result]) -> _Result:
        """Change the row of `name`, and end its sessions; `change` also gets whether it is the last
        administrator.

        The administrators' rows are locked, always in one order, until the change is committed: of
        two administrators who disable each other at once, one is refused.
        """
        concerned = (
            select(AccountRow)
            .where(
                AccountRow.facility == self._facility,
                or_(AccountRow.name == name, AccountRow.role == ADMINISTRATOR),
            )
            .order_by(AccountRow.name)
            .with_for_update()
        )
        with self._catalog.write() as session:
            rows = session.scalars(concerned).all()
            row = next((row for row in rows if row.name == name), None)
            if row is None:
                raise NotFound
            administrators = [
                other.name
                for other in rows
                if other.role == ADMINISTRATOR and other.disabled_at is None
            ]
            result = change(row, administrators == [name])
            end_sessions(session, name)
            return result


def require_name(name: str) -> str:
    """Return `name` if an account may have it. Raises AccountInvalid."""
    if not NAME.match(name):
        raise AccountInvalid(
            why_vi="tên tài khoản chỉ gồm chữ thường không dấu, chữ số và . _ -",
            why_en="an account's name may have only lowercase letters, digits and . _ -",
        )
    return name


def _known(role: str) -> str:
    if role not in role_names():
        known = ", ".join(role_names())
        raise AccountInvalid(
            why_vi=f"không có vai trò {role}; các vai trò: {known}",
            why_en=f"there is no role {role}; the roles are {known}",
        )
    return role


def _user(row: AccountRow) -> User:
    return User(
        name=row.name,
        full_name=row.full_name,
        role=row.role,
        departments=None if row.departments is None else tuple(row.departments),
        created_at=row.created_at,
        disabled_at=row.disabled_at,
        must_change_password=row.must_change_password,
    )
