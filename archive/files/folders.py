"""Folders with durable names, and a lock on a folder.

A file's bytes are durable after `fsync` of the file. Its *name* is durable only after `fsync` of
the folder that holds it (fsync(2), Linux man-pages). Every function here raises :class:`OSError`.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PRIVATE_FOLDER = 0o700  # a home holds patients' records: only its own user may look in
_REMEMBERED = 10_000  # folders; a bulk load makes one for each document


def sync_folder(folder: Path) -> None:
    """Make the names in `folder` durable."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def make_folder(folder: Path) -> None:
    """Make `folder` (mode 0700) and its missing parents. The names that it makes are durable."""
    if folder.is_dir():
        return
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    folder.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
    for each in missing:
        sync_folder(each.parent)


class FolderMaker:
    """Makes folders with durable names under `root`.

    It remembers durable names, because a sync takes milliseconds.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._durable: set[Path] = set()

    def make(self, folder: Path) -> None:
        """Make `folder` and its missing parents, and make every name on the path durable.

        An existing folder is synced the first time too: the process that made it may have been
        killed before its sync.
        """
        make_folder(self._root)
        above = self._root
        for part in folder.relative_to(self._root).parts:
            below = above / part
            if not below.is_dir():
                below.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
                self._durable.discard(below)
            if below not in self._durable:
                sync_folder(above)
                self._remember(below)
            above = below

    def _remember(self, folder: Path) -> None:
        if len(self._durable) >= _REMEMBERED:
            self._durable.clear()
        self._durable.add(folder)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Lock `folder` against every other process and thread that locks it here.

    This is flock on the folder itself.

    The kernel releases the lock when a process dies, so nothing is left to clean up. This needs a
    local file system: NFS has no lock on folders and answers with an error.
    """
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
