"""Room for large bodies: a folder of the home, a quota for all of them, and a share of it for each
caller.
"""

import shutil
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from archive.base.errors import KhoError

FOLDER = "incoming"
# bytes of all large bodies that arrive or are worked on: a worker reads a body into memory
QUOTA = 512 << 20
SHARE = 192 << 20  # bytes of them that one caller holds; all callers without sign-in count as one
FREE = 1 << 30  # bytes that bodies leave free on the disk: the archive needs them


class NoRoom(KhoError):
    """Bodies that are under way take all the room that this caller, or every caller, may have."""

    code = "server.no_room"
    retry_seconds = 30


class Room:
    """Counts the announced sizes of large bodies. Safe for threads."""

    def __init__(
        self, folder: Path, quota: int = QUOTA, share: int = SHARE, free: int = FREE
    ) -> None:
        """Take `folder` for the bodies' files; `quota`, `share` and `free` are bytes."""
        self._folder, self._quota, self._share, self._free = folder, quota, share, free
        self._guard = threading.Lock()
        self._held: Counter[str] = Counter()

    @contextmanager
    def held(self, caller: str, size: int) -> Iterator[None]:
        """Hold `size` bytes for `caller`.

        Raises NoRoom at once: a body that waits would hold a connection.
        """
        with self._guard:
            full = (
                self._held.total() + size > self._quota or self._held[caller] + size > self._share
            )
            if full or shutil.disk_usage(self._folder).free < size + self._free:
                raise NoRoom
            self._held[caller] += size
        try:
            yield
        finally:
            with self._guard:
                self._held[caller] -= size
                if not self._held[caller]:
                    del self._held[caller]

    @property
    def used(self) -> int:
        """Bytes that are held now."""
        with self._guard:
            return self._held.total()
