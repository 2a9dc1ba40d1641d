"""Files to take in, read from disk: names and folders in order, each file whole, nothing outside what was named."""

import errno
import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from ingest.sources.faults import fault
from ingest.sources.limits import DEFAULT_LIMITS, Limits
from ingest.submission import RefusedSource

SourceFile = tuple[str, bytes]  # the name as people gave it, and the content


def read_sources(paths: Iterable[Path], limits: Limits = DEFAULT_LIMITS) -> Iterator[SourceFile | RefusedSource]:
    """Yield each file that `paths` name, folders recursively in sorted order, as `(name, content)`.

    What cannot be read is yielded as a refusal. Hidden files and folders inside a folder are skipped; symbolic links
    inside a folder are refused, because they may lead out of it. The size is checked before anything is read.
    """
    for path in paths:
        if os.path.isdir(path):  # noqa: PTH112  # Path.is_dir raises for a name that the system cannot have
            yield from _folder(path, limits)
        else:
            yield _file(path, limits, follow=True)


def _folder(folder: Path, limits: Limits) -> Iterator[SourceFile | RefusedSource]:
    try:
        entries = sorted(folder.iterdir())
    except OSError:
        yield _refused(folder, "source.unreadable")
        return
    for entry in entries:
        if entry.name.startswith("."):
            continue
        if entry.is_symlink():
            yield _refused(entry, "source.link")
        elif entry.is_dir():
            yield from _folder(entry, limits)
        else:
            yield _file(entry, limits, follow=False)


def _file(path: Path, limits: Limits, *, follow: bool) -> SourceFile | RefusedSource:
    flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK  # a pipe must not make us wait
    try:
        handle = os.open(path, flags if follow else flags | os.O_NOFOLLOW)
    except FileNotFoundError:
        return _refused(path, "source.missing")
    except OSError as error:
        return _refused(path, "source.link" if error.errno == errno.ELOOP else "source.unreadable")
    with os.fdopen(handle, "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            return _refused(path, "source.not_a_file")
        if status.st_size > limits.source_bytes:
            return _refused(path, "source.too_large", limit=limits.source_bytes)
        try:
            # One byte more than allowed, so that a file that grows meanwhile is seen (and refused by its parser).
            return str(path), file.read(limits.source_bytes + 1)
        except OSError:
            return _refused(path, "source.unreadable")


def _refused(path: Path, code: str, **facts: object) -> RefusedSource:
    return RefusedSource(str(path), (fault("/", code, **facts),))
