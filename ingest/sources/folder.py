"""Files to take in, read from disk: names and folders in order, each file whole, nothing outside what was named.

A JSON record may name finished files that lie beside it, in the same folder. Those are not sources on their own.
"""

import errno
import os
import stat
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from archive.errors import Refused
from ingest.sources.faults import refuse
from ingest.sources.finished import names_beside
from ingest.sources.kinds import kind_of
from ingest.sources.limits import DEFAULT_LIMITS, Limits
from ingest.sources.strict_json import parse_json
from ingest.submission import RefusedSource

_HEAD = 1024  # bytes that tell a finished file


class FilesBeside(Mapping[str, bytes]):
    """The regular files of one folder, by name (NFC), read when they are asked for."""

    def __init__(self, folder: Path, limits: Limits) -> None:
        self._folder, self._limits = folder, limits

    def __getitem__(self, name: str) -> bytes:
        """Return a file's bytes; raises KeyError where there is none, Refused for what cannot be read."""
        return _read(self._paths()[name], self._limits, follow=False)

    def __iter__(self) -> Iterator[str]:
        return iter(self._paths())

    def __len__(self) -> int:
        return len(self._paths())

    def _paths(self) -> dict[str, Path]:
        try:
            return {_nfc(entry.name): entry for entry in self._folder.iterdir()}
        except OSError:
            return {}


class SourceFile(NamedTuple):
    """One source: its name as people gave it, its content, and the files that lie beside it."""

    name: str
    data: bytes
    beside: Mapping[str, bytes] = {}


def read_sources(paths: Iterable[Path], limits: Limits = DEFAULT_LIMITS) -> Iterator[SourceFile | RefusedSource]:
    """Yield each file that `paths` name, folders recursively in sorted order.

    What cannot be read is yielded as a refusal. Hidden files and folders inside a folder are skipped; symbolic links
    inside a folder are refused, because they may lead out of it. The size is checked before anything is read. PDFs and
    images come last, and only those that no JSON record named.
    """
    return _Reader(limits).all(paths)


def claims(source: SourceFile, limits: Limits = DEFAULT_LIMITS) -> frozenset[str]:
    """Return the names of the files that a source looks for beside it."""
    if b'"file"' not in source.data:
        return frozenset()
    try:
        return names_beside(parse_json(source.data, limits))
    except Refused:
        return frozenset()  # its own parser tells what is wrong


class _Reader:
    """One walk over the named paths: `_finished` waits until it is known which of them a record claims."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._finished: list[tuple[Path, bool]] = []
        self._claimed: set[tuple[Path, str]] = set()

    def all(self, paths: Iterable[Path]) -> Iterator[SourceFile | RefusedSource]:
        for path in paths:
            if os.path.isdir(path):  # noqa: PTH112  # Path.is_dir raises for a name that the system cannot have
                yield from self._folder(path)
            else:
                yield from self._file(path, follow=True)
        for path, follow in self._finished:
            if (path.parent, _nfc(path.name)) not in self._claimed:
                yield _source(path, self._limits, follow=follow)

    def _folder(self, folder: Path) -> Iterator[SourceFile | RefusedSource]:
        try:
            entries = sorted(folder.iterdir())
        except OSError:
            yield RefusedSource(str(folder), refuse("/", "source.unreadable").faults)
            return
        for entry in entries:
            if entry.name.startswith("."):
                continue
            if entry.is_symlink():
                yield RefusedSource(str(entry), refuse("/", "source.link").faults)
            elif entry.is_dir():
                yield from self._folder(entry)
            else:
                yield from self._file(entry, follow=False)

    def _file(self, path: Path, *, follow: bool) -> Iterator[SourceFile | RefusedSource]:
        if _is_finished(path, follow=follow):
            self._finished.append((path, follow))
            return
        source = _source(path, self._limits, follow=follow)
        if isinstance(source, SourceFile):
            self._claimed |= {(path.parent, name) for name in claims(source, self._limits)}
        yield source


def _source(path: Path, limits: Limits, *, follow: bool) -> SourceFile | RefusedSource:
    try:
        return SourceFile(str(path), _read(path, limits, follow=follow), FilesBeside(path.parent, limits))
    except Refused as refused:
        return RefusedSource(str(path), refused.faults)


def _is_finished(path: Path, *, follow: bool) -> bool:
    try:
        with os.fdopen(_open(path, follow=follow), "rb") as file:
            return stat.S_ISREG(os.fstat(file.fileno()).st_mode) and kind_of(file.read(_HEAD)) is not None
    except OSError:
        return False  # read again as a source, and refused with the reason


def _open(path: Path, *, follow: bool) -> int:
    flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK  # a pipe must not make us wait
    return os.open(path, flags if follow else flags | os.O_NOFOLLOW)


def _read(path: Path, limits: Limits, *, follow: bool) -> bytes:
    try:
        handle = _open(path, follow=follow)
    except FileNotFoundError as error:
        raise refuse("/", "source.missing") from error
    except OSError as error:
        raise refuse("/", "source.link" if error.errno == errno.ELOOP else "source.unreadable") from error
    with os.fdopen(handle, "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise refuse("/", "source.not_a_file")
        if status.st_size > limits.source_bytes:
            raise refuse("/", "source.too_large", limit=limits.source_bytes)
        try:
            # One byte more than allowed, so that a file that grows meanwhile is seen (and refused by its parser).
            return file.read(limits.source_bytes + 1)
        except OSError as error:
            raise refuse("/", "source.unreadable") from error


def _nfc(name: str) -> str:
    return unicodedata.normalize("NFC", name)
