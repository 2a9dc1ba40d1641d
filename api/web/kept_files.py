"""Files that wait for a person's decision: without a name on the disk, and bounded for each person.

They end with the process, so a crash leaves no record of a patient behind.
"""

import os
import shutil
import tempfile
import threading
import weakref
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial

from api.connections.room import FREE, NoRoom
from archive.base.errors import NotFound

QUOTA = 2 << 30  # bytes of all kept files
SHARE = 768 << 20  # bytes of one account's: a packet has 512 MiB at most
_PIECE = 512 << 10


class KeptFile:
    """A file without a name; it is gone once it is closed, or no longer used. Safe for threads."""

    def __init__(self, descriptor: int, size: int, released: Callable[[], None]) -> None:
        self._descriptor, self.size = descriptor, size
        self._guard = threading.Lock()
        self._closing = weakref.finalize(self, _close, descriptor, released)

    def read(self) -> bytes:
        """Return the whole content; raises NotFound where the file is closed."""
        with self._guard:
            self._require_open()
            return os.pread(self._descriptor, self.size, 0)

    def pieces(self) -> Iterator[bytes]:
        """Return the content piece by piece, so that a large file is never whole in memory.

        The file may be closed meanwhile: what is read is complete all the same. Raises NotFound
        where the file is closed already.
        """
        with self._guard:
            self._require_open()
            descriptor = os.dup(self._descriptor)
        pieces = _pieces(descriptor, self.size)
        weakref.finalize(pieces, os.close, descriptor)  # also where no piece is ever read
        return pieces

    def close(self) -> None:
        """Give the file's room back; a second call does nothing."""
        with self._guard:
            self._closing()

    def _require_open(self) -> None:
        if not self._closing.alive:
            raise NotFound


def _pieces(descriptor: int, size: int) -> Iterator[bytes]:
    for start in range(0, size, _PIECE):
        yield os.pread(descriptor, _PIECE, start)


def _close(descriptor: int, released: Callable[[], None]) -> None:
    os.close(descriptor)
    released()


class KeptFiles:
    """Makes kept files, and counts their bytes. Safe for threads."""

    def __init__(self, quota: int = QUOTA, share: int = SHARE, free: int = FREE) -> None:
        """`quota`, `share`: bytes of all files, and of one account's; `free`: left on the disk."""
        self._quota, self._share, self._free = quota, share, free
        self._guard = threading.Lock()
        self._held: Counter[str] = Counter()

    def keep(self, account: str, data: bytes) -> KeptFile:
        """Return a file with `data`, in the folder for temporary files.

        Raises NoRoom where the account, or all accounts, have too much already, or the disk is
        full.
        """
        size = len(data)
        with self._guard:
            full = (
                self._held.total() + size > self._quota or self._held[account] + size > self._share
            )
            if full or shutil.disk_usage(tempfile.gettempdir()).free < size + self._free:
                raise NoRoom
            self._held[account] += size
        try:
            return self._written(account, data)
        except OSError as error:  # the disk became full in this moment
            self._release(account, size)
            raise NoRoom from error

    def _written(self, account: str, data: bytes) -> KeptFile:
        with tempfile.TemporaryFile() as file:
            file.write(data)
            file.flush()
            descriptor = os.dup(file.fileno())
        return KeptFile(descriptor, len(data), partial(self._release, account, len(data)))

    def _release(self, account: str, size: int) -> None:
        with self._guard:
            self._held[account] -= size
            if not self._held[account]:
                del self._held[account]
