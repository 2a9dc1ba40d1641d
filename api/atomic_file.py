"""A file whose bytes are on the disk before it gets its name: a process that is killed in between
leaves no file.

The folder is opened once and kept open. So a person who replaces a folder of the path by a link
redirects no file.
"""

import contextlib
import errno
import os
import stat
from pathlib import Path
from types import TracebackType
from typing import Self

from archive.base.errors import Misconfigured, Unavailable
from archive.base.printable import printable
from archive.files.beneath import OpenFolder

# open(2): the file system has no O_TMPFILE
_NO_UNNAMED_FILES = (errno.EOPNOTSUPP, errno.EISDIR, errno.EINVAL)


class AtomicFile:
    """The file at `path`, held back until :meth:`give`; use it in a `with`.

    Readable by its owner only.

    It takes the place of a regular file and of nothing else: no link at `path` is followed, nor is
    one replaced.
    """

    def __init__(self, path: Path) -> None:
        self._path = path.absolute()
        self._part = f".{self._path.name}.{os.getpid()}.part"
        self._folder: OpenFolder | None = None
        self._handle, self._named = -1, False

    def keep(self, data: bytes) -> None:
        """Write all of `data` and sync it.

        Raises :class:`archive.base.errors.Unavailable` (a full disk, no such folder), and
        :class:`archive.base.errors.Misconfigured` where `path` is something else than a regular
        file.
        """
        try:
            self._folder = self._folder or OpenFolder.at(self._path.parent)
            self._check_place(self._folder)
            self._handle = self._opened(self._folder)
            with os.fdopen(self._handle, "wb", closefd=False) as file:
                file.write(data)
            os.fsync(self._handle)
        except OSError as error:
            raise self._unavailable(error) from error

    def give(self) -> None:
        """Give the file its name, in place of the regular file that has it; raises as :meth:`keep`
        does.
        """
        assert self._folder is not None, "keep comes first"
        try:
            self._check_place(self._folder)
            if not self._named:
                with contextlib.suppress(FileNotFoundError):
                    # left by a killed process with the same process id
                    self._folder.unlink(self._part)
                # With a folder's handle Python calls linkat(2), which follows /proc to the unnamed
                # file.
                os.link(f"/proc/self/fd/{self._handle}", self._part, dst_dir_fd=self._folder.handle)
            self._folder.rename(self._part, self._folder, self._path.name)
            self._folder.sync()
        except OSError as error:
            raise self._unavailable(error) from error

    def __enter__(self) -> Self:
        """Return the file itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        """Forget what was not given out."""
        if self._folder is None:
            return
        with self._folder:
            if self._handle >= 0:
                os.close(self._handle)
                with contextlib.suppress(OSError):  # a name too long for a file was never one
                    self._folder.unlink(self._part)

    def _check_place(self, folder: OpenFolder) -> None:
        try:
            mode = folder.status(self._path.name).st_mode
        except FileNotFoundError:
            return
        if not stat.S_ISREG(mode):
            shown = printable(str(self._path))
            raise Misconfigured(
                why_vi=f"{shown} không phải tệp thường", why_en=f"{shown} is not a regular file"
            )

    def _opened(self, folder: OpenFolder) -> int:
        try:
            return os.open(".", os.O_TMPFILE | os.O_RDWR, 0o600, dir_fd=folder.handle)
        except OSError as error:
            if error.errno not in _NO_UNNAMED_FILES:
                raise
        self._named = True
        return os.open(
            self._part,
            os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_WRONLY,
            0o600,
            dir_fd=folder.handle,
        )

    def _unavailable(self, error: OSError) -> Unavailable:
        return Unavailable(
            component=str(self._path.parent), why=error.strerror or type(error).__name__
        )
