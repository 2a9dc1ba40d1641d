"""What lies in a watched folder: which files are complete, and which belong together.

All of it may be planted.
"""

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from api.watching.journal import Stamp
from api.watching.rules import Rules
from archive.base.printable import printable
from archive.files.beneath import Entry, OpenFolder, walk
from ingest.sources.folder import (
    FilesBeside,
    SourceFile,
    claims,
    is_finished,
    read_source,
    refused_entry,
)
from ingest.sources.limits import DEFAULT_LIMITS
from ingest.sources.spelling import Spellings
from ingest.submission import RefusedSource


@dataclass(frozen=True, slots=True)
class Batch:
    """Files that are archived together: a source and the files that it names beside it, with stamps
    before reading.
    """

    folder: Path
    source: SourceFile | RefusedSource
    files: tuple[tuple[PurePosixPath, Stamp], ...]  # the source first
    stays: bool = False  # it cannot be moved: a folder that is not entered

    @property
    def place(self) -> PurePosixPath:
        """Where the source lies."""
        return self.files[0][0]

    def is_unchanged(self) -> bool:
        """Return whether the files are still those that were read."""
        try:
            with OpenFolder.at(self.folder) as top:
                return all(_stamp(top, place) == stamp for place, stamp in self.files)
        except OSError:
            return False


@dataclass(slots=True)
class _Seen:
    stamp: Stamp
    since: float  # monotonic seconds
    entry: Entry
    names: frozenset[str] | None = None  # of the files that it names; None: not read yet


class Incoming:
    """The files of one folder, look after look."""

    def __init__(
        self, folder: Path, rules: Rules, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._folder, self._rules = folder, rules
        self._monotonic = monotonic  # seconds
        self._seen: dict[PurePosixPath, _Seen] = {}
        self._spellings: dict[PurePosixPath, Spellings] = {}  # of each folder, in one look
        self.unsettled = False  # whether the last look saw files that may still grow

    def look(self, *, patient: bool) -> Iterator[Batch]:
        """Look once and yield each batch that is complete, in order of names.

        With `patient`, what misses its companions waits for them as long as the rules say; without,
        it stays. Raises :class:`OSError` where the folder cannot be read.
        """
        settled = self._settled()
        self._spellings = {}
        finished = {place for place in settled if is_finished(self._folder, place)}
        claimed = set[PurePosixPath]()
        for place in settled:
            if place in finished:
                continue
            companions = self._companions(place)
            claimed.update(companions)
            if finished.issuperset(companions) or (patient and self._waited(place)):
                yield from self._batch(place, companions)
        for place in settled:
            if place in finished and place not in claimed and patient and self._waited(place):
                yield from self._batch(place, [])

    def _settled(self) -> list[PurePosixPath]:
        now, there = self._monotonic(), dict[PurePosixPath, _Seen]()
        settled = []
        with OpenFolder.at(self._folder) as top:
            for entry in walk(top, self._is_left):
                place, stamp = entry.place, Stamp.of(entry.status)
                seen = self._seen.get(place)
                there[place] = (
                    seen if seen is not None and seen.stamp == stamp else _Seen(stamp, now, entry)
                )
                wait = (
                    self._rules.settle_seconds if stamp.size else self._rules.empty_settle_seconds
                )
                if now - there[place].since >= wait and not _is_written(top, place):
                    settled.append(place)
        self.unsettled = len(settled) < len(there)
        self._seen = there
        return settled

    def _is_left(self, entry: Entry) -> bool:
        own = len(entry.place.parts) == 1 and entry.place.name in (
            self._rules.done,
            self._rules.refused,
        )
        return self._rules.is_left(entry.place.name) or (own and entry.is_folder)

    def _companions(self, place: PurePosixPath) -> list[PurePosixPath]:
        """Return the files that a source names beside it, whether they are there or not."""
        seen = self._seen[place]
        if seen.names is None:
            source = self._read(seen.entry)
            seen.names = claims(source) if isinstance(source, SourceFile) else frozenset()
        if not seen.names:
            return []
        beside = FilesBeside(self._folder, place.parent, DEFAULT_LIMITS)
        there = self._spellings.setdefault(place.parent, Spellings(beside))
        missing = place.parent / "\0"  # a name that no file has
        meant = {name: there.meant(name) for name in sorted(seen.names)}
        return [place.parent / name for names in meant.values() for name in names] + [
            missing for names in meant.values() if not names
        ]

    def _batch(self, place: PurePosixPath, companions: list[PurePosixPath]) -> Iterator[Batch]:
        """Yield the source at `place`, read now, with its companions that are there.

        Nothing is yielded where another thing has its name since the look: a later look judges that
        one. Kho itself makes such a change, where it puts its own folder `done` in the place of a
        planted link.
        """
        entry = self._seen[place].entry
        with OpenFolder.at(self._folder) as top:
            stamps = [(each, _stamp(top, each)) for each in (place, *companions)]
        if stamps[0][1] == self._seen[place].stamp:
            files = tuple((each, stamp) for each, stamp in stamps if stamp is not None)
            yield Batch(self._folder, self._read(entry), files, stays=entry.is_folder)

    def _read(self, entry: Entry) -> SourceFile | RefusedSource:
        name = printable(entry.place.as_posix())
        return refused_entry(name, entry) or read_source(self._folder, entry)

    def _waited(self, place: PurePosixPath) -> bool:
        """Return whether a file has been here for as long as its companions may take to arrive."""
        return time.time() - self._seen[place].entry.status.st_ctime > self._rules.companion_seconds


def _stamp(top: OpenFolder, place: PurePosixPath) -> Stamp | None:
    with suppress(OSError, ValueError), top.reach(place.parent) as folder:
        return Stamp.of(folder.status(place.name))
    return None


def _is_written(top: OpenFolder, place: PurePosixPath) -> bool:
    """Return whether a process of this machine has the file open for writing: a read lease then
    fails (fcntl(2)).

    Only a file's owner may take a lease. Where the system refuses that, size and time alone decide.
    """
    try:
        with top.reach(place.parent) as folder:
            handle = folder.opened(place.name)
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
