"""The filter decides as it should on both machines: an interpreter of classic BPF runs it for
either.
"""

import errno
import platform
import struct
import tomllib
from collections.abc import Iterable
from pathlib import Path

import pytest

from archive.isolation.sandbox import seccomp
from archive.isolation.sandbox.seccomp import Instruction, program

X86, ARM = 0, 1
ARCH = (0xC000003E, 0xC00000B7)
OWN, OTHER = 4711, 1
KILLED, DENIED, LACKING, ALLOWED = (
    0x80000000,
    0x50000 | errno.EPERM,
    0x50000 | errno.ENOSYS,
    0x7FFF0000,
)
TABLE = tomllib.loads((Path(seccomp.__file__).parent / "syscalls.toml").read_text("utf-8"))
THREAD = 0x3D0F00  # how the C library starts a thread: CLONE_THREAD among others
VFORK = 0x4111  # how it starts a process: CLONE_VM | CLONE_VFORK | SIGCHLD


def decided(code: Iterable[Instruction], arch: int, number: int, *arguments: int) -> int:
    """Return what the filter returns for a call (Documentation/networking/filter.rst)."""
    data = struct.pack(
        "=IIQ6Q", number, arch, 0, *[each % 2**64 for each in (*arguments, 0, 0, 0, 0, 0, 0)[:6]]
    )
    steps, at, value = list(code), 0, 0
    while True:
        step = steps[at]
        at += 1
        if step.code == 0x06:
            return step.operand
        if step.code == 0x20:
            value = struct.unpack_from("=I", data, step.operand)[0]
            continue
        holds = {
            0x15: value == step.operand,
            0x25: value > step.operand,
            0x45: bool(value & step.operand),
        }[step.code]
        at += step.then if holds else step.otherwise


def verdict(
    at: int, name: str, *arguments: int, becomes: bool = False, starts: bool = False
) -> int:
    number = next(
        calls[name][at] for calls in TABLE.values() if isinstance(calls, dict) and name in calls
    )
    return decided(program(at, OWN, becomes=becomes, starts=starts), ARCH[at], number, *arguments)


@pytest.mark.parametrize("at", [X86, ARM])
def test_every_call_of_the_table_is_denied_to_a_parser(at: int) -> None:
    code = program(at, OWN, becomes=False, starts=False)
    for group, calls in TABLE.items():
        for numbers in calls.values() if group not in ("newest", "conditional") else ():
            if numbers[at] >= 0:
                assert decided(code, ARCH[at], numbers[at]) == DENIED


@pytest.mark.parametrize("at", [X86, ARM])
@pytest.mark.parametrize(
    ("name", "arguments", "parser", "alone", "starter"),
    [
        ("execve", (), DENIED, ALLOWED, ALLOWED),
        ("clone", (THREAD,), ALLOWED, ALLOWED, ALLOWED),
        ("clone", (VFORK,), DENIED, DENIED, ALLOWED),
        ("clone", (VFORK | 0x10000000,), DENIED, DENIED, DENIED),  # CLONE_NEWUSER
        ("clone", (VFORK | 0x8000,), DENIED, DENIED, DENIED),  # CLONE_PARENT
        ("clone3", (), LACKING, LACKING, LACKING),
        ("kill", (OWN, 6), ALLOWED, ALLOWED, ALLOWED),
        ("kill", (OTHER, 9), DENIED, DENIED, ALLOWED),  # Landlock keeps it among the program's own
        ("kill", (-1, 9), DENIED, DENIED, ALLOWED),
        ("tgkill", (OTHER, OTHER, 9), DENIED, DENIED, ALLOWED),
        ("prlimit64", (0, 7), ALLOWED, ALLOWED, ALLOWED),
        ("prlimit64", (OTHER, 7), DENIED, DENIED, DENIED),
        ("prctl", (1, 0), DENIED, DENIED, DENIED),  # PR_SET_PDEATHSIG
        ("prctl", (15, 0), ALLOWED, ALLOWED, ALLOWED),  # PR_SET_NAME
        ("fcntl", (4, 8, OTHER), DENIED, DENIED, DENIED),  # F_SETOWN
        ("fcntl", (4, 1), ALLOWED, ALLOWED, ALLOWED),  # F_GETFD
        ("ioctl", (0, 0x5412), DENIED, DENIED, DENIED),  # TIOCSTI
        ("ioctl", (0, 0x5401), ALLOWED, ALLOWED, ALLOWED),  # TCGETS
        ("socketpair", (1, 0x80001), ALLOWED, ALLOWED, ALLOWED),
        ("socketpair", (1, 2), DENIED, DENIED, DENIED),
        ("socketpair", (30, 1), DENIED, DENIED, DENIED),  # AF_TIPC
    ],
)
def test_a_call_is_judged_by_its_arguments(
    at: int, name: str, arguments: tuple[int, ...], parser: int, alone: int, starter: int
) -> None:
    assert verdict(at, name, *arguments) == parser
    assert verdict(at, name, *arguments, becomes=True) == alone
    assert verdict(at, name, *arguments, becomes=True, starts=True) == starter


@pytest.mark.parametrize("at", [X86, ARM])
def test_another_machines_table_kills_and_new_calls_are_missing(at: int) -> None:
    code = program(at, OWN, becomes=True, starts=True)
    assert decided(code, ARCH[1 - at], 0) == KILLED
    assert decided(code, 0x40000003, 20) == KILLED  # AUDIT_ARCH_I386
    assert decided(code, ARCH[at], TABLE["newest"]) == ALLOWED
    assert decided(code, ARCH[at], TABLE["newest"] + 1) == LACKING
    assert decided(code, ARCH[at], 0x40000000) == LACKING  # x32
    assert decided(code, ARCH[at], (0x40000000 | 59)) == LACKING


def test_an_instruction_is_packed_as_the_kernel_reads_it() -> None:
    assert Instruction(0x15, 0x01020304, 5, 6).packed() == b"\x15\x00\x05\x06\x04\x03\x02\x01"


def test_no_number_is_in_the_table_twice() -> None:
    for at in (X86, ARM):
        calls = [
            numbers[at]
            for group in TABLE.values()
            if isinstance(group, dict)
            for numbers in group.values()
        ]
        known = [number for number in calls if number >= 0]
        assert len(known) == len(set(known))
        assert max(known) <= TABLE["newest"]


def test_a_machine_that_the_tables_do_not_know_gets_no_filter(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "riscv64")
    assert seccomp.machine() is None
    assert not seccomp.available()
    assert not seccomp.install(becomes=False, starts=False)
