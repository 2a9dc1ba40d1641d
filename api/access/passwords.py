"""Passwords: what a password must be, and its hash: Argon2id (RFC 9106)."""

import secrets
from contextlib import AbstractContextManager
from functools import cached_property

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from api.access.concurrency_limit import ConcurrencyLimit
from archive.base.errors import KhoError, Misconfigured

SHORTEST = 8  # characters; NIST SP 800-63B, 5.1.1.2, which asks for no rule about their kinds
LONGEST = 1024  # characters; a limit, because hashing a very long text takes time


class AccountInvalid(Misconfigured):
    """A name, role, department or password that no account can have."""

    code = "account.invalid"


class SigningInBusy(KhoError):
    """Other passwords are being checked, and this one's turn did not come in time."""

    code = "account.busy"
    retry_seconds = 5


class Passwords:
    """Hashes passwords, few at a time, for a hash takes a processor and 64 MiB. Safe for threads.

    Pages and API of a process share one.
    """

    HASHES_AT_ONCE = 2
    WAITING = 10

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        """`hasher` says how much work a hash is, by default RFC 9106's second choice."""
        self._hasher = hasher or PasswordHasher()
        self._hashing = ConcurrencyLimit(self.HASHES_AT_ONCE, self.WAITING, 20.0, SigningInBusy)

    @property
    def most_threads(self) -> int:
        """How many callers may be at work or waiting, each on a thread of its own."""
        return self._hashing.most

    def turn(self) -> AbstractContextManager[None]:
        """Hold a turn to hash. Raises SigningInBusy.

        No caller has a share of the turns: callers without an account choose the name freely.
        """
        return self._hashing.held()

    def hash(self, password: str) -> str:
        """Return the hash of a password that the caller has judged (:func:`require_fit`)."""
        return self._hasher.hash(password)

    def match(self, password_hash: str | None, password: str) -> bool:
        """Return whether the password has this hash.

        Without a hash (the name is unknown) the answer is no, after the same time.
        """
        try:
            self._hasher.verify(password_hash or self._no_hash, password[:LONGEST])
        except VerificationError:
            return False
        return password_hash is not None

    @cached_property
    def _no_hash(self) -> str:
        return self._hasher.hash(secrets.token_hex())


def require_fit(name: str, password: str) -> None:
    """Raise AccountInvalid where the account `name` may not have this password."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise AccountInvalid(
            why_vi=f"mật khẩu phải có từ {SHORTEST} đến {LONGEST} ký tự",
            why_en=f"a password must have {SHORTEST} to {LONGEST} characters",
        )
    if password.casefold() == name.casefold():
        raise AccountInvalid(
            why_vi="mật khẩu không được trùng với tên đăng nhập",
            why_en="a password must differ from the account's name",
        )
