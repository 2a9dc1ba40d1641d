"""Records the calls by which Python changes a file system, in their order, and can end the process
before one of them.

As a program it does one thing with a file and is killed before a call:
`python -m tests.archive.files.system_calls FUNCTION FILE CONTENT NUMBER` (-1: it is not killed).
"""

import os
import signal
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from archive.files import durable

_CHANGES = ("open", "write", "fchmod", "fsync", "mkdir", "link", "rename", "replace", "unlink")


@contextmanager
def recorded(before: Callable[[int], None] = lambda _: None) -> Iterator[list[str]]:
    """Record the calls of a `with` block by name; `before` gets the number of each call before it
    is made.
    """
    calls: list[str] = []

    def recording(name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def called(*args: Any, **kwargs: Any) -> Any:
            before(len(calls))
            calls.append(_shown(name, args))
            return call(*args, **kwargs)

        return called

    with ExitStack() as stack:
        for name in _CHANGES:
            stack.enter_context(patch.object(os, name, recording(name, getattr(os, name))))
        yield calls


def _shown(name: str, args: tuple[Any, ...]) -> str:
    if name != "fsync":
        return name
    return "fsync folder" if stat.S_ISDIR(os.fstat(args[0]).st_mode) else "fsync file"


def _kill_before(number: int) -> Callable[[int], None]:
    def before(call: int) -> None:
        if call == number:
            os.kill(os.getpid(), signal.SIGKILL)

    return before


if __name__ == "__main__":
    _function, _file, _content, _number = sys.argv[1:]
    with recorded(_kill_before(int(_number))):
        getattr(durable, _function)(Path(_file), _content)
