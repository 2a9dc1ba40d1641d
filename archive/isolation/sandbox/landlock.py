"""Landlock: which files a process may reach (landlock(7)).

It binds every right that the kernel knows.
"""

import errno
import os
import struct
from collections.abc import Mapping
from contextlib import suppress
from ctypes import create_string_buffer
from enum import IntFlag
from stat import S_ISDIR

from archive.isolation.sandbox.kernel import call

# The same numbers on every machine.
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_ASK_VERSION, _PATH_BENEATH = 1, 1
_NET_ALL = 0b11  # bind and connect by TCP
_SCOPE_ALL = 0b11  # abstract sockets and signals


class Right(IntFlag):
    """What may be done with a file or in a folder (`LANDLOCK_ACCESS_FS_*`)."""

    EXECUTE = 1 << 0
    WRITE_FILE = 1 << 1
    READ_FILE = 1 << 2
    READ_DIR = 1 << 3
    REMOVE_DIR = 1 << 4
    REMOVE_FILE = 1 << 5
    MAKE_CHAR = 1 << 6
    MAKE_DIR = 1 << 7
    MAKE_REG = 1 << 8
    MAKE_SOCK = 1 << 9
    MAKE_FIFO = 1 << 10
    MAKE_BLOCK = 1 << 11
    MAKE_SYM = 1 << 12
    REFER = 1 << 13
    TRUNCATE = 1 << 14
    IOCTL_DEV = 1 << 15


READ = Right.READ_FILE | Right.READ_DIR
RUN = READ | Right.EXECUTE
WORK = (
    READ | Right.WRITE_FILE | Right.REMOVE_DIR | Right.REMOVE_FILE | Right.MAKE_DIR | Right.MAKE_REG
    | Right.MAKE_SYM | Right.REFER | Right.TRUNCATE
)  # fmt: skip
_OF_A_FILE = Right.EXECUTE | Right.WRITE_FILE | Right.READ_FILE | Right.TRUNCATE | Right.IOCTL_DEV
_FIRST = (1 << 13) - 1  # the rights of version 1
_ALL_BY_VERSION = {
    1: _FIRST,
    2: _FIRST | Right.REFER,
    3: _FIRST | Right.REFER | Right.TRUNCATE,
    5: (1 << 16) - 1,
}


def version() -> int:
    """Return the kernel's version of Landlock, 0 where it has none or it is switched off."""
    try:
        return call(_CREATE_RULESET, 0, 0, _ASK_VERSION)
    except OSError as error:
        # EPERM: a container's own seccomp filter
        if error.errno in (errno.ENOSYS, errno.EOPNOTSUPP, errno.EPERM):
            return 0
        raise


def handled(abi: int) -> int:
    """Return the rights on files that version `abi` knows.

    All of them are taken away unless a rule grants them.
    """
    return max(rights for since, rights in _ALL_BY_VERSION.items() if since <= abi)


def ruleset(abi: int) -> bytes:
    """Return `struct landlock_ruleset_attr` for version `abi`.

    It removes all rights on files, from version 4 on TCP, from version 6 on abstract sockets and
    signals to others.
    """
    parts = [handled(abi)]
    if abi >= 4:
        parts.append(_NET_ALL)
    if abi >= 6:
        parts.append(_SCOPE_ALL)
    return struct.pack(f"={len(parts)}Q", *parts)


def rule(rights: int, handle: int, abi: int) -> bytes:
    """Return `struct landlock_path_beneath_attr` for the file or folder open as `handle`."""
    granted = rights & handled(abi)
    if not S_ISDIR(os.fstat(handle).st_mode):
        granted &= _OF_A_FILE
    return struct.pack("=Qi", granted, handle)


def restrict(places: Mapping[str, int]) -> bool:
    """Restrict this process to `places`: the rights on each path and all beneath it.

    A missing path is skipped.

    Needs no_new_privs. Returns False where the kernel has no Landlock; raises OSError where it has
    and fails.
    """
    abi = version()
    if abi < 1:
        return False
    attributes = create_string_buffer(ruleset(abi), len(ruleset(abi)))
    rules = call(_CREATE_RULESET, attributes, len(attributes), 0)
    try:
        for path, rights in places.items():
            with suppress(FileNotFoundError, NotADirectoryError, PermissionError):
                _grant(rules, path, rights, abi)
        call(_RESTRICT_SELF, rules, 0)
    finally:
        os.close(rules)
    return True


def _grant(rules: int, path: str, rights: int, abi: int) -> None:
    handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        packed = rule(rights, handle, abi)
        call(_ADD_RULE, rules, _PATH_BENEATH, create_string_buffer(packed, len(packed)), 0)
    finally:
        os.close(handle)
