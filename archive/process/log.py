"""Structured logs on standard error: event names and ids, never patient data."""

import logging
import sys

import structlog
from structlog.typing import EventDict

from archive.base.errors import Misconfigured
from archive.base.printable import printable

_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


def configure_logging(level: str = "warning", *, json: bool = False) -> None:
    """Log events at `level` and above to standard error; one JSON object a line with `json`.

    Raises Misconfigured.
    """
    least = logging.getLevelNamesMapping().get(level.upper())
    if least is None:
        why = f"KHO_LOG_LEVEL: {', '.join(name.lower() for name in _LEVELS)}"
        raise Misconfigured(why_vi=why, why_en=why)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _printable,
            structlog.processors.JSONRenderer()
            if json
            else structlog.dev.ConsoleRenderer(colors=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(least),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


def _printable(_logger: object, _method: str, event: EventDict) -> EventDict:
    """Give every text of an event its printable form.

    Nothing from outside then begins a line of its own.
    """
    return {
        name: printable(value) if isinstance(value, str) else value for name, value in event.items()
    }
