"""The folder of an embedded index: the writer's lock, and which engine and versions made the index.

format.json    what made the index, and the name of its segments' folder: a rebuild replaces this
               file last, and at once the new index serves
writer.lock    held by the process that writes (flock: it goes with its process, however that ends)
segments-*/    the engine's own files; a folder that format.json does not name is no index yet, or
               no longer
"""

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from archive.base.errors import Unavailable
from archive.base.identifiers import new_id
from archive.files.durable import replace_file
from search.errors import IndexBusy, IndexMissing, IndexUnusable

_SEGMENTS = "segments"


class IndexFolder:
    """The folder of an index of one `made_by`: engine and versions, as JSON values."""

    def __init__(self, path: Path, made_by: Mapping[str, str | int]) -> None:
        self.path = path
        self._format = path / "format.json"
        self._made_by = dict(made_by)
        self._lock = FileLock(path / "writer.lock", timeout=0, thread_local=False)
        self._being_made: Path | None = None

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
        """Make an empty folder of segments beside the one that serves, and hold the lock.

        When the block ends without error, the new segments serve, and the old ones are removed.
        Until then only this object can use them. After an error or a kill the old ones serve on.
        Raises IndexBusy, Unavailable.
        """
        with _disk():
            # its content is about patients
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.acquire()
        try:
            with _disk():
                self._clear(keep=self._named())
                self._being_made = self.path / f"{_SEGMENTS}-{new_id()}"
                self._being_made.mkdir()
            yield
            new = self._being_made
            with _disk():
                replace_file(self._format, json.dumps({**self._made_by, _SEGMENTS: new.name}))
                self._clear(keep=new.name)
        except BaseException:  # whatever it was: what is half made is removed, now or next time
            with suppress(OSError):
                self._clear(keep=self._named())
            raise
        finally:
            self._being_made = None
            self.release()

    def serving(self) -> Path:
        """Return the folder of the segments that this object uses.

        Raises IndexMissing where there is no whole index, IndexUnusable where another version made
        it.
        """
        if self._being_made:
            return self._being_made
        try:
            made_by = json.loads(self._format.read_bytes())
        except FileNotFoundError:
            raise IndexMissing from None
        except (ValueError, OSError) as error:
            raise broken(error) from error
        segments = made_by.pop(_SEGMENTS, None) if isinstance(made_by, dict) else None
        if made_by != self._made_by:
            raise IndexUnusable(
                why_vi="do phiên bản Kho khác lập", why_en="another version of Kho made it"
            )
        if not isinstance(segments, str) or Path(segments).name != segments:
            raise broken(ValueError())
        return self.path / segments

    def seen(self) -> tuple[int, int]:
        """Return what tells one index that serves from another: a rebuild replaces the file."""
        if self._being_made:
            return 0, 0
        stat = self._format.stat()
        return stat.st_ino, stat.st_mtime_ns

    def _named(self) -> str:
        """Return the name of the folder that serves, of whatever version; empty where none does."""
        try:
            return str(json.loads(self._format.read_bytes()).get(_SEGMENTS, _SEGMENTS))
        except (OSError, ValueError, AttributeError):
            return ""

    def _clear(self, *, keep: str) -> None:
        for folder in self.path.glob(f"{_SEGMENTS}*"):
            if folder.name != keep:
                shutil.rmtree(folder)


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
