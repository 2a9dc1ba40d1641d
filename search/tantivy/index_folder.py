"""The folder of an embedded index: the writer's lock, and which engine and versions made the index.

format.json    what made the index; absent while it is being made
writer.lock    held by the process that writes (flock: it goes with its process, however that ends)
segments/      the engine's own files
"""

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from archive.base.errors import Unavailable
from archive.files.durable import replace_file
from search.errors import IndexBusy, IndexMissing, IndexUnusable


class IndexFolder:
    """The folder of an index of one `made_by`: engine and versions, as JSON values."""

    def __init__(self, path: Path, made_by: Mapping[str, str | int]) -> None:
        self.path = path
        self.segments = path / "segments"
        self._format = path / "format.json"
        self._made_by = dict(made_by)
        self._lock = FileLock(path / "writer.lock", timeout=0, thread_local=False)
        self._being_made = False

    def acquire(self) -> None:
        """Take the writer's lock, once more where this object has it.

        Raises IndexBusy, and Unavailable for a disk.
        """
        try:
            self._lock.acquire()
        except Timeout:
            raise IndexBusy from None
        except OSError as error:
            raise _refused(error) from error

    def release(self) -> None:
        """Give the writer's lock back once."""
        self._lock.release()

    @contextmanager
    def rebuilding(self) -> Iterator[None]:
        """Empty the folder and hold the lock.

        When the block ends without error, the new content is a complete index.

        Until then only this object can use it. Raises IndexBusy, Unavailable.
        """
        with _disk():
            # its content is about patients
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.acquire()
        self._being_made = True
        try:
            with _disk():
                self._format.unlink(missing_ok=True)
                if self.segments.exists():
                    shutil.rmtree(self.segments)
                self.segments.mkdir()
            yield
            with _disk():
                replace_file(self._format, json.dumps(self._made_by))
        finally:
            self._being_made = False
            self.release()

    def check(self) -> None:
        """Raise IndexMissing where there is no whole index.

        Raises IndexUnusable where another version made it.
        """
        if self._being_made:
            return
        try:
            made_by = json.loads(self._format.read_bytes())
        except FileNotFoundError:
            raise IndexMissing from None
        except (ValueError, OSError) as error:
            raise broken(error) from error
        if made_by != self._made_by:
            raise IndexUnusable(
                why_vi="do phiên bản Kho khác lập", why_en="another version of Kho made it"
            )


def broken(error: BaseException) -> IndexUnusable:
    """Return what to raise for files that are torn.

    The error's text is left out, for it may quote them.
    """
    name = type(error).__name__
    return IndexUnusable(why_vi=f"tệp bị hỏng ({name})", why_en=f"its files are broken ({name})")


@contextmanager
def _disk() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise _refused(error) from error


def _refused(error: OSError) -> Unavailable:
    return Unavailable(component="index", why=os.strerror(error.errno or 0))
