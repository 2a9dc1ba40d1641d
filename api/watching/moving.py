"""Moving what is finished with, and its report: never over another file, and to the end in spite of a kill.

A journal is written before the first move and removed after the last one; whoever finds one does it again.
"""

import errno
import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from archive import crash
from archive.errors import Unavailable
from archive.vault.durable import sync_folder

JOURNAL = ".kho-watch.json"
_NO_LINKS = (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK)  # link(2): the file system has none
_LONGEST = 200  # bytes of a name, so that a suffix and a report's ending still fit (255)


@dataclass(frozen=True, slots=True)
class Plan:
    """Where a batch goes: moves from place to place, and where its reports (JSON, text) stand, all below one folder."""

    moves: tuple[tuple[str, str], ...]
    report: str
    text: str


class Mover:
    """Moves files inside one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._journal = folder, folder / JOURNAL

    def plan(self, files: Iterable[Path], into: Path) -> Plan:
        """Return where `files` (the source first) go below `into`, keeping their places; a taken name gets a suffix."""
        moves = list[tuple[str, str]]()
        for number, file in enumerate(files):
            place = into / file.relative_to(self._folder).parent
            name = _free(place, file.name, {to for _, to in moves}, self._folder, with_report=number == 0)
            moves.append((self._named(file), self._named(place / name)))
        first = moves[0][1]
        return Plan(tuple(moves), f"{first}.report.json", f"{first}.report.txt")

    def move(self, plan: Plan, report: dict[str, Any], text: str) -> None:
        """Write the reports and move the files, durably; what is begun is ended, by whoever comes next.

        Raises Unavailable.
        """
        kept = {
            "moves": [(here, there, (self._folder / here).lstat().st_ino) for here, there in plan.moves],
            "reports": {plan.report: json.dumps(report, ensure_ascii=False, indent=1), plan.text: text},
        }
        try:
            _write(self._journal, json.dumps(kept, ensure_ascii=False))
            crash.point("watch.journal_written")
            self._carry_out(kept)
        except OSError as error:
            raise Unavailable(component=str(self._folder), why=error.strerror or type(error).__name__) from error

    def finish(self) -> None:
        """End what a killed process began. Raises Unavailable."""
        try:
            kept = json.loads(self._journal.read_bytes())
            self._carry_out(kept)
        except FileNotFoundError:
            return
        except OSError as error:
            raise Unavailable(component=str(self._folder), why=error.strerror or type(error).__name__) from error

    def _carry_out(self, kept: dict[str, Any]) -> None:
        for name, text in kept["reports"].items():
            place = self._folder / name
            place.parent.mkdir(parents=True, exist_ok=True)
            _write(place, text)
            crash.point("watch.report_written")
        for here, there, inode in kept["moves"]:
            _move(self._folder / here, self._folder / there, inode)
            crash.point("watch.moved")
        self._journal.unlink()
        sync_folder(self._folder)
        crash.point("watch.journal_removed")

    def _named(self, path: Path) -> str:
        return path.relative_to(self._folder).as_posix()


def _free(place: Path, name: str, taken: set[str], folder: Path, *, with_report: bool) -> str:
    """Return `name`, or `name~2` and so on before its ending: the first under which nothing stands."""
    stem, dot, ending = name.partition(".")
    stem = os.fsdecode(os.fsencode(stem)[: max(1, _LONGEST - len(os.fsencode(ending)))])
    for number in range(1, 1_000_000):
        free = name if number == 1 and len(os.fsencode(name)) <= _LONGEST else f"{stem}~{number}{dot}{ending}"
        path = place / free
        endings = ("", ".report.json", ".report.txt") if with_report else ("",)
        stands = any(os.path.lexists(f"{path}{one}") for one in endings)
        if not stands and path.relative_to(folder).as_posix() not in taken:
            return free
    raise Unavailable(component=str(place), why=f"a million files are called {stem}")


def _move(here: Path, there: Path, inode: int) -> None:
    """Give a file another name and take its old one; a second try finds whatever the first one left."""
    there.parent.mkdir(parents=True, exist_ok=True)
    if not os.path.lexists(here) or here.lstat().st_ino != inode:
        return  # it was moved before the kill, and perhaps somebody has put another one there
    if os.path.lexists(there):
        if here.lstat().st_ino != there.lstat().st_ino:
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(there))
    else:
        try:
            os.link(here, there, follow_symlinks=False)
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
            here.rename(there)
    sync_folder(there.parent)
    crash.point("watch.linked")
    here.unlink(missing_ok=True)
    sync_folder(here.parent)


def _write(place: Path, text: str) -> None:
    """Write a text file durably, whole or not at all."""
    part = place.with_name(f".{place.name}.part")
    with part.open("w", encoding="utf-8") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    part.replace(place)
    sync_folder(place.parent)
