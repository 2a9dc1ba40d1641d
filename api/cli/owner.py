"""Checks the owner of a home: files of another user in it would lock the owner out
of the archive.
"""

import os
import pwd
from pathlib import Path

from archive.base.errors import KhoError

# a mounted volume's own folder may be root's
_WRITTEN_BY_KHO = ("catalog.db", "keys/ledger.pem", "keys")


class AnothersHome(KhoError):
    """The home belongs to another user of this machine, and this user could write there."""

    code = "home.other_owner"


def require_owner(home: Path, *, named: bool = True) -> None:
    """Raise AnothersHome if this process could write to another user's home: that user could not
    read the new files.

    A user with read access only may read a home, if the user named it (`named`). A home that merely
    lies in the current folder must be the user's own, because its settings and trust anchors decide
    what `kho verify` says.
    """
    user = os.geteuid()
    owner = _owner(home) if named else _owner_of_folder(home)
    if owner is not None and owner != user and (not named or os.access(home, os.W_OK)):
        raise AnothersHome(owner=name_of(owner), user=name_of(user))


def name_of(uid: int) -> str:
    """Return the account of a user id as the system knows it; the environment (LOGNAME, USER) is
    ignored.
    """
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:  # no name for this id, as in a bare container
        return f"uid {uid}"


def _owner(home: Path) -> int | None:
    for name in _WRITTEN_BY_KHO:
        try:
            return (home / name).stat().st_uid
        except OSError:
            continue
    # root would make a home that its user cannot open
    return _owner_of_folder(home) if os.geteuid() == 0 else None


def _owner_of_folder(home: Path) -> int | None:
    try:
        return home.stat().st_uid
    except OSError:
        return None
