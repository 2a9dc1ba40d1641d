"""Files that must survive a crash.

The bytes are synced before the file has its name, and the name is synced after it.

    replace_file   the new file takes the place of the old one; a crash leaves either
    create_file    the file is new; no entry that has its name is ever replaced
    append_line    one line more; a crash may leave a part of that line, without its line end

`write_synced` and :class:`PendingFile` are the steps of which these consist, for a caller that has
steps of its own in between. Every function here raises :class:`OSError`, for example where the disk
is full; the old file is still whole then.
"""

import errno
import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from archive.files.folders import make_folder, sync_folder

PRIVATE_FILE = 0o600  # for Kho's own user only
# A text is written as UTF-8; pieces are written one after the other.
Content = bytes | str | Iterable[bytes]
# The answers of open(2) where the file system has no unnamed files (O_TMPFILE).
_NO_UNNAMED_FILES = (errno.EOPNOTSUPP, errno.EISDIR, errno.EINVAL)
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW


def replace_file(file: Path, content: Content, mode: int = PRIVATE_FILE) -> None:
    """Write `file` whole, in the place of the file or link that has its name.

    It is on the disk when this returns.

    Its folder is made where it is missing (mode 0700).
    """
    with _pending(file, mode) as pending:
        pending.write(content)
        pending.replace()


def create_file(file: Path, content: Content, mode: int = PRIVATE_FILE) -> None:
    """Write the new `file` whole; it is on the disk when this returns.

    Its folder is made where it is missing.

    Raises FileExistsError where any entry has that name; that entry is not touched.
    """
    with _pending(file, mode) as pending:
        pending.write(content)
        pending.create()


def append_line(file: Path, line: str) -> None:
    """Append `line` and a line end to `file` in one write; both are on the disk when this returns.

    A new file has mode 0600, and its name is durable before it has any line.
    """
    make_folder(file.parent)
    handle = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, PRIVATE_FILE)
    try:
        if not os.fstat(handle).st_size:
            sync_folder(file.parent)
        os.write(handle, f"{line}\n".encode())
        os.fsync(handle)
    finally:
        os.close(handle)


def move_file(old: Path, new: Path) -> None:
    """Give the file `old` the name `new` in the same folder, durably.

    It takes the place of the file that has the name.
    """
    old.replace(new)
    sync_folder(new.parent)


def write_synced(path: Path, content: Content, mode: int = PRIVATE_FILE) -> None:
    """Write a new file, durable but for its name.

    A file that a killed process left there is removed first.

    Kho removes it and does not truncate it: it may be a second name of a finished object.
    """
    path.unlink(missing_ok=True)
    handle = os.open(path, _NEW, mode)
    try:
        os.fchmod(handle, mode)  # whatever the umask says
        write_and_sync(handle, content)
    finally:
        os.close(handle)


def write_and_sync(handle: int, content: Content) -> None:
    """Write all of `content` to the file that is open as `handle`, and sync it."""
    with os.fdopen(handle, "wb", closefd=False) as file:
        if isinstance(content, str):
            file.write(content.encode())
        elif isinstance(content, bytes):
            file.write(content)
        else:
            file.writelines(content)
    os.fsync(handle)


class PendingFile:
    """A file in the folder that is open as `folder`, before it has the name `name`.

    Use it in a `with`.

    A process that is killed leaves no file where the file system has unnamed files. Elsewhere it
    leaves a hidden `.….part`. The folder is a handle: a link that takes the folder's place
    redirects no file.
    """

    def __init__(self, folder: int, name: str, mode: int = PRIVATE_FILE) -> None:
        self._folder, self._name, self._mode = folder, name, mode
        self._part = f".{secrets.token_hex(8)}.part"
        self._handle, self._has_part = -1, False

    def write(self, content: Content) -> None:
        """Write all of `content`, and sync it."""
        self._handle = self._opened()
        os.fchmod(self._handle, self._mode)  # whatever the umask says
        write_and_sync(self._handle, content)

    def replace(self) -> None:
        """Give the file its name, durably, in the place of the file or link that has it."""
        if not self._has_part:
            self._link(self._part)
        os.rename(self._part, self._name, src_dir_fd=self._folder, dst_dir_fd=self._folder)
        self._has_part = False
        os.fsync(self._folder)

    def create(self) -> None:
        """Give the file its name, durably. Raises FileExistsError where any entry has it."""
        if self._has_part:
            os.link(self._part, self._name, src_dir_fd=self._folder, dst_dir_fd=self._folder)
        else:
            self._link(self._name)
        os.fsync(self._folder)

    def __enter__(self) -> Self:
        """Return the file itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        """Remove what has no name by now."""
        if self._handle >= 0:
            os.close(self._handle)
            if self._has_part:
                with suppress(OSError):  # a disk that refuses this too: the hidden part stays
                    os.unlink(self._part, dir_fd=self._folder)

    def _opened(self) -> int:
        try:
            return os.open(".", os.O_TMPFILE | os.O_WRONLY, self._mode, dir_fd=self._folder)
        except OSError as error:
            if error.errno not in _NO_UNNAMED_FILES:
                raise
        handle = os.open(self._part, _NEW, self._mode, dir_fd=self._folder)
        self._has_part = True
        return handle

    def _link(self, name: str) -> None:
        # With a folder's handle Python calls linkat(2), which follows /proc to the unnamed file.
        os.link(f"/proc/self/fd/{self._handle}", name, dst_dir_fd=self._folder)
        self._has_part = name == self._part


@contextmanager
def _pending(file: Path, mode: int) -> Iterator[PendingFile]:
    make_folder(file.parent)
    folder = os.open(file.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        with PendingFile(folder, file.name, mode) as pending:
            yield pending
    finally:
        os.close(folder)
