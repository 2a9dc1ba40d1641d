"""seccomp: which system calls a process may make.

The filter is a program in classic BPF (seccomp(2), linux/filter.h).
"""

import ctypes
import errno
import os
import platform
import struct
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from archive.isolation.sandbox.kernel import call

_FILE = Path(__file__).with_name("syscalls.toml")
_MACHINES = ("x86_64", "aarch64")
_AUDIT_ARCH = (0xC000003E, 0xC00000B7)  # linux/audit.h: how the kernel names the two
_SECCOMP = (317, 277)
_SET_MODE_FILTER, _GET_ACTION_AVAIL = 1, 2

_KILL, _ERRNO, _ALLOW = 0x80000000, 0x00050000, 0x7FFF0000
_LOAD, _IF_EQUAL, _IF_ABOVE, _IF_BITS, _RETURN = 0x20, 0x15, 0x25, 0x45, 0x06
# struct seccomp_data; each argument has 8 bytes, the low half first
_NUMBER, _ARCH, _ARGUMENTS = 0, 4, 16

_CLONE_THREAD = 0x00010000
# New namespaces, and CLONE_PARENT: its child would belong to the process that started this one.
_CLONE_FOREIGN = 0x7E020000 | 0x8000
_PR_SET_PDEATHSIG, _PR_SET_MM, _PR_SET_PTRACER = 1, 35, 0x59616D61
# The kernel sends the signal that F_SETSIG names to the process that F_SETOWN names.
_F_SETOWN, _F_SETSIG, _F_SETOWN_EX, _FIOSETOWN, _SIOCSPGRP = 8, 10, 15, 0x8901, 0x8902
_AF_UNIX, _NOT_SOCK_STREAM = 1, 0b1110
_TIOCSTI, _TIOCLINUX = 0x5412, 0x541C  # type on a terminal for its owner


@dataclass(frozen=True, slots=True)
class Instruction:
    """`struct sock_filter`: what to do, how far to jump (if true, if not), and its operand."""

    code: int
    operand: int
    then: int = 0
    otherwise: int = 0

    def packed(self) -> bytes:
        """Return the instruction as the kernel reads it."""
        return struct.pack("=HBBI", self.code, self.then, self.otherwise, self.operand)


_DENIED = Instruction(_RETURN, _ERRNO | errno.EPERM)
_LACKING = Instruction(_RETURN, _ERRNO | errno.ENOSYS)
_LOAD_NUMBER = Instruction(_LOAD, _NUMBER)
_TABLE: Mapping[str, Any] = tomllib.loads(_FILE.read_text("utf-8"))


def machine() -> int | None:
    """Return the place of this machine in the tables, None where they do not know it."""
    name = platform.machine()
    return _MACHINES.index(name) if name in _MACHINES and struct.calcsize("P") == 8 else None


def available() -> bool:
    """Tell whether this kernel takes filters and the tables know this machine."""
    at = machine()
    try:
        return at is not None and not call(
            _SECCOMP[at], _GET_ACTION_AVAIL, 0, ctypes.byref(ctypes.c_uint32(_ERRNO))
        )
    except OSError:
        return False


def program(at: int, process: int, *, becomes: bool, starts: bool) -> list[Instruction]:
    """Return the filter for machine `at` and the process with id `process`.

    `becomes`: it may become another program. `starts`: it may start processes of its own, and end
      them.
    """
    code = [
        Instruction(_LOAD, _ARCH),
        Instruction(_IF_EQUAL, _AUDIT_ARCH[at], 1, 0),
        Instruction(_RETURN, _KILL),  # calls of another machine's table, such as int 0x80
        _LOAD_NUMBER,
        # newer calls, and those of x32 (2**30 and more)
        Instruction(_IF_ABOVE, _TABLE["newest"], 0, 1),
        _LACKING,
    ]
    for number in _denied(at, becomes=becomes, starts=starts):
        code += [Instruction(_IF_EQUAL, number, 0, 1), _DENIED]
    for name, body in _conditions(process, starts=starts).items():
        code += [
            Instruction(_IF_EQUAL, _TABLE["conditional"][name][at], 0, len(body) + 1),
            *body,
            _LOAD_NUMBER,
        ]
    return [*code, Instruction(_RETURN, _ALLOW)]


def install(*, becomes: bool, starts: bool) -> bool:
    """Bind this process to the filter; needs no_new_privs.

    Returns False where the kernel takes no filter or the machine is unknown; raises OSError where
    it fails otherwise.
    """
    at = machine()
    if at is None or not available():
        return False
    packed = b"".join(
        each.packed() for each in program(at, os.getpid(), becomes=becomes, starts=starts)
    )
    filters = ctypes.create_string_buffer(packed, len(packed))
    prog = ctypes.create_string_buffer(
        struct.pack("@HP", len(packed) // 8, ctypes.addressof(filters))
    )
    call(_SECCOMP[at], _SET_MODE_FILTER, 0, prog)
    return True


def _denied(at: int, *, becomes: bool, starts: bool) -> Iterator[int]:
    """Yield the numbers of the calls that are denied with any arguments."""
    open_groups = {"newest", "conditional"}
    if becomes:
        open_groups.add("becoming")
    if starts:
        open_groups.add("starting")
    for group in _TABLE.keys() - open_groups:
        yield from (numbers[at] for numbers in _TABLE[group].values() if numbers[at] >= 0)


def _conditions(process: int, *, starts: bool) -> Mapping[str, list[Instruction]]:
    """Return for each call the check of its arguments.

    Instructions that end without a return allow it.
    """
    itself = _unless(0, process)
    return {
        # its flags are in memory, which no filter reads; the C library then calls clone
        "clone3": [_LACKING],
        "clone": _if_bits(0, _CLONE_FOREIGN) if starts else _unless_bits(0, _CLONE_THREAD),
        "kill": [] if starts else itself,
        "tgkill": [] if starts else itself,
        "prlimit64": [
            Instruction(_LOAD, _argument(0)),
            Instruction(_IF_EQUAL, 0, 2, 0),
            *itself[1:],
        ],
        "prctl": _if_any(0, _PR_SET_PDEATHSIG, _PR_SET_MM, _PR_SET_PTRACER),
        "fcntl": _if_any(1, _F_SETOWN, _F_SETSIG, _F_SETOWN_EX),
        "ioctl": _if_any(1, _FIOSETOWN, _SIOCSPGRP, _TIOCSTI, _TIOCLINUX),
        # Connected to each other for good, so that nothing can be sent elsewhere.
        "socketpair": [*_unless(0, _AF_UNIX), *_if_bits(1, _NOT_SOCK_STREAM)],
    }


def _argument(number: int) -> int:
    return _ARGUMENTS + 8 * number


def _unless(argument: int, value: int) -> list[Instruction]:
    return [Instruction(_LOAD, _argument(argument)), Instruction(_IF_EQUAL, value, 1, 0), _DENIED]


def _if_any(argument: int, *values: int) -> list[Instruction]:
    tests = [each for value in values for each in (Instruction(_IF_EQUAL, value, 0, 1), _DENIED)]
    return [Instruction(_LOAD, _argument(argument)), *tests]


def _if_bits(argument: int, bits: int) -> list[Instruction]:
    return [Instruction(_LOAD, _argument(argument)), Instruction(_IF_BITS, bits, 0, 1), _DENIED]


def _unless_bits(argument: int, bits: int) -> list[Instruction]:
    return [Instruction(_LOAD, _argument(argument)), Instruction(_IF_BITS, bits, 1, 0), _DENIED]
