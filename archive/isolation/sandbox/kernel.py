"""System calls that Python has no function for."""

import ctypes
import os

_LIBC = ctypes.CDLL(None, use_errno=True)

PR_SET_PDEATHSIG, PR_SET_NO_NEW_PRIVS = 1, 38  # include/uapi/linux/prctl.h


def call(number: int, *arguments: object) -> int:
    """Make the system call `number` and return what it returns; an int is passed as long.

    Raises OSError.
    """
    passed = [ctypes.c_long(each) if isinstance(each, int) else each for each in arguments]
    return _checked(_LIBC.syscall(ctypes.c_long(number), *passed))


def prctl(option: int, *arguments: int) -> int:
    """Return the result of an operation on this process. Raises OSError."""
    padded = [*arguments, 0, 0, 0, 0][:4]
    return _checked(_LIBC.prctl(option, *(ctypes.c_ulong(each) for each in padded)))


def unshare(flags: int) -> None:
    """Leave namespaces that are shared with the parent (unshare(2)). Raises OSError."""
    _checked(_LIBC.unshare(flags))


def capset(header: object, data: object) -> None:
    """Set this process's capabilities (capset(2)). Raises OSError."""
    _checked(_LIBC.capset(header, data))


def _checked(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return int(result)
