"""The spool: sealed bytes between the seal and the act, synced, because a seal cannot be made twice the same."""

import json
import os
import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from archive.clock import iso, parse_iso
from archive.errors import Unavailable
from archive.identifiers import DocumentId, Sha256, SubmissionId, sha256


@dataclass(frozen=True, slots=True)
class Spooled:
    """One sealed document that waits for its act."""

    data: bytes
    sha256: Sha256
    level: str
    sealed_at: datetime


class Spool:
    """Sealed documents by submission, in a folder of the home."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(
        self, submission: SubmissionId, document: DocumentId, data: bytes, level: str, sealed_at: datetime
    ) -> None:
        """Keep a sealed document; on disk when this returns. The facts are written last and make it complete.

        Raises Unavailable where the disk is full or refuses.
        """
        folder = self._folder / submission
        facts = {"sha256": sha256(data), "level": level, "sealed_at": iso(sealed_at)}
        try:
            folder.mkdir(parents=True, exist_ok=True)
            _write_synced(folder / f"{document}.pdf", data)
            _write_synced(folder / f"{document}.json", json.dumps(facts).encode())
            _sync_folder(folder)
            _sync_folder(self._folder)
        except OSError as error:
            raise Unavailable(component="spool", why=error.strerror or str(error)) from error

    def find(self, submission: SubmissionId, document: DocumentId) -> Spooled | None:
        """Return what was kept whole, else None: half-written bytes are as if they had never been."""
        try:
            facts = json.loads((self._folder / submission / f"{document}.json").read_bytes())
            data = (self._folder / submission / f"{document}.pdf").read_bytes()
        except (FileNotFoundError, ValueError):
            return None
        if sha256(data) != facts["sha256"]:
            return None
        return Spooled(data, sha256(data), facts["level"], parse_iso(facts["sealed_at"]))

    def clear(self, submission: SubmissionId) -> None:
        """Forget a submission whose act is in the vault, or that was refused."""
        shutil.rmtree(self._folder / submission, ignore_errors=True)

    def submissions(self) -> list[SubmissionId]:
        """Return the submissions of which something is kept."""
        if not self._folder.is_dir():
            return []
        return sorted(SubmissionId(entry.name) for entry in self._folder.iterdir() if entry.is_dir())


def _write_synced(file: Path, data: bytes) -> None:
    temporary = file.with_suffix(file.suffix + ".part")
    with temporary.open("wb") as out:
        out.write(data)
        out.flush()
        os.fsync(out.fileno())
    temporary.replace(file)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
