"""Working folders for programs that need files: inside the home, for this user only, removed also
after a kill.

They hold patients' records, which are as confidential there as in the vault.
"""

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from archive.base.errors import Unavailable
from archive.files.removal import remove_tree
from archive.vault.durable import held

_PREFIX = "job-"


class Workshop:
    """Folders for one job each, under `folder`. Safe for several processes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def job(self) -> Iterator[Path]:
        """A folder for a `with` block; what killed processes left beside it is removed.

        Raises Unavailable where the disk is full or refuses.
        """
        try:
            folder, handle = self._taken()
        except OSError as error:
            raise Unavailable(component="workshop", why=error.strerror or str(error)) from error
        try:
            yield folder
        finally:
            with suppress(OSError):  # the next job sweeps it
                remove_tree(folder)
            os.close(handle)

    def sweep(self) -> None:
        """Remove what killed processes left, if anything was ever left. Raises Unavailable."""
        try:
            if self._folder.is_dir():
                with held(self._folder):
                    self._sweep()
        except OSError as error:
            raise Unavailable(component="workshop", why=error.strerror or str(error)) from error

    def _taken(self) -> tuple[Path, int]:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        # else another process could sweep a folder that is made but not yet locked
        with held(self._folder):
            self._sweep()
            folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=self._folder))
            handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
            fcntl.flock(handle, fcntl.LOCK_EX)
        return folder, handle

    def _sweep(self) -> None:
        """Remove the folders that no living process locks: the kernel releases the lock of a dead
        process.
        """
        for folder in self._folder.glob(f"{_PREFIX}*"):
            with suppress(FileNotFoundError):
                handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
                try:
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    continue
                else:
                    # for example a file of another user: no reason to stop a job
                    with suppress(OSError):
                        remove_tree(folder)
                finally:
                    os.close(handle)
