"""Standard streams that may be closed, full or without a reader: Kho reports on those that still
work.
"""

import errno
import os
import sys
from typing import Any, TextIO

from archive.base.errors import KhoError

_STDOUT, _STDERR = 1, 2


class OutputLost(KhoError):
    """The answer could not be written; the work that it reports was done."""

    code = "output.lost"


class _Forgiving:
    """Standard error that ignores failed writes: a message that is lost stops no work."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        try:
            return self._stream.write(text)
        except (OSError, ValueError):
            return len(text)

    def flush(self) -> None:
        try:
            self._stream.flush()
        except (OSError, ValueError):
            _into_nothing(self._stream, _STDERR)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def open_streams() -> None:
    """Make the three standard streams usable, whatever the caller closed.

    A closed descriptor would be given to the next file that is opened, such as the catalogue:
    messages would be written into it. So /dev/null takes the place; for stdout only to be read, so
    that a lost answer is an error.
    """
    for descriptor, mode in ((0, os.O_RDONLY), (_STDOUT, os.O_RDONLY), (_STDERR, os.O_WRONLY)):
        try:
            os.fstat(descriptor)
        except OSError as error:
            if error.errno != errno.EBADF:
                raise
            os.open(os.devnull, mode)  # the lowest free descriptor: this one
    if sys.stdout is None:
        sys.stdout = open(_STDOUT, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    if sys.stderr is None:
        sys.stderr = open(_STDERR, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):  # Vietnamese text must print whatever the locale says
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8")
    sys.stderr = _Forgiving(sys.stderr)


def write_out(data: bytes | str) -> None:
    """Write to standard output, at once.

    Raises OutputLost; BrokenPipeError where the reader has gone.
    """
    try:
        if isinstance(data, str):
            sys.stdout.write(data)
        else:
            sys.stdout.buffer.write(data)
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except (OSError, ValueError) as error:
        _into_nothing(sys.stdout, _STDOUT)
        why = (
            os.strerror(error.errno)
            if isinstance(error, OSError) and error.errno
            else type(error).__name__
        )
        raise OutputLost(why=why) from error


def silence() -> None:
    """Write nothing more: the reader of standard output has gone."""
    for stream, descriptor in ((sys.stdout, _STDOUT), (sys.stderr, _STDERR)):
        _into_nothing(stream, descriptor)


def _into_nothing(stream: TextIO, descriptor: int) -> None:
    """Discard what the stream still holds and all later output: else Python fails again when it
    exits.
    """
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, descriptor)
    os.close(nowhere)
    try:
        stream.flush()
    except (OSError, ValueError):
        return
