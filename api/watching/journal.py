"""The journal of a batch that the watcher moves: written before the first move, removed after the
last report.

It is in the home. The watched folder holds no state of Kho: a person who may write there could
write a journal too. A `.kho-watch.json` of an earlier version, or a planted one, is a hidden file
like any other: it is never read.
"""

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Self

import structlog

from archive.base.errors import Unavailable
from archive.files.durable import replace_file
from archive.files.folders import sync_folder

FORMAT = "kho-watch-journal/1"
_SUFFIX, _DAMAGED = ".journal", ".damaged"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Stamp:
    """What distinguishes a file from another of the same name, and from its own state before a
    later write.
    """

    device: int
    inode: int
    size: int
    modified: int  # nanoseconds

    @classmethod
    def of(cls, status: os.stat_result) -> Self:
        """Return the stamp of an entry; a link has its own."""
        return cls(status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)


@dataclass(frozen=True, slots=True)
class Move:
    """One file: where it is, where it goes, both below the watched folder, and its stamp."""

    here: PurePosixPath
    there: PurePosixPath
    stamp: Stamp


@dataclass(frozen=True, slots=True)
class Plan:
    """A batch that is moved: its source first; `report` for programs and `text` for people lie
    beside it then.
    """

    number: str  # its name among the journals
    moves: tuple[Move, ...]
    report: dict[str, Any]
    text: str

    def as_json(self) -> bytes:
        """Return the journal; a byte of a name that is not UTF-8 is an escaped
        surrogate (PEP 383).
        """
        moves = [[str(move.here), str(move.there), *_numbers(move.stamp)] for move in self.moves]
        kept = {"format": FORMAT, "moves": moves, "report": self.report, "text": self.text}
        return json.dumps(kept).encode("ascii")

    @classmethod
    def parse(cls, number: str, data: bytes) -> Self:
        """Return the plan of a journal; raises ValueError,
        KeyError or TypeError for anything else.
        """
        kept = json.loads(data)
        if kept["format"] != FORMAT:
            raise ValueError("another format")
        moves = [
            Move(PurePosixPath(here), PurePosixPath(there), Stamp(*map(int, stamp)))
            for here, there, *stamp in kept["moves"]
        ]
        return cls(number, tuple(moves), dict(kept["report"]), str(kept["text"]))


class Journals:
    """The journals of one watched folder: files in `{home}/watching`, one a batch that is not moved
    whole.
    """

    def __init__(self, home: Path, watched: Path) -> None:
        self._folder = (
            home / "watching" / hashlib.sha256(os.fsencode(watched.resolve())).hexdigest()[:32]
        )

    def keep(self, plan: Plan) -> None:
        """Write a plan, durably, in place of what it was before. Raises Unavailable."""
        try:
            replace_file(self._place(plan.number), plan.as_json())
        except OSError as error:
            raise self._unavailable(error) from error

    def drop(self, plan: Plan) -> None:
        """Forget a plan that is carried out. Raises Unavailable."""
        try:
            self._place(plan.number).unlink(missing_ok=True)
            sync_folder(self._folder)
        except OSError as error:
            raise self._unavailable(error) from error

    def all(self) -> Iterator[Plan]:
        """Yield every plan that is not carried out. Raises Unavailable.

        A journal that cannot be read is set aside: its files are found again by the next look, and
        their papers are answered with the receipts that they have.
        """
        try:
            for place in sorted(self._folder.glob(f"*{_SUFFIX}")):
                try:
                    yield Plan.parse(place.stem, place.read_bytes())
                except (ValueError, KeyError, TypeError):
                    log.warning("watch.journal_damaged", journal=place.name)
                    place.replace(place.with_suffix(_DAMAGED))
        except OSError as error:
            raise self._unavailable(error) from error

    def _place(self, number: str) -> Path:
        return self._folder / f"{number}{_SUFFIX}"

    def _unavailable(self, error: OSError) -> Unavailable:
        return Unavailable(component=str(self._folder), why=error.strerror or type(error).__name__)


def _numbers(stamp: Stamp) -> list[int]:
    return [stamp.device, stamp.inode, stamp.size, stamp.modified]
