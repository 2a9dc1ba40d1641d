"""Folders that strangers write into.

Kho opens what lies below by handles, name by name, and follows no link.

The system resolves a path again at each call. Another user with write access to the folder can put
a link into the path between two calls (CWE-59, CWE-367). A handle keeps its folder: `openat(2)`
with `O_NOFOLLOW` takes one name below it, and a name that is a link is an error. So nothing here
leaves the folder, whatever lies in it.
"""

import errno
import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import Self

from archive.files.durable import write_and_sync

MOST_LEVELS = 32  # folders inside folders that a walk enters; people nest a handful
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
# Without O_NONBLOCK opening a pipe waits for a writer, without O_NOCTTY a terminal could become
# ours (open(2)).
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
HERE = PurePosixPath()


class OpenFolder:
    """One folder by its handle; use it in a `with`. Every method raises :class:`OSError`.

    A `name` is one name in this folder. A name that would lead elsewhere (`..`, a slash) is refused
    with EXDEV, the answer of openat2(2) to an escape from its root.
    """

    def __init__(self, handle: int) -> None:
        self.handle = handle

    @classmethod
    def at(cls, path: Path) -> "OpenFolder":
        """Open the folder that the operator names.

        A link in `path` itself is the operator's own.
        """
        return cls(os.open(path, _FOLDER))

    def inner(self, name: str) -> "OpenFolder":
        """Open the folder `name`; NotADirectoryError for a link and for every other entry."""
        return OpenFolder(os.open(_checked(name), _FOLDER | os.O_NOFOLLOW, dir_fd=self.handle))

    def reach(self, place: PurePosixPath) -> "OpenFolder":
        """Open the folder at `place` below this one, name by name."""
        folder = OpenFolder(os.dup(self.handle))
        for name in place.parts:
            with folder:
                folder = folder.inner(name)
        return folder

    def names(self) -> list[str]:
        """Return the names in this folder in order.

        A byte that is not UTF-8 is a surrogate (PEP 383).
        """
        return sorted(os.listdir(self.handle))  # noqa: PTH208 - a handle has no path

    def status(self, name: str) -> os.stat_result:
        """Return what the entry `name` is; of a link, what the link itself is."""
        return os.stat(_checked(name), dir_fd=self.handle, follow_symlinks=False)

    def has(self, name: str) -> bool:
        """Tell whether an entry has this name, whatever it is."""
        try:
            self.status(name)
        except (FileNotFoundError, ValueError):
            return False
        except OSError as error:
            if error.errno in (errno.EXDEV, errno.ENAMETOOLONG):  # no entry can have such a name
                return False
            raise
        return True

    def opened(self, name: str) -> int:
        """Open the regular file `name` for reading.

        Raises OSError: EINVAL for a pipe, a device or a folder, ELOOP for a link.
        """
        # before the call that a device or a pipe would notice
        self._require_regular(self.status(name))
        handle = os.open(_checked(name), _FILE, dir_fd=self.handle)
        try:
            self._require_regular(os.fstat(handle))
        except OSError:
            os.close(handle)
            raise
        return handle

    def make(self, name: str) -> None:
        """Make the folder `name`, durably."""
        os.mkdir(_checked(name), dir_fd=self.handle)
        self.sync()

    def write_new(self, name: str, data: bytes) -> None:
        """Write a new file, synced.

        Raises FileExistsError where any entry has the name, also a link that leads nowhere.
        """
        handle = os.open(_checked(name), _NEW, 0o666, dir_fd=self.handle)
        try:
            write_and_sync(handle, data)
        finally:
            os.close(handle)

    def link(self, name: str, into: "OpenFolder", new: str) -> None:
        """Give the entry `name` a second name.

        A link gets it itself, and no entry is overwritten.
        """
        os.link(
            _checked(name),
            _checked(new),
            src_dir_fd=self.handle,
            dst_dir_fd=into.handle,
            follow_symlinks=False,
        )

    def rename(self, name: str, into: "OpenFolder", new: str) -> None:
        """Give the entry `name` another name."""
        os.rename(_checked(name), _checked(new), src_dir_fd=self.handle, dst_dir_fd=into.handle)

    def unlink(self, name: str) -> None:
        """Remove the name of a file or link."""
        os.unlink(_checked(name), dir_fd=self.handle)

    def sync(self) -> None:
        """Make the names in this folder durable."""
        os.fsync(self.handle)

    def __enter__(self) -> Self:
        """Return the folder itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        """Close the handle."""
        os.close(self.handle)

    @staticmethod
    def _require_regular(status: os.stat_result) -> None:
        if stat.S_ISLNK(status.st_mode):
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))


@dataclass(frozen=True, slots=True)
class Entry:
    """What a walk meets at `place` below its folder.

    A file, a link, or a folder that it does not enter.
    """

    place: PurePosixPath
    status: os.stat_result

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder: too deep, or one that cannot be read."""
        return stat.S_ISDIR(self.status.st_mode)

    @property
    def is_too_deep(self) -> bool:
        """Whether it is a folder below more than :data:`MOST_LEVELS` others."""
        return self.is_folder and len(self.place.parts) > MOST_LEVELS


def walk(top: OpenFolder, leave: Callable[[Entry], bool]) -> Iterator[Entry]:
    """Yield all that lies below `top` and is no folder, in order of names.

    `leave` tells what is passed over.

    A folder that cannot be read or lies too deep is yielded itself. Neither stack nor open handles
    grow with the depth. Raises :class:`OSError` where `top` itself cannot be read.
    """
    waiting = list(reversed(_entries(top, HERE)))
    while waiting:
        entry = waiting.pop()
        if leave(entry):
            continue
        if not entry.is_folder or entry.is_too_deep:
            yield entry
            continue
        try:
            with top.reach(entry.place) as folder:
                waiting += reversed(_entries(folder, entry.place))
        except FileNotFoundError:
            continue  # it was there a moment ago
        except OSError:
            yield entry


def _entries(folder: OpenFolder, place: PurePosixPath) -> list[Entry]:
    entries = []
    for name in folder.names():
        try:
            entries.append(Entry(place / name, folder.status(name)))
        except FileNotFoundError:
            continue
    return entries


def _checked(name: str) -> str:
    if name in ("", ".", "..") or "/" in name:
        raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))
    return name
