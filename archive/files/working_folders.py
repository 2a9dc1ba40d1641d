"""Working folders: one for each job, inside the home, for this user only.

They are removed also after a kill.

They hold patients' records, which are as confidential there as in the vault.
"""

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from archive.base.errors import Unavailable
from archive.files.folders import PRIVATE_FOLDER, locked
from archive.files.tree_removal import remove_tree
from archive.isolation.child import require_temporary_folder

_PREFIX = "job-"
_EARLIER = "check-"  # what `kho check` of version 0.1 made


class WorkingFolders:
    """Folders for one job each in `place`.

    Safe for several processes.
    """

    def __init__(self, place: Path) -> None:
        self._place = place

    @contextmanager
    def job(self, *, or_temporary: bool = False) -> Iterator[Path]:
        """A folder for a `with` block; what killed processes left beside it is removed first.

        With `or_temporary` it is in TMPDIR where `place` cannot be written (a read-only home).
        Raises Unavailable where the disk is full or refuses.
        """
        with ExitStack() as closing:
            try:
                folder = closing.enter_context(self._within())
            except OSError as error:
                if not or_temporary:
                    raise self._unavailable(error) from error
                folder = closing.enter_context(_temporary())
            yield folder

    def sweep(self) -> None:
        """Remove what killed processes left, if anything was ever left. Raises Unavailable."""
        try:
            if self._place.is_dir():
                with locked(self._place):
                    self._sweep()
        except OSError as error:
            raise self._unavailable(error) from error

    @contextmanager
    def _within(self) -> Iterator[Path]:
        self._place.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
        # else another process could sweep a folder that is made but not yet locked
        with locked(self._place):
            self._sweep()
            folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=self._place))
            handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
            fcntl.flock(handle, fcntl.LOCK_EX)
        try:
            yield folder
        finally:
            with suppress(OSError):  # the next job sweeps it
                remove_tree(folder)
            os.close(handle)

    def _sweep(self) -> None:
        """Remove the folders of jobs that no living process locks.

        The kernel releases the lock of a dead process. What has another name is not ours.
        """
        ours = (
            folder for prefix in (_PREFIX, _EARLIER) for folder in self._place.glob(f"{prefix}*")
        )
        for folder in ours:
            with suppress(FileNotFoundError, NotADirectoryError):
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

    def _unavailable(self, error: OSError) -> Unavailable:
        return Unavailable(component=self._place.name, why=error.strerror or str(error))


@contextmanager
def temporary_files_in(folder: Path) -> Iterator[Path]:
    """Let this process put temporary files into `folder` (mode 0700) instead of TMPDIR or `/tmp`.

    Such files have no names, so a kill leaves none: waitress writes bodies and answers beyond a
    size to them. Raises Unavailable where the machine has no temporary folder that can be written.
    """
    folder.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
    # The sockets of child processes stay where they are: a socket's path has 107 bytes, and a
    # home's has more.
    require_temporary_folder()
    before, tempfile.tempdir = tempfile.tempdir, str(folder)
    try:
        yield folder
    finally:
        tempfile.tempdir = before


@contextmanager
def _temporary() -> Iterator[Path]:
    try:
        folder = tempfile.TemporaryDirectory(prefix="kho-")
    except OSError as error:
        raise Unavailable(component="TMPDIR", why=error.strerror or type(error).__name__) from error
    with folder as name:
        yield Path(name)
