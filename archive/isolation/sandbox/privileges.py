"""A child gives up root's powers, its network, and the chance to gain any.

It dies with its parent.
"""

import signal
import struct
from contextlib import suppress
from ctypes import create_string_buffer
from pathlib import Path

from archive.isolation.sandbox.kernel import (
    PR_SET_NO_NEW_PRIVS,
    PR_SET_PDEATHSIG,
    capset,
    prctl,
    unshare,
)

_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000
_CAPABILITIES = 0x20080522  # _LINUX_CAPABILITY_VERSION_3, linux/capability.h
# Root reads and writes in folders of other users (CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH): an
# administrator may run Kho in the home of the service's user. Landlock says which folders.
_KEPT = 1 << 1 | 1 << 2


def give_up() -> None:
    """Give them up.

    Namespaces are left out where the system refuses them; raises OSError where anything else fails.
    """
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    prctl(PR_SET_NO_NEW_PRIVS, 1)
    with suppress(OSError):  # where neither works, seccomp takes the network away
        _leave_network()
    _drop_capabilities()


def _leave_network() -> None:
    try:
        unshare(_CLONE_NEWNET)  # root needs no namespace of users, every other user does
    except OSError:
        unshare(_CLONE_NEWUSER | _CLONE_NEWNET)


def _drop_capabilities() -> None:
    held = _permitted()
    kept = held & _KEPT
    header = create_string_buffer(struct.pack("=Ii", _CAPABILITIES, 0))
    # Effective, permitted and inheritable, for capabilities 0 to 31 and then for 32 to 63.
    capset(header, create_string_buffer(struct.pack("=6I", kept, kept, 0, 0, 0, 0)))


def _permitted() -> int:
    """Return the capabilities that this process may use, one bit each."""
    lines = Path("/proc/self/status").read_text("utf-8", "replace").splitlines()
    return next(int(line.split()[1], 16) for line in lines if line.startswith("CapPrm:"))
