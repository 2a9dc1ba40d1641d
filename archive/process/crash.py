"""Crash points: named places where a test may kill the process.

Such a test proves that a retry repairs what was left behind.

`KHO_CRASH_AT=name` ends the process with SIGKILL where it first passes that point,
`KHO_CRASH_AT=name@3` where it passes it for the third time. `KHO_CRASH_LOG=file` appends the name
of every point that is passed, one a line, so that a test can prove that each point is reached. Both
are read once, at import; without them a point costs one comparison.
"""

import os
import signal
from collections import Counter

_AT, _, _NTH = os.environ.get("KHO_CRASH_AT", "").partition("@")
_LOG = os.environ.get("KHO_CRASH_LOG", "")
_ARMED = bool(_AT or _LOG)
_passed: Counter[str] = Counter()


def point(name: str) -> None:
    """Pass the point `name` (`floor.part.step`, e.g. `vault.folder.linked`).

    Does nothing outside of tests.
    """
    if _ARMED:
        _pass(name)


def _pass(name: str) -> None:
    _passed[name] += 1
    if _LOG:
        # One short O_APPEND write, so that several processes may share the file.
        log = os.open(_LOG, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(log, f"{name}\n".encode())
        finally:
            os.close(log)
    if name == _AT and _passed[name] == int(_NTH or 1):
        os.kill(os.getpid(), signal.SIGKILL)
