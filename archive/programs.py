"""Programs that are not ours, run on strangers' files: in a folder of their own, with limits, without a shell."""

import os
import shutil
import signal
from collections.abc import Mapping, Sequence
from contextlib import suppress
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from archive.errors import Unavailable
from archive.isolation import MEMORY, PROCESSES, Limits, confine, start
from archive.sandbox.reach import Reach

_NOT_STARTED = 127


def program(name: str, component: str) -> str:
    """Return the path of the program `name`; raises Unavailable, naming `component`, where it is not installed."""
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

    The program reads installed software, and reads and writes `folder`; with `starts` it may start other programs,
    which are bound as it is. All are bound by `limits`, get neither Kho's environment (`env` is added to a plain one)
    nor input, and their output is thrown away: it may quote a patient. What `folder` holds afterwards is as hostile as
    what the program read. Raises TooDemanding where it takes longer than it may; nothing of it is left running then.
    Raises MemoryBusy where other children leave no memory for it.
    """
    plain = {"PATH": os.defpath, "LANG": "C.UTF-8", "HOME": str(folder), "TMPDIR": str(folder)}
    with MEMORY.held(limits.memory):
        arguments = (list(command), str(folder), limits, {**plain, **(env or {})}, starts)
        return _run(PROCESSES.Process(target=_become, args=arguments, daemon=True), limits)


def _run(child: ForkServerProcess, limits: Limits) -> int:
    start(child)
    try:
        child.join(limits.seconds)
        if child.exitcode is None:
            raise limits.exceeded
        return child.exitcode
    finally:
        _end_group(child.pid)
        child.kill()
        child.join()
        child.close()


def _end_group(leader: int | None) -> None:
    with suppress(ProcessLookupError, PermissionError):
        if leader is not None:
            os.killpg(leader, signal.SIGKILL)


def _become(command: list[str], folder: str, limits: Limits, env: dict[str, str], starts: bool) -> None:
    os.setsid()  # a group of its own, which none of its processes can leave: all end together
    os.chdir(folder)
    confine(limits, reach=Reach(folder, becomes=True, starts=starts, search=env["PATH"]))
    try:
        os.execve(command[0], command, env)  # noqa: S606 - no shell is wanted
    except OSError:
        os._exit(_NOT_STARTED)
