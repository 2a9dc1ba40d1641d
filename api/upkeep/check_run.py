"""`kho check` beside a server: one at a time, in a process of its own, so that no page waits."""

import atexit
import os
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog

from api.home import Home
from api.upkeep.status.memory import LastCheck, last_check
from archive.base.clock import iso
from retention.health.faults import FaultKind, fault_kinds

_COMMAND = (sys.executable, "-P", "-c", "from api.cli.main import main; main()", "check")
_FINISHED = (0, 8)  # exit codes of a check that came to its end: sound, or with faults
_NICENESS = 10  # callers of the server come first

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class CheckState:
    """What is known of checks: the one that runs, the last one, and whether one broke off.

    `running_since`: None where this server runs none. `broken`: the exit code of the last that this
    server began, where it did not come to its end. `faults`: the kinds that the last check found.
    """

    running_since: datetime | None
    broken: int | None
    last: LastCheck | None
    faults: tuple[FaultKind, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the members for the API."""
        return {
            "running_since": iso(self.running_since) if self.running_since else None,
            "broken_off": self.broken is not None,
            "ended_at": iso(self.last.at) if self.last else None,
            "faults": [
                {"code": kind.code, "what": kind.what.as_json(), "remedy": kind.remedy.as_json()}
                for kind in self.faults
            ],
        }


class CheckRun:
    """Begins checks of one home. Safe for threads; the process's end ends its check."""

    def __init__(self, home: Home) -> None:
        self._home, self._guard = home, threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._since: datetime | None = None

    def begin(self, by: str) -> bool:
        """Begin a check, unless one runs; return whether one began. `by`: who asked for it."""
        with self._guard:
            if self._process is not None and self._process.poll() is None:
                return False
            self._process = subprocess.Popen(  # noqa: S603 - Kho's own command
                _COMMAND,
                env={**os.environ, "KHO_HOME": str(self._home.folder)},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            with suppress(OSError):  # it ended at once, or the system forbids it
                os.setpriority(os.PRIO_PROCESS, self._process.pid, _NICENESS)
            self._since = self._home.clock.now()
        atexit.register(self.end)
        _log.info("check.begun", by=by)
        return True

    def end(self) -> None:
        """End the check that runs, if one does, and wait for its process."""
        atexit.unregister(self.end)
        with self._guard:
            if self._process is not None and self._process.poll() is None:
                self._process.terminate()
                self._process.wait()

    def wait(self) -> None:
        """Wait until no check of this server runs."""
        process = self._process
        if process is not None:
            process.wait()

    def state(self) -> CheckState:
        """Return what is known now. Raises Unavailable."""
        with self._guard:
            code = self._process.poll() if self._process is not None else 0
            since = self._since if code is None else None
        last = last_check(self._home)
        kinds = fault_kinds()
        faults = tuple(kinds[each] for each in last.codes if each in kinds) if last else ()
        broken = code if code is not None and code not in _FINISHED else None
        return CheckState(since, broken, last, faults)
