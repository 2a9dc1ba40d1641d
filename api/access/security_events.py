"""Security events: sign-ins, refusals, the use of keys.

Their names are data (`security_events.yaml`).

Lines go to the log of the process (standard error). An attacker may cause any number of refusals:
beyond a number in a minute they are counted, and the count is logged.
"""

import threading
import time
from collections import Counter
from functools import cache
from importlib.resources import files
from ipaddress import ip_address
from typing import Any

import structlog
import yaml

LINES_A_MINUTE = 60  # about one event

_log = structlog.get_logger(__name__)


@cache
def catalogue() -> dict[str, dict[str, Any]]:
    """Return the events by name: `level`, `facts` and `when`."""
    loaded: dict[str, dict[str, Any]] = yaml.safe_load(
        files(__package__).joinpath("security_events.yaml").read_text("utf-8")
    )
    return loaded


class _Limit:
    """Counts the lines about each event in the present minute. Safe for threads."""

    def __init__(self) -> None:
        self._guard, self._minute, self._lines = threading.Lock(), 0, Counter[str]()

    def count(self, event: str, minute: int) -> tuple[bool, dict[str, int]]:
        """Return whether a line about `event` may be logged, and what was left out in the minute
        before.
        """
        with self._guard:
            left_out = {}
            if minute != self._minute:
                left_out = {
                    name: n - LINES_A_MINUTE
                    for name, n in self._lines.items()
                    if n > LINES_A_MINUTE
                }
                self._minute, self._lines = minute, Counter()
            self._lines[event] += 1
            return self._lines[event] <= LINES_A_MINUTE, left_out


_LIMIT = _Limit()


def record(event: str, **facts: str | None) -> None:
    """Log a security event of the catalogue; a fact whose value is None is left out.

    Raises KeyError for another event.
    """
    known = catalogue()[event]
    allowed, left_out = _LIMIT.count(event, int(time.monotonic() // 60))
    for name, lines in left_out.items():
        _log.warning("security.suppressed", about=name, lines=lines)
    if allowed:
        shown = {name: facts[name] for name in known["facts"] if facts.get(name) is not None}
        getattr(_log, known["level"])(event, **shown)


def begin_request(door: str, address: str | None) -> None:
    """Name the door and the client's address in every line that the present request causes."""
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(door=door, address=_plain(address))


def _plain(address: str | None) -> str | None:
    """Return the address that a proxy gave, if it is an IP address; else None, because the text is
    untrusted.
    """
    try:
        return str(ip_address(address or ""))
    except ValueError:
        return None
