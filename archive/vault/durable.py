"""Files that are on the disk, not only in memory, before a function returns: written, synced, put
into place, held.

A file's bytes are durable after `fsync` of the file, its *name* only after `fsync` of the folder
that holds it (fsync(2), Linux man-pages). Every function here raises :class:`OSError`.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FOLDER_MODE = 0o700  # the vault holds patients' records: only its own user may look in
_REMEMBERED = 10_000  # folders; a bulk load makes one a document


def sync_folder(folder: Path) -> None:
    """Make the names in `folder` durable."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class FolderMaker:
    """Makes folders with durable names under `root`; remembers which are durable, because a sync
    takes milliseconds.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._durable: set[Path] = set()

    def make(self, folder: Path) -> None:
        """Make `folder` and its missing parents, and make every name on the path durable.

        An existing folder is synced the first time too: the process that made it may have been
        killed before its sync.
        """
        if not self._root.is_dir():
            missing = [each for each in (self._root, *self._root.parents) if not each.exists()]
            self._root.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
            for each in missing:
                sync_folder(each.parent)
        above = self._root
        for part in folder.relative_to(self._root).parts:
            below = above / part
            if not below.is_dir():
                below.mkdir(mode=FOLDER_MODE, exist_ok=True)
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
def held(folder: Path) -> Iterator[None]:
    """Hold `folder` against every other process and thread that holds it through here (flock on the
    folder itself).

    The kernel releases the lock when a process dies, so nothing is left to clean up. Needs a local
    file system: NFS has no lock on folders and answers with an error.
    """
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def write_synced(path: Path, data: bytes, mode: int) -> None:
    """Write a new file with `data`, durable but for its name; a file that a killed process left
    there is removed first.

    Kho removes it and does not truncate it: it may be a second name of a finished object.
    """
    path.unlink(missing_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, mode)
    try:
        with os.fdopen(handle, "wb", closefd=False) as file:
            file.write(data)
        os.fchmod(handle, mode)  # whatever the umask says
        os.fsync(handle)
    finally:
        os.close(handle)
