"""Bytes that can be made again, kept on disk for this process alone, encrypted, and bounded.

They show patients' records, so the key is in memory only: what a killed process leaves is noise,
and the next job sweeps it (`working_folders.py`). Entries lie in groups; a group is forgotten
whole, by any process.
"""

import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from contextlib import ExitStack, suppress
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

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Entry:
    file: Path
    size: int
    made_at: float


class EncryptedCache:
    """A cache below `place`; its folder goes when `closing` closes. Safe for threads.

    It holds at most `most` bytes: what was used longest ago goes first. Nothing is older than
    `KEPT_SECONDS`. A disk that refuses makes it useless and harms nothing else.
    """

    def __init__(self, place: Path, closing: ExitStack, most: int = MOST_BYTES) -> None:
        self._folders, self._closing, self._most = WorkingFolders(place), closing, most
        self._cipher = AESGCM(AESGCM.generate_key(bit_length=256))
        self._guard = threading.Lock()
        self._making = tuple(threading.Lock() for _ in range(16))
        self._folder: Path | None = None
        self._entries: OrderedDict[tuple[str, str], _Entry] = OrderedDict()
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
            data = make()
            self._keep(key, data)
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

    def _keep(self, key: tuple[str, str], data: bytes) -> None:
        nonce = os.urandom(_NONCE)
        sealed = nonce + self._cipher.encrypt(nonce, data, _label(key))
        if len(sealed) > self._most:
            return
        try:
            file = self._new_file(key[0], sealed)
        except (OSError, Unavailable) as error:
            if not self._refused:
                _log.warning("cache.not_kept", why=type(error).__name__)
            self._refused = True
            return
        with self._guard:
            gone = [self._entries.pop(key)] if key in self._entries else []
            self._entries[key] = _Entry(file, len(sealed), time.monotonic())
            self._bytes += len(sealed) - sum(entry.size for entry in gone)
            while self._bytes > self._most:
                _, entry = self._entries.popitem(last=False)
                self._bytes -= entry.size
                gone.append(entry)
        for entry in gone:
            with suppress(OSError):
                entry.file.unlink()

    def _new_file(self, group: str, sealed: bytes) -> Path:
        with self._guard:
            if self._folder is None:
                self._folder = self._closing.enter_context(self._folders.job())
            self._number += 1
            file = self._folder / group / str(self._number)
        file.parent.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
        handle = os.open(file, _NEW, _PRIVATE_FILE)
        try:
            with os.fdopen(handle, "wb") as opened:
                opened.write(sealed)
        except OSError:
            with suppress(OSError):
                file.unlink()
            raise
        return file


def forget_groups(place: Path, groups: Iterable[str]) -> None:
    """Remove these groups from the caches of all processes below `place`. Raises Unavailable."""
    try:
        for group in groups:
            for folder in place.glob(f"*/{group}"):
                with suppress(FileNotFoundError):
                    remove_tree(folder)
    except OSError as error:
        raise Unavailable(component=place.name, why=error.strerror or str(error)) from error


def _label(key: tuple[str, str]) -> bytes:
    return "/".join(key).encode()
