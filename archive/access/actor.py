"""Actors and their permissions: roles and permissions are data (`roles.toml`)."""

import tomllib
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources

from archive.base.errors import Denied, Misconfigured

ADMINISTRATOR = "admin"  # the role that manages users; it opens no record


class Permission(StrEnum):
    """One thing that a role may allow."""

    READ = "read"
    FIND = "find"
    SENSITIVE = "sensitive"
    ORIGINAL = "original"
    INGEST = "ingest"
    DEPOSIT = "deposit"
    PACKET = "packet"
    PARTNER = "partner"
    LEDGER = "ledger"
    MAINTAIN = "maintain"
    DEPARTMENTS = "departments"
    PEOPLE = "people"
    KEYS = "keys"
    HEALTH = "health"


@cache
def _roles() -> dict[str, frozenset[Permission]]:
    text = resources.files("archive.access").joinpath("roles.toml").read_text("utf-8")
    return {
        name: frozenset(Permission(p) for p in role["permissions"])
        for name, role in tomllib.loads(text).items()
    }


@dataclass(frozen=True, slots=True)
class Actor:
    """A person or program that acts, with one role of `roles.toml`."""

    name: str
    role: str

    def may(self, permission: Permission) -> bool:
        """Tell whether the role holds `permission`; an unknown role holds none."""
        return permission in _roles().get(self.role, frozenset())

    def require(self, permission: Permission) -> None:
        """Return if the role holds `permission`.

        Raises :class:`~archive.base.errors.Denied` otherwise.
        """
        if not self.may(permission):
            raise Denied


def role_names() -> tuple[str, ...]:
    """Return every role, in the order of `roles.toml`."""
    return tuple(_roles())


def known_role(name: str) -> str:
    """Return `name` if it is a role; raises :class:`~archive.base.errors.Misconfigured`."""
    if name not in _roles():
        raise Misconfigured(why_vi=f"không có vai trò {name}", why_en=f"there is no role {name}")
    return name


def may_be_limited(role: str) -> bool:
    """Tell whether an account or key of `role` may be limited to departments.

    A role that makes accounts or keys may not: it could make another without the limit.
    """
    return not _roles()[role] & {Permission.PEOPLE, Permission.KEYS}
