"""What lies in a watched folder: which files are complete, and which belong together."""

import fcntl
import os
import stat
import time
import unicodedata
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from api.watching.rules import Rules
from ingest.sources.faults import fault
from ingest.sources.folder import SourceFile, claims, read_sources
from ingest.sources.kinds import kind_of
from ingest.submission import RefusedSource

_HEAD = 1024  # bytes that tell a finished file


@dataclass(frozen=True, slots=True)
class Stamp:
    """What changes when a file is written to."""

    inode: int
    size: int
    modified: int  # nanoseconds

    @classmethod
    def of(cls, path: Path) -> "Stamp | None":
        """Return a path's stamp, None where nothing is there; a link is not followed."""
        try:
            found = path.lstat()
        except OSError:
            return None
        return cls(found.st_ino, found.st_size, found.st_mtime_ns)


@dataclass(frozen=True, slots=True)
class Batch:
    """What is taken in together: a source with the files that it names beside it, and their stamps before reading."""

    source: SourceFile | RefusedSource
    files: tuple[Path, ...]  # the source first
    stamps: tuple[Stamp | None, ...]

    def is_unchanged(self) -> bool:
        """Tell whether the files are still those that were read."""
        return self.stamps == tuple(map(Stamp.of, self.files))


@dataclass(slots=True)
class _Seen:
    stamp: Stamp
    since: float  # monotonic seconds
    names: frozenset[str] | None = None  # of the files that it names; None: not read yet


class Incoming:
    """The files of one folder, look after look."""

    def __init__(self, folder: Path, rules: Rules) -> None:
        self._folder, self._rules = folder, rules
        self._seen: dict[Path, _Seen] = {}
        self.unsettled = False  # whether the last look saw files that may still grow

    def look(self, *, patient: bool) -> Iterator[Batch]:
        """Look once and yield each batch that is complete, in order of names.

        With `patient`, what misses its companions waits for them as long as the rules say; without, it stays. Raises
        :class:`OSError` where the folder cannot be read.
        """
        settled = self._settled()
        finished = {path for path in settled if _is_finished(path)}
        claimed = set[Path]()
        for path in settled:
            if path in finished:
                continue
            companions = self._companions(path)
            claimed.update(companions)
            if finished.issuperset(companions) or (patient and self._waited(path)):
                yield from _batch(path, companions)
        for path in settled:
            if path in finished and path not in claimed and patient and self._waited(path):
                yield from _batch(path, [])

    def _settled(self) -> list[Path]:
        now, there = time.monotonic(), dict[Path, _Seen]()
        settled = []
        for path in self._walk(self._folder):
            stamp = Stamp.of(path)
            if stamp is None:
                continue
            seen = self._seen.get(path)
            there[path] = seen if seen is not None and seen.stamp == stamp else _Seen(stamp, now)
            wait = self._rules.settle_seconds if stamp.size else self._rules.empty_settle_seconds
            if now - there[path].since >= wait and not _is_written(path):
                settled.append(path)
        self.unsettled = len(settled) < len(there)
        self._seen = there
        return settled

    def _walk(self, folder: Path) -> Iterator[Path]:
        """Yield all that is no folder, in order of names; a link is one, whatever it leads to."""
        for entry in sorted(folder.iterdir()):
            own = folder == self._folder and entry.name in (self._rules.done, self._rules.refused)
            if self._rules.is_left(entry.name) or own:
                continue
            if entry.is_dir() and not entry.is_symlink():
                yield from self._walk(entry)
            else:
                yield entry

    def _companions(self, path: Path) -> list[Path]:
        """Return the files that a source names beside it, whether they are there or not."""
        seen = self._seen[path]
        if seen.names is None:
            source = _read(path)
            seen.names = claims(source) if isinstance(source, SourceFile) else frozenset()
        if not seen.names:
            return []
        there = {_nfc(entry.name): entry for entry in path.parent.iterdir()}
        return [there.get(_nfc(name), path.with_name(Path(name).name)) for name in sorted(seen.names)]

    def _waited(self, path: Path) -> bool:
        """Tell whether a file has been here for as long as its companions may take."""
        with suppress(OSError):
            return time.time() - path.lstat().st_ctime > self._rules.companion_seconds
        return False


def _batch(path: Path, companions: list[Path]) -> Iterator[Batch]:
    """Yield the source at `path`, read now, with its companions that are there; nothing where it has gone."""
    files = (path, *(one for one in companions if Stamp.of(one) is not None))
    stamps = tuple(map(Stamp.of, files))
    if stamps[0] is not None:
        yield Batch(_read(path), files, stamps)


def _read(path: Path) -> SourceFile | RefusedSource:
    if path.is_symlink():
        return RefusedSource(str(path), (fault("/", "source.link"),))
    (source,) = read_sources([path])
    return source


def _nfc(name: str) -> str:
    return unicodedata.normalize("NFC", name)


def _is_finished(path: Path) -> bool:
    """Tell whether a regular file is a PDF or an image: it needs a record that names it."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(handle, "rb") as file:
            return stat.S_ISREG(os.fstat(handle).st_mode) and kind_of(file.read(_HEAD)) is not None
    except OSError:
        return False


def _is_written(path: Path) -> bool:
    """Tell whether a process of this machine has the file open for writing: then no read lease is given (fcntl(2)).

    Only a file's owner may ask; where asking is refused, size and time alone decide.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.fcntl(handle, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        fcntl.fcntl(handle, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except BlockingIOError:
        return True
    except OSError:
        return False
    finally:
        os.close(handle)
    return False
