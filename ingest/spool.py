"""The spool: keeps sealed bytes on disk between the seal and the act, because a second seal would
differ.
"""

import json
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from archive.base.clock import iso, parse_iso
from archive.base.errors import Unavailable
from archive.base.identifiers import DocumentId, Sha256, SubmissionId, sha256
from archive.files.durable import write_synced
from archive.files.folders import PRIVATE_FOLDER, make_folder, sync_folder

_SUFFIX = ".sealed"  # a line of JSON, then the bytes
_PART = ".part"  # of a file that is being written: no other process writes under the chart's lease


@dataclass(frozen=True, slots=True)
class Spooled:
    """One document that waits for its act."""

    data: bytes
    sha256: Sha256
    # None: signed elsewhere; such bytes are there again on a retry and are not kept here
    level: str | None
    sealed_at: datetime | None


class Spool:
    """Sealed documents by submission, in a folder of the home."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(
        self,
        submission: SubmissionId,
        document: DocumentId,
        data: bytes,
        level: str,
        sealed_at: datetime,
        *,
        settle: bool = True,
    ) -> None:
        """Keep a sealed document.

        Its bytes are on disk when this returns; with `settle` its name is, too.

        Without it the caller calls :meth:`settle` later. Raises Unavailable where the disk is full
        or refuses.
        """
        folder = self._folder / submission
        facts = {"sha256": sha256(data), "level": level, "sealed_at": iso(sealed_at)}
        try:
            make_folder(self._folder)
            folder.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
            part = folder / f"{document}{_PART}"
            write_synced(part, (json.dumps(facts).encode(), b"\n", data))
            part.replace(folder / f"{document}{_SUFFIX}")
        except OSError as error:
            raise Unavailable(component="spool", why=error.strerror or str(error)) from error
        if settle:
            self.settle(submission)

    def settle(self, submission: SubmissionId) -> None:
        """Make the names of what was kept for a submission durable. Raises Unavailable."""
        try:
            sync_folder(self._folder / submission)
            sync_folder(self._folder)
        except OSError as error:
            raise Unavailable(component="spool", why=error.strerror or str(error)) from error

    def find(self, submission: SubmissionId, document: DocumentId) -> Spooled | None:
        """Return the document if it was kept whole, else None: incomplete bytes are ignored."""
        try:
            stated, _, data = (
                (self._folder / submission / f"{document}{_SUFFIX}").read_bytes().partition(b"\n")
            )
            facts = json.loads(stated)
        except (FileNotFoundError, ValueError):
            return None
        if sha256(data) != facts["sha256"]:
            return None
        return Spooled(data, sha256(data), facts["level"], parse_iso(facts["sealed_at"]))

    def clear(self, submission: SubmissionId) -> None:
        """Forget a submission whose act is in the vault, or that was refused."""
        shutil.rmtree(self._folder / submission, ignore_errors=True)

    def last_kept(self, submission: SubmissionId) -> datetime | None:
        """Return when something was last kept for a submission; None where nothing is."""
        try:
            return datetime.fromtimestamp((self._folder / submission).stat().st_mtime, UTC)
        except FileNotFoundError:
            return None

    def submissions(self) -> list[SubmissionId]:
        """Return the submissions of which something is kept."""
        if not self._folder.is_dir():
            return []
        return sorted(
            SubmissionId(entry.name) for entry in self._folder.iterdir() if entry.is_dir()
        )
