"""What code does that a file has brought into its reader: each attack returns or raises; it says
what it attained.
"""

import ctypes
import fcntl
import json
import mmap
import os
import platform
import resource
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

_LIBC = ctypes.CDLL(None, use_errno=True)
# By the kernel's tables for x86_64 and aarch64, written here a second time on purpose.
_CALLS = {
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "pidfd_open": (434, 434),
    "tgkill": (234, 131),
    "keyctl": (250, 219),
    "bpf": (321, 280),
    "io_uring_setup": (425, 425),
    "userfaultfd": (323, 282),
    "memfd_create": (319, 279),
    "unshare": (272, 97),
    "mount": (165, 40),
    "clone3": (435, 435),
    "setns": (308, 268),
    "shmget": (29, 194),
    "open_by_handle_at": (304, 265),
    "a call of 2030": (700, 700),
    "a call of x32": (0x40000000 + 39, 0x40000000 + 39),
}
ATTAINED = b"attained"


def call(name: str, *arguments: int) -> bytes:
    """Make a system call, past Python."""
    number = _CALLS[name][platform.machine() == "aarch64"]
    _raise_below_zero(
        _LIBC.syscall(ctypes.c_long(number), *(ctypes.c_long(each) for each in arguments))
    )
    return ATTAINED


def _raise_below_zero(result: int) -> None:
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def read_key(home: str) -> bytes:
    return Path(home, "keys", "ledger.pem").read_bytes()


def list_keys(home: str) -> bytes:
    return " ".join(file.name for file in Path(home, "keys").iterdir()).encode()


def write_vault(home: str) -> bytes:
    return b"%d" % Path(home, "vault", "object").write_bytes(b"forged")


def truncate_vault(home: str) -> bytes:
    os.truncate(Path(home, "vault", "object"), 0)
    return ATTAINED


def remove_object(home: str) -> bytes:
    Path(home, "vault", "object").unlink()
    return ATTAINED


def rename_object(home: str) -> bytes:
    Path(home, "vault", "object").rename(Path(home, "vault", "other"))
    return ATTAINED


def make_folder(home: str) -> bytes:
    Path(home, "vault", "folder").mkdir()
    return ATTAINED


def link_key(home: str) -> bytes:
    os.link(Path(home, "keys", "ledger.pem"), Path(home, "watched"))
    return ATTAINED


def open_key_to_all(home: str) -> bytes:
    Path(home, "keys", "ledger.pem").chmod(0o666)
    return ATTAINED


def set_back_times(home: str) -> bytes:
    os.utime(Path(home, "vault", "object"), (0, 0))
    return ATTAINED


def name_attribute(home: str) -> bytes:
    os.setxattr(Path(home, "vault", "object"), "user.forged", b"1")
    return ATTAINED


def read_mail_of_the_machine(_: str) -> bytes:
    return Path("/etc/passwd").read_bytes()


def read_environment_of_parent(_: str) -> bytes:
    return Path(f"/proc/{os.getppid()}/environ").read_bytes()


def write_temporary_file(_: str) -> bytes:
    return b"%d" % Path(f"/tmp/kho-taken-over-{os.getpid()}").write_bytes(b"")


def write_shared_memory(_: str) -> bytes:
    return b"%d" % Path(f"/dev/shm/kho-taken-over-{os.getpid()}").write_bytes(b"")


def powers() -> bytes:
    """Return the capabilities of this process as three masks: effective, permitted, inheritable
    (capget(2)).
    """
    data = (ctypes.c_uint32 * 6)()
    _raise_below_zero(_LIBC.capget((ctypes.c_uint32 * 2)(0x20080522, 0), data))
    return json.dumps([data[at] | data[at + 3] << 32 for at in range(3)]).encode()


FILES: Mapping[str, Callable[[str], bytes]] = {
    each.__name__: each
    for each in (
        read_key, list_keys, write_vault, truncate_vault, remove_object, rename_object,
        make_folder, link_key,
        open_key_to_all, set_back_times, name_attribute, read_mail_of_the_machine,
        read_environment_of_parent,
        write_temporary_file, write_shared_memory,
    )
}  # fmt: skip


def _fork() -> bytes:
    if os.fork() == 0:
        os._exit(0)
    return ATTAINED


def _own(command: int, value: int) -> bytes:
    """Have the kernel send a signal to the parent when a pipe can be read (F_SETOWN, F_SETSIG)."""
    reads, _ = os.pipe()
    fcntl.fcntl(reads, command, value)
    return ATTAINED


def _lower_parents_limit() -> bytes:
    resource.prlimit(os.getppid(), resource.RLIMIT_NOFILE, (3, 3))
    return ATTAINED


def _attained(act: Callable[..., object], *arguments: object) -> bytes:
    act(*arguments)
    return ATTAINED


def _shell() -> bytes:
    os.execv("/bin/sh", ["sh", "-c", "true"])


def foreign_table(_: str) -> bytes:
    """Call getpid by the table of 32-bit programs (int 0x80),
    which numbers calls in another way.
    """
    code = b"\xb8\x14\x00\x00\x00\xcd\x80\xc3"  # mov eax, 20; int 0x80; ret
    page = mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    page.write(code)
    address = ctypes.addressof(ctypes.c_char.from_buffer(page))
    return b"%d" % ctypes.CFUNCTYPE(ctypes.c_int)(address)()


# Signal 0 is judged as any other and harms nothing where a test fails.
_AT_PARENT: Mapping[str, Callable[[], bytes]] = {
    "kill the parent": lambda: _attained(os.kill, os.getppid(), 0),
    "kill init": lambda: _attained(os.kill, 1, 0),
    "kill its group": lambda: _attained(os.killpg, os.getpgid(os.getppid()), 0),
    "tgkill": lambda: call("tgkill", os.getppid(), os.getppid(), 0),
    "ptrace": lambda: call("ptrace", 16, os.getppid(), 0, 0),  # PTRACE_ATTACH
    "process_vm_readv": lambda: call("process_vm_readv", os.getppid(), 0, 0, 0, 0, 0),
    "pidfd_open": lambda: call("pidfd_open", os.getppid(), 0),
    "owner of a pipe": lambda: _own(fcntl.F_SETOWN, os.getppid()),
    "signal of a pipe": lambda: _own(10, signal.SIGUSR1),  # F_SETSIG
    "prlimit": _lower_parents_limit,
    "setpriority": lambda: _attained(os.setpriority, os.PRIO_PROCESS, os.getppid(), 19),
    "sched_setaffinity": lambda: _attained(os.sched_setaffinity, os.getppid(), {0}),
    "no death with the parent": lambda: _attained(
        _raise_below_zero, _LIBC.prctl(1, 0, 0, 0, 0)  # PR_SET_PDEATHSIG
    ),
}  # fmt: skip
_ELSEWHERE: Mapping[str, Callable[[], bytes]] = {
    "socket": lambda: _attained(socket.socket, socket.AF_INET, socket.SOCK_STREAM),
    "unix socket": lambda: _attained(socket.socket, socket.AF_UNIX, socket.SOCK_DGRAM),
    "netlink": lambda: _attained(socket.socket, socket.AF_NETLINK, socket.SOCK_RAW),
    "pair of datagrams": lambda: _attained(socket.socketpair, socket.AF_UNIX, socket.SOCK_DGRAM),
    "keyctl": lambda: call("keyctl", 0, -3, 1),
    "bpf": lambda: call("bpf", 0, 0, 0),
    "io_uring_setup": lambda: call("io_uring_setup", 1, 0),
    "userfaultfd": lambda: call("userfaultfd", 1),
    "memfd_create": lambda: _attained(os.memfd_create, "a"),
    "unshare": lambda: call("unshare", 0x10000000),
    "setns": lambda: call("setns", 0, 0),
    "mount": lambda: call("mount", 0, 0, 0, 0, 0),
    "shmget": lambda: call("shmget", 1, 4096, 0o1600),
    "open_by_handle_at": lambda: call("open_by_handle_at", 0, 0, 0),
    "setsid": lambda: _attained(os.setsid),
    "chroot": lambda: _attained(os.chroot, "/"),
}
_PROCESSES: Mapping[str, Callable[[], bytes]] = {
    "fork": _fork,
    "shell": _shell,
    "program": lambda: _attained(subprocess.run, [sys.executable, "-c", "pass"]),
}
BY_SYSTEM_CALL = {**_AT_PARENT, **_ELSEWHERE}
CALLS = {**BY_SYSTEM_CALL, **_PROCESSES}
LACKING = ("clone3", "a call of 2030", "a call of x32")


def by_name(name: str) -> bytes:
    """Carry out the attack of that name by a system call."""
    return CALLS[name]()


def lacking(name: str) -> bytes:
    """Make a call that the child must find missing; it says the name of the error."""
    try:
        return call(name, 0, 0)
    except OSError as error:
        return str(error.errno).encode()
