"""Programs that are not ours, run on strangers' files.

Each runs in a folder of its own, with limits, without a shell.
"""

import os
import shutil
import signal
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from archive.base.errors import Unavailable
from archive.isolation.child import MEMORY, PROCESSES, Limits, confine, start
from archive.isolation.sandbox.reach import Reach

_NOT_STARTED = 127
_LOOK = 0.5  # seconds between two looks at the disk's room
_RESERVE = 1 << 30  # bytes of the disk that no program may use up


class Room:
    """The free room of the disk on which a program works, from its start.

    A program may write any number of files, and files without a name. So the disk is measured and
    not the folder: at least 1 GiB stays for the archive, or half of what was free.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        disk = os.statvfs(folder)
        # In blocks of the file system.
        self._blocks = min(_RESERVE // disk.f_frsize, disk.f_bavail // 2)
        self._files = disk.f_favail // 2  # 0 where the file system does not count them

    @property
    def is_used_up(self) -> bool:
        """Whether less room is left than what stays for the archive."""
        disk = os.statvfs(self._folder)
        return disk.f_bavail < self._blocks or disk.f_favail < self._files


def program(name: str, component: str) -> str:
    """Return the path of the program `name`.

    Raises Unavailable, naming `component`, where it is not installed.
    """
    path = shutil.which(name)
    if path is None:
        raise Unavailable(component=component, why=f"{name} is not installed")
    return path


def run_confined(
    command: Sequence[str],
    folder: Path,
    limits: Limits,
    env: Mapping[str, str] | None = None,
    *,
    starts: bool = False,
) -> int:
    """Run `command` in `folder` and return its exit code (negative: the signal that ended it).

    The program reads installed software, and reads and writes `folder`; with `starts` it may start
    other programs, which have the same restrictions. `limits` bind all of them. They get neither
    Kho's environment (`env` is added to a plain one) nor input, and their output is discarded: it
    may quote a patient. What `folder` holds afterwards is as hostile as what the program read.
    Raises TooDemanding where it takes longer than it may, or the disk's last room; nothing of it is
    left running then. Raises MemoryBusy where other children leave no memory for it.
    """
    plain = {"PATH": os.defpath, "LANG": "C.UTF-8", "HOME": str(folder), "TMPDIR": str(folder)}
    with MEMORY.held(limits.memory):
        arguments = (list(command), str(folder), limits, {**plain, **(env or {})}, starts)
        return _run(PROCESSES.Process(target=_become, args=arguments, daemon=True), folder, limits)


def _run(child: ForkServerProcess, folder: Path, limits: Limits) -> int:
    room = Room(folder)
    start(child)
    try:
        return _exit_code(child, room, limits)
    finally:
        _end_group(child.pid)
        child.kill()
        child.join()  # never `close`: see `archive/isolation/child.py`


def _exit_code(child: ForkServerProcess, room: Room, limits: Limits) -> int:
    """Return the exit code of `child`.

    Raises TooDemanding where it takes longer than it may, or the disk.
    """
    end = time.monotonic() + limits.seconds
    while child.exitcode is None:
        left = end - time.monotonic()
        if left <= 0 or room.is_used_up:
            raise limits.exceeded
        child.join(min(left, _LOOK))
    return child.exitcode


def _end_group(leader: int | None) -> None:
    with suppress(ProcessLookupError, PermissionError):
        if leader is not None:
            os.killpg(leader, signal.SIGKILL)


def _become(
    command: list[str], folder: str, limits: Limits, env: dict[str, str], starts: bool
) -> None:
    os.setsid()  # a group of its own, which none of its processes can leave: all end together
    os.chdir(folder)
    confine(limits, reach=Reach(folder, becomes=True, starts=starts, search=env["PATH"]))
    try:
        os.execve(command[0], command, env)  # noqa: S606 - no shell is wanted
    except OSError:
        os._exit(_NOT_STARTED)
