"""Bytes that can be made again, kept on disk for this process alone, encrypted, and bounded.

They show patients' records, so the key is in memory only: what a killed process leaves is noise,
and the next job sweeps it (`working_folders.py`). Entries lie in groups; a group is forgotten
whole, by any process, and a mark in its place keeps it forgotten: an entry that was being made
meanwhile is not kept. Expired entries are deleted when another entry is kept, and by
:func:`forget_expired`.
"""

import os
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import structlog
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from archive.base.errors import Unavailable
from archive.files.folders import PRIVATE_FOLDER
from archive.files.tree_removal import remove_tree
from archive.files.working_folders import WorkingFolders

MOST_BYTES = 256 << 20
KEPT_SECONDS = 24 * 3600.0
_NONCE = 12
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_PRIVATE_FILE = 0o600
_CACHES = "job-*"  # a folder of each process (`working_folders.py`)

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Entry:
    file: Path
    size: int
    made_at: float


class EncryptedCache:
    """A cache below `place`; its folder goes when `closing` closes. Safe for threads.

    It holds at most `most` bytes: what was used longest ago goes first. It returns nothing that is
    older than `KEPT_SECONDS`. A disk that refuses makes it useless and harms nothing else.
    """

    def __init__(self, place: Path, closing: ExitStack, most: int = MOST_BYTES) -> None:
        self._folders, self._closing, self._most = WorkingFolders(place), closing, most
        self._cipher = AESGCM(AESGCM.generate_key(bit_length=256))
        self._guard = threading.Lock()
        self._making = tuple(threading.Lock() for _ in range(16))
        self._folder: Path | None = None
        self._entries: OrderedDict[tuple[str, str], _Entry] = OrderedDict()
        self._made: deque[tuple[tuple[str, str], _Entry]] = deque()  # the oldest first
        self._bytes = self._number = 0
        self._refused = False

    def find(self, group: str, name: str) -> bytes | None:
        """Return the entry `name` of `group`; None where it is not kept."""
        return self._read((group, name))

    def get(self, group: str, name: str, make: Callable[[], bytes]) -> bytes:
        """Return the entry `name` of `group`; `make` makes it where it is not there.

        `group` is a folder's name. Two threads that want one entry make it once. Raises what `make`
        raises; nothing is kept then.
        """
        key = group, name
        kept = self._read(key)
        if kept is not None:
            return kept
        with self._making[hash(key) % len(self._making)]:
            kept = self._read(key)
            if kept is not None:
                return kept
            # before the entry is made: a process that forgets the group meanwhile marks this folder
            folder = self._open_folder()
            data = make()
            if folder is not None:
                self._keep(folder, key, data)
            return data

    def _read(self, key: tuple[str, str]) -> bytes | None:
        with self._guard:
            entry = self._entries.get(key)
            if entry is not None:
                self._entries.move_to_end(key)
        if entry is None or time.monotonic() - entry.made_at > KEPT_SECONDS:
            return None
        try:
            sealed = entry.file.read_bytes()
            return self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], _label(key))
        except (OSError, InvalidTag, ValueError):  # forgotten by another process, or damaged
            return None

    def _open_folder(self) -> Path | None:
        """Return the folder of this cache, made at its first use; None where the disk refuses."""
        with self._guard:
            if self._folder is None:
                try:
                    self._folder = self._closing.enter_context(self._folders.job())
                except Unavailable as error:
                    self._say_refused(error)
            return self._folder

    def _keep(self, folder: Path, key: tuple[str, str], data: bytes) -> None:
        nonce = os.urandom(_NONCE)
        sealed = nonce + self._cipher.encrypt(nonce, data, _label(key))
        if len(sealed) > self._most:
            return
        with self._guard:
            self._number += 1
            number = self._number
        file, mark = folder / key[0] / str(number), _mark(folder, key[0])
        try:
            if mark.exists():
                return
            _write(file, sealed)
            if mark.exists():  # forgotten meanwhile; else who forgets it now finds the file
                with suppress(FileNotFoundError):
                    remove_tree(file.parent)
                return
        except OSError as error:
            self._say_refused(error)
            return
        with self._guard:
            gone = [self._entries.pop(key)] if key in self._entries else []
            entry = self._entries[key] = _Entry(file, len(sealed), time.monotonic())
            self._made.append((key, entry))
            gone += self._taken_out(entry.size - sum(other.size for other in gone))
        for entry in gone:
            with suppress(OSError):
                entry.file.unlink()

    def _taken_out(self, more: int) -> list[_Entry]:
        """Count `more` bytes, and take out what has expired and what there is no room for."""
        self._bytes += more
        gone, oldest = list[_Entry](), time.monotonic() - KEPT_SECONDS
        while self._made:
            key, entry = self._made[0]
            is_kept = self._entries.get(key) is entry
            if is_kept and entry.made_at >= oldest:
                break
            self._made.popleft()
            if is_kept:
                gone.append(self._entries.pop(key))
                self._bytes -= entry.size
        while self._bytes > self._most:
            gone.append(self._entries.popitem(last=False)[1])
            self._bytes -= gone[-1].size
        return gone

    def _say_refused(self, error: Exception) -> None:
        if not self._refused:
            _log.warning("cache.not_kept", why=type(error).__name__)
        self._refused = True


def forget_groups(place: Path, groups: Iterable[str]) -> None:
    """Remove these groups from the caches of all processes below `place`, for good.

    Raises Unavailable.
    """
    with _disk(place):
        for group in groups:
            for folder in place.glob(_CACHES):
                with suppress(FileNotFoundError):  # the process has ended
                    _mark(folder, group).touch(mode=_PRIVATE_FILE)
                    remove_tree(folder / group)


def forget_expired(place: Path) -> None:
    """Remove the expired entries of the caches of all processes below `place`. Raises Unavailable.

    A cache does it by itself only when it keeps another entry.
    """
    with _disk(place):
        oldest = time.time() - KEPT_SECONDS
        for file in place.glob(f"{_CACHES}/*/*"):
            with suppress(FileNotFoundError):
                if file.stat().st_mtime < oldest:
                    file.unlink()


@contextmanager
def _disk(place: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Unavailable(component=place.name, why=error.strerror or str(error)) from error


def _write(file: Path, sealed: bytes) -> None:
    file.parent.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
    handle = os.open(file, _NEW, _PRIVATE_FILE)
    try:
        with os.fdopen(handle, "wb") as opened:
            opened.write(sealed)
    except OSError:
        with suppress(OSError):
            file.unlink()
        raise


def _mark(folder: Path, group: str) -> Path:
    """Return the file that says in a cache's folder that a group was forgotten."""
    return folder / f"{group}.forgotten"


def _label(key: tuple[str, str]) -> bytes:
    return "/".join(key).encode()
