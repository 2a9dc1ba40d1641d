"""A scratch folder for `kho check`, inside the home: what it holds is as confidential as the
catalogue itself.
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from archive.vault.durable import held


@contextmanager
def scratch_folder(parent: Path) -> Iterator[Path]:
    """A folder under `parent` for a `with` block, for this user only; what killed processes left
    there is removed.

    In the system's temporary folder where `parent` cannot be written (a read-only home).
    """
    with ExitStack() as stack:
        try:
            folder = stack.enter_context(_within(parent))
        except OSError:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="kho-check-")))
        yield folder


@contextmanager
def _within(parent: Path) -> Iterator[Path]:
    parent.mkdir(mode=0o700, exist_ok=True)
    with held(parent):  # so that no process sweeps a folder that is made but not yet held
        _sweep(parent)
        folder = Path(tempfile.mkdtemp(prefix="check-", dir=parent))
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        fcntl.flock(handle, fcntl.LOCK_EX)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(handle)


def _sweep(parent: Path) -> None:
    """Remove the folders that no living process holds: the kernel releases a dead one's lock."""
    for folder in parent.glob("check-*"):
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            continue
        else:
            shutil.rmtree(folder, ignore_errors=True)
        finally:
            os.close(handle)
