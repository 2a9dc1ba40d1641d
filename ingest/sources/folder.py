"""Reads sources from disk: names and folders in order, each file whole, nothing outside the named
paths.

A JSON record may name finished files that lie beside it, in the same folder. Those are not sources
on their own. Everything below a folder is untrusted: it is opened by :mod:`archive.files.beneath`,
and shown by its printable name.
"""

import errno
import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from archive.base.errors import SubmissionRejected
from archive.base.printable import is_utf8, printable
from archive.files.beneath import MOST_LEVELS, Entry, OpenFolder, walk
from ingest.sources.faults import refuse
from ingest.sources.finished import FILE_NAMES, names_beside
from ingest.sources.kinds import kind_of
from ingest.sources.limits import DEFAULT_LIMITS, Limits
from ingest.sources.spelling import Spellings
from ingest.sources.strict_json import parse_json
from ingest.submission import RefusedSource

_HEAD = 1024  # bytes by which a finished file is recognised


class FilesBeside(Mapping[str, bytes]):
    """The entries of the folder at `place` below `root`, by their exact names; a file is read on
    access.
    """

    def __init__(self, root: Path, place: PurePosixPath, limits: Limits) -> None:
        self._root, self._place, self._limits = root, place, limits

    def __getitem__(self, name: str) -> bytes:
        """Return a file's bytes; raises KeyError where there is none, SubmissionRejected for what
        cannot be read.
        """
        if name not in self:
            raise KeyError(name)
        return _read_below(self._root, self._place / name, self._limits)

    def __contains__(self, name: object) -> bool:
        """Return whether an entry has exactly this name; nothing is read."""
        try:
            with OpenFolder.at(self._root) as top, top.reach(self._place) as folder:
                return isinstance(name, str) and folder.has(name)
        except OSError:
            return False

    def __iter__(self) -> Iterator[str]:
        return iter(self._names())

    def __len__(self) -> int:
        return len(self._names())

    def _names(self) -> list[str]:
        try:
            with OpenFolder.at(self._root) as top, top.reach(self._place) as folder:
                return folder.names()
        except OSError:
            return []


class SourceFile(NamedTuple):
    """One source: its printable name, its content, and the files that lie beside it."""

    name: str
    data: bytes
    beside: Mapping[str, bytes] = {}


def read_sources(
    paths: Iterable[Path], limits: Limits = DEFAULT_LIMITS
) -> Iterator[SourceFile | RefusedSource]:
    """Yield each file that `paths` name, folders with all that lies below them in sorted order.

    What cannot be read is yielded as a refusal. Hidden files and folders inside a folder are
    skipped; symbolic links inside a folder are refused, because they may lead out of it, and so are
    folders below more than :data:`archive.files.beneath.MOST_LEVELS` others. The size is checked
    before anything is read. PDFs and images come last, and only those that no JSON record named.
    """
    return _Reader(limits).all(paths)


def read_source(
    root: Path, entry: Entry, limits: Limits = DEFAULT_LIMITS
) -> SourceFile | RefusedSource:
    """Return what a walk below `root` met at `entry`, read; its name is the printable place below
    `root`.
    """
    return _source(_Place(root, entry.place), printable(entry.place.as_posix()), limits)


def refused_entry(name: str, entry: Entry) -> RefusedSource | None:
    """Return the refusal of an entry that is no file to read: a link, a folder that is not entered;
    else None.
    """
    if entry.is_too_deep:
        return RefusedSource(name, refuse("/", "source.too_deep", limit=MOST_LEVELS).faults)
    if entry.is_folder:
        return RefusedSource(name, refuse("/", "source.unreadable").faults)
    if stat.S_ISLNK(entry.status.st_mode):
        return RefusedSource(name, refuse("/", "source.link").faults)
    return None


def claims(source: SourceFile, limits: Limits = DEFAULT_LIMITS) -> frozenset[str]:
    """Return the names of the files that a source looks for beside it, spelled as the source spells
    them.
    """
    if b'"file"' not in source.data:
        return frozenset()
    try:
        return names_beside(parse_json(source.data, limits, FILE_NAMES))
    except SubmissionRejected:
        return frozenset()  # its own parser reports the fault


def is_finished(root: Path, place: PurePosixPath) -> bool:
    """Return whether a regular file below `root` is a PDF or an image: it needs a record that names
    it.
    """
    try:
        return _is_finished(_Place(root, place).opened())
    except OSError:
        return False  # read again as a source, and refused with the reason


@dataclass(frozen=True, slots=True)
class _Place:
    """A file at `place` below `root`.

    If the user `named` it, a link is followed, because it is the user's own.
    """

    root: Path
    place: PurePosixPath
    named: bool = False

    def opened(self) -> int:
        """Open it for reading. Raises OSError (:meth:`archive.files.beneath.OpenFolder.opened`)."""
        if self.named:
            return os.open(
                self.root / self.place, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY
            )
        with OpenFolder.at(self.root) as top, top.reach(self.place.parent) as folder:
            return folder.opened(self.place.name)


class _Reader:
    """One walk over the named paths: `_finished` waits until it is known which of them a record
    claims.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._finished: list[tuple[Path, _Place]] = []
        self._claimed: set[Path] = set()
        self._spellings: dict[Path, Spellings] = {}  # of each folder, as it was at the first look

    def all(self, paths: Iterable[Path]) -> Iterator[SourceFile | RefusedSource]:
        for path in paths:
            if os.path.isdir(path):  # noqa: PTH112  # Path.is_dir raises for a name that the system cannot have
                yield from self._folder(path)
            else:
                yield from self._file(
                    path, _Place(path.parent, PurePosixPath(path.name), named=True)
                )
        for path, place in self._finished:
            if path not in self._claimed:
                yield _source(place, printable(str(path)), self._limits)

    def _folder(self, folder: Path) -> Iterator[SourceFile | RefusedSource]:
        try:
            with OpenFolder.at(folder) as top:
                for entry in walk(top, lambda entry: entry.place.name.startswith(".")):
                    path = folder / entry.place
                    refused = refused_entry(printable(str(path)), entry)
                    if refused is not None:
                        yield refused
                    else:
                        yield from self._file(path, _Place(folder, entry.place))
        except OSError:
            yield RefusedSource(printable(str(folder)), refuse("/", "source.unreadable").faults)

    def _file(self, path: Path, place: _Place) -> Iterator[SourceFile | RefusedSource]:
        try:
            finished = _is_finished(place.opened())
        except OSError:
            finished = False  # read again as a source, and refused with the reason
        if finished:
            self._finished.append((path, place))
            return
        source = _source(place, printable(str(path)), self._limits)
        if isinstance(source, SourceFile):
            beside = self._spellings.setdefault(path.parent, Spellings(source.beside))
            for name in claims(source, self._limits):
                self._claimed |= {path.parent / each for each in beside.meant(name)}
        yield source


def _source(place: _Place, name: str, limits: Limits) -> SourceFile | RefusedSource:
    try:
        if not is_utf8(place.place.name):
            raise refuse("/", "source.name")
        data = _read(place, limits)
    except SubmissionRejected as refused:
        return RefusedSource(name, refused.faults)
    return SourceFile(name, data, FilesBeside(place.root, place.place.parent, limits))


def _read_below(root: Path, place: PurePosixPath, limits: Limits) -> bytes:
    return _read(_Place(root, place), limits)


def _is_finished(handle: int) -> bool:
    with os.fdopen(handle, "rb") as file:
        return stat.S_ISREG(os.fstat(handle).st_mode) and kind_of(file.read(_HEAD)) is not None


_REFUSALS = {
    errno.ENOENT: "source.missing",
    errno.ELOOP: "source.link",
    errno.EINVAL: "source.not_a_file",
    errno.ENXIO: "source.not_a_file",  # a socket, or a device that is not there (open(2))
}


def _read(place: _Place, limits: Limits) -> bytes:
    try:
        handle = place.opened()
    except OSError as error:
        raise refuse("/", _REFUSALS.get(error.errno or 0, "source.unreadable")) from error
    with os.fdopen(handle, "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise refuse("/", "source.not_a_file")
        if status.st_size > limits.source_bytes:
            raise refuse("/", "source.too_large", limit=limits.source_bytes)
        try:
            # One byte more than allowed, so that a file that grows meanwhile is seen (and refused
            # by its parser).
            return file.read(limits.source_bytes + 1)
        except OSError as error:
            raise refuse("/", "source.unreadable") from error
