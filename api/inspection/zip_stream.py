"""A ZIP file that is written while it is sent: stored members, ZIP64 where needed, flat memory.

The standard library writes the format; it never seeks here, so sizes follow each member's bytes
(APPNOTE 6.3.10, 4.4.4, bit 3).
"""

import hashlib
import zipfile
from collections.abc import Iterator
from datetime import datetime

from archive.base.clock import VIETNAM
from archive.base.identifiers import Sha256

_PIECE = 512 << 10
_READ_ONLY = 0o100444 << 16  # a file that a person may read (external attributes of Unix)


class _Sink:
    """Keeps what was written until it is taken."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._pieces.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Do nothing: nothing is kept from who takes."""

    def take(self) -> Iterator[bytes]:
        pieces, self._pieces = self._pieces, []
        yield from pieces


class ZipStream:
    """Members are added one after another, and each call yields the bytes to send."""

    def __init__(self, moment: datetime) -> None:
        """`moment` is the time of all members, shown as Viet Nam's."""
        local = moment.astimezone(VIETNAM)
        self._time = (local.year, local.month, local.day, local.hour, local.minute, local.second)
        self._sink = _Sink()
        # It can write and flush only: so the library never seeks, and asks for no position.
        self._zip = zipfile.ZipFile(self._sink, "w", zipfile.ZIP_STORED)  # type: ignore[call-overload]
        self.digests: dict[str, Sha256] = {}

    def add(self, name: str, data: bytes) -> Iterator[bytes]:
        """Yield the bytes of the member `name`."""
        info = zipfile.ZipInfo(name, self._time)
        info.external_attr, info.file_size = _READ_ONLY, len(data)
        with self._zip.open(info, "w") as member:
            for start in range(0, len(data), _PIECE):
                member.write(data[start : start + _PIECE])
                yield from self._sink.take()
        yield from self._sink.take()
        self.digests[name] = Sha256(hashlib.sha256(data).hexdigest())

    def end(self) -> Iterator[bytes]:
        """Yield the central directory; without it the file is no ZIP."""
        self._zip.close()
        yield from self._sink.take()
