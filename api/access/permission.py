"""Checks a caller's permission; a refusal is a security event."""

from api.access.accounts import Account
from api.access.security_events import record
from archive.access.actor import Permission
from archive.base.errors import Denied


def require(account: Account, permission: Permission) -> None:
    """Raise Denied, and log it, unless the caller's role holds `permission`."""
    try:
        account.actor.require(permission)
    except Denied:
        record("access.denied", caller=account.name, permission=permission.value)
        raise
