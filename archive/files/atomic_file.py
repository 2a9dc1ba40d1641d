"""A file at a place that a person names: its bytes are on the disk before it gets that name.

The folder is opened once and kept open. So a person who replaces a folder of the path by a link
redirects no file.
"""

import stat
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from archive.base.errors import Misconfigured, Unavailable
from archive.base.printable import printable
from archive.files.beneath import OpenFolder
from archive.files.durable import Content, PendingFile


class AtomicFile:
    """The file at `path`, which is there after :meth:`publish` only; use it in a `with`.

    Only its owner may read it.

    It takes the place of a regular file and of nothing else: no link at `path` is followed, nor is
    one replaced.
    """

    def __init__(self, path: Path) -> None:
        self._path = path.absolute()
        self._closing = ExitStack()
        self._folder: OpenFolder | None = None
        self._pending: PendingFile | None = None

    def write(self, data: Content) -> None:
        """Write all of `data`, whole or in pieces, and sync it.

        Raises :class:`archive.base.errors.Unavailable` (a full disk, no such folder), and
        :class:`archive.base.errors.Misconfigured` where `path` is something else than a regular
        file.
        """
        try:
            self._folder = self._closing.enter_context(OpenFolder.at(self._path.parent))
            self._check_place(self._folder)
            self._pending = self._closing.enter_context(
                PendingFile(self._folder.handle, self._path.name)
            )
            self._pending.write(data)
        except OSError as error:
            raise self._unavailable(error) from error

    def publish(self) -> None:
        """Give the file its name, in place of the regular file that has it.

        Raises as :meth:`write` does.
        """
        assert self._folder is not None, "write comes first"
        assert self._pending is not None, "write comes first"
        try:
            self._check_place(self._folder)
            self._pending.replace()
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
        """Drop the bytes that were not published."""
        self._closing.close()

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

    def _unavailable(self, error: OSError) -> Unavailable:
        return Unavailable(
            component=str(self._path.parent), why=error.strerror or type(error).__name__
        )
