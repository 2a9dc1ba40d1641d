"""Work on strangers' bytes in a child process with limits, one child for one piece of work.

A file is a program for its reader. A hostile file that takes over its reader gets a process without
other work: this reads installed software and nothing else, writes no file, has no network, starts
no process and reaches none (`archive/isolation/sandbox`). It gets no second file: a child is never
reused. Its answer is bytes, never a pickle. Each child has a memory limit, and all children of one
process together have one, too.
"""

import json
import os
import resource
import struct
import sys
import threading
import time
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from itertools import pairwise
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from multiprocessing.util import get_temp_dir
from typing import Any, ParamSpec

from archive.base.bilingual import Text
from archive.base.errors import Unavailable, Unreadable
from archive.isolation.memory import Memory, machine_memory
from archive.isolation.sandbox.privileges import give_up
from archive.isolation.sandbox.reach import NOTHING, Reach, enclose

P = ParamSpec("P")

# A server process that has imported everything is forked for each file: spawning would cost a
# second every time, and forking a process that runs threads is not safe.
PROCESSES = get_context("forkserver")
_PRELOADED: list[str] = []
_STARTING = threading.Lock()
# What all children of this process may use together by their own limits: what there is, but at
# least text recognition (4 GiB) and a usual child beside it. A worker of the pool does one thing at
# a time: it has one child at most.
MEMORY = Memory(max(machine_memory(), 6 << 30))
_HEAD = struct.Struct(">cQ")  # what follows, and how long it is
_ANSWER, _UNREADABLE = b"+", b"-"
_CHUNK = 1 << 20


class TooDemanding(Unreadable):
    """A file takes more time or memory than it may, or crashes its parser."""

    code = "file.too_demanding"


@dataclass(frozen=True, slots=True)
class Limits:
    """What one piece of work may use.

    These are seconds of clock and of processor, bytes of memory, of the longest file that it writes
    (0: none), and of its answer.
    """

    seconds: float = 60
    memory: int = 2 << 30
    file_size: int = 0
    answer: int = 16 << 20

    @property
    def exceeded(self) -> TooDemanding:
        """The error for what went beyond them."""
        return TooDemanding(
            why_vi=f"việc kiểm tra cần hơn {self.seconds:g} giây hoặc quá nhiều bộ nhớ",
            why_en=f"checking it takes more than {self.seconds:g} s or too much memory",
        )


def preload(module: str) -> None:
    """Let children find `module` imported already; called by a module with its own name."""
    _PRELOADED.append(module)
    PROCESSES.set_forkserver_preload(_PRELOADED)


def isolated(limits: Limits, task: Callable[P, bytes], *args: P.args, **kwargs: P.kwargs) -> bytes:
    """Return what `task(*args, **kwargs)` returns in a child.

    `task` is a function of a module, and its arguments pickle.

    Raises :class:`archive.base.errors.Unreadable` where `task` raises it or breaks, TooDemanding
    where a limit is reached or the child dies, MemoryBusy where other children leave no memory for
    this one.
    """
    with MEMORY.held(limits.memory):
        kind, answer = _answered(limits, task, args, kwargs)
    if kind == _ANSWER:
        return answer
    try:
        said = json.loads(answer)
        raise Unreadable(why_vi=str(said["why_vi"]), why_en=str(said["why_en"]))
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise limits.exceeded from error  # not what we let children say


def _answered(
    limits: Limits, task: Callable[..., bytes], args: tuple[object, ...], kwargs: dict[str, object]
) -> tuple[bytes, bytes]:
    ours, theirs = PROCESSES.Pipe(duplex=False)
    child = PROCESSES.Process(target=_work, args=(theirs, limits, task, args, kwargs), daemon=True)
    with closing(ours):
        with closing(theirs):
            start(child)
        try:
            return _received(ours, limits)
        finally:
            child.kill()
            # never `close`: Python joins all children at its own end, on another thread
            child.join()


def require_temporary_folder() -> None:
    """Settle where the sockets of child processes are, for as long as this process lives.

    The place is in TMPDIR, /tmp and so on.

    Raises Unavailable where none of them can be written.
    """
    try:
        get_temp_dir()
    except OSError as error:
        raise Unavailable(component="TMPDIR", why=error.strerror or type(error).__name__) from error


def start(child: ForkServerProcess) -> None:
    """Start `child` without this process's main module and start-up folder.

    Python lets every child import its parent's main module again, which may take longer than the
    work itself. And it starts its server of children with `-c`, which puts the current folder
    before all others where modules are looked for: a `json.py` beside the file that a person
    verifies would run as that person (CWE-427).

    Raises Unavailable where no temporary folder can be written.
    """
    require_temporary_folder()
    main = sys.modules["__main__"]
    with _STARTING:
        os.environ["PYTHONSAFEPATH"] = "1"
        hidden: dict[str, Any] = {}
        for name in ("__file__", "__spec__"):
            if name in main.__dict__:
                hidden[name] = main.__dict__.pop(name)
        main.__spec__ = None
        try:
            child.start()
        finally:
            main.__dict__.update(hidden)


def _received(pipe: Connection, limits: Limits) -> tuple[bytes, bytes]:
    """Read one answer, and wait no longer than the child may take.

    The file that the child reads may have taken it over.
    """
    end, received, size = time.monotonic() + limits.seconds, bytearray(), _HEAD.size
    while len(received) < size:
        chunk = (
            os.read(pipe.fileno(), _CHUNK) if pipe.poll(max(0.0, end - time.monotonic())) else b""
        )
        if not chunk:
            raise limits.exceeded
        received += chunk
        if size == _HEAD.size and len(received) >= size:
            size += _HEAD.unpack_from(received)[1]
            if size > _HEAD.size + limits.answer:
                raise limits.exceeded
    kind, _ = _HEAD.unpack_from(received)
    return kind, bytes(received[_HEAD.size : size])


def _work(
    pipe: Connection,
    limits: Limits,
    task: Callable[..., bytes],
    args: tuple[object, ...],
    kwargs: dict[str, object],
) -> None:
    """Run `task` in the child and send its result; a child that cannot sends nothing."""
    confine(limits, pipe.fileno())
    kind = _UNREADABLE
    try:
        kind, answer = _ANSWER, task(*args, **kwargs)
    except MemoryError:
        return
    except Unreadable as error:
        if isinstance(error.__cause__, MemoryError):
            return  # a parser took it for a fault of the file
        kind, answer = _UNREADABLE, json.dumps(error.facts).encode()
    except Exception as error:  # noqa: BLE001 - strangers' files break parsers in ways unforeseen; no text of theirs leaves
        broken = Text("không kiểm tra được ({kind})", "the check failed ({kind})").fill(
            kind=type(error).__name__
        )
        kind, answer = _UNREADABLE, json.dumps({"why_vi": broken.vi, "why_en": broken.en}).encode()
    # the parent may have gone
    with suppress(BrokenPipeError), os.fdopen(pipe.fileno(), "wb", closefd=False) as out:
        out.write(_HEAD.pack(kind, len(answer)) + answer)


_FILES = 256  # open at once; their number is what pipes and deleted files cost the system
_MOST_FILES = 1 << 20  # the highest that a service may have been given


def confine(limits: Limits, *kept: int, reach: Reach = NOTHING) -> None:
    """Bind the calling process to `limits` and `reach` for good.

    Every program that it executes or starts is bound, too.

    Of its open files it keeps those in `kept`. It prints nothing any more, because parsers quote
    the data that they fail on. On Linux it dies with its parent, drops root's capabilities and
    reaches only what `reach` names: the kernel's part is in :mod:`archive.isolation.sandbox`.
    Raises OSError where the kernel has the means and fails.
    """
    # An inherited file would keep the server process alive, and with it this child, after its
    # parent has died.
    for first, end in pairwise([2, *sorted(kept), _MOST_FILES]):
        os.closerange(first + 1, end)
    seconds = int(limits.seconds) + 1
    for kind, most in (
        (resource.RLIMIT_AS, limits.memory),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, limits.file_size),
        (resource.RLIMIT_NOFILE, _FILES),
        (resource.RLIMIT_CORE, 0),  # no patient data in core files
    ):
        allowed = resource.getrlimit(kind)[1]  # the service's own limit, which no process may raise
        most = most if allowed == resource.RLIM_INFINITY else min(most, allowed)
        resource.setrlimit(kind, (most, most))
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    if sys.platform == "linux":
        give_up()
        enclose(reach)
