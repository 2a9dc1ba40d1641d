"""Moving what is finished with, and its report: never over another file, never outside, and to the
end after a kill.

A journal (in the home) is written before the first move and removed after the last report. The next
run that finds it finishes the moves. Every step below the watched folder goes by handles
(:mod:`archive.files.beneath`): what lies there is planted.
"""

import errno
import json
import os
import secrets
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any

from api.watching.journal import Journals, Move, Plan, Stamp
from archive.base.errors import FileMustWait
from archive.base.printable import escaped, printable
from archive.files.beneath import OpenFolder
from archive.process import crash

# link(2): none on this system, or not for us
_NO_LINKS = (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK)
_NOT_A_FOLDER = (errno.ENOTDIR, errno.ELOOP)
_LONGEST = 200  # bytes of a name, so that a suffix and a report's ending still fit (255)
_TRIES = 100  # names that another process takes between our look and our link
_JSON, _TEXT = ".report.json", ".report.txt"
_REPORTS = (_JSON, _TEXT)


class NotMoved(FileMustWait):
    """A batch is archived or refused, but the watched folder does not let it go to its place."""

    code = "watch.not_moved"


class Mover:
    """Moves files inside one watched folder, and remembers in the home what is not moved yet."""

    def __init__(self, folder: Path, journals: Journals) -> None:
        self._folder, self._journals = folder, journals

    def plan(
        self,
        files: Sequence[tuple[PurePosixPath, Stamp]],
        into: PurePosixPath,
        report: dict[str, Any],
        text: str,
    ) -> Plan:
        """Return where `files` (the source first) go below `into`, keeping their places; a taken
        name gets a suffix.

        Raises NotMoved.
        """
        moves = list[Move]()
        with self._open(files[0][0]) as top:
            for here, stamp in files:
                place = into / here.parent
                taken = {move.there.name for move in moves if move.there.parent == place}
                try:
                    with top.reach(place) as folder:
                        name = _free(folder, here.name, taken, _REPORTS if not moves else ())
                except OSError:  # the folder is not there yet
                    name = _free(None, here.name, taken, ())
                moves.append(Move(here, place / name, stamp))
        return Plan(secrets.token_hex(16), tuple(moves), report, text)

    def move(self, plan: Plan) -> Plan:
        """Move the files and write the reports, durably; return the plan as it was carried out.

        What is begun is ended, by :meth:`finish` after a kill. Raises NotMoved, Unavailable.
        """
        self._journals.keep(plan)
        crash.point("watch.journal_written")
        return self._carry_out(plan)

    def finish(self) -> list[NotMoved]:
        """End what a killed process began; return what the folder still does not allow.

        Raises Unavailable.
        """
        errors = []
        for plan in self._journals.all():
            try:
                self._carry_out(plan)
            except NotMoved as error:
                errors.append(error)
        return errors

    def pending(self) -> frozenset[PurePosixPath]:
        """Return the files that were processed but could not be moved. Raises Unavailable."""
        return frozenset(move.here for plan in self._journals.all() for move in plan.moves)

    def _carry_out(self, plan: Plan) -> Plan:
        with self._open(plan.moves[0].here) as top:
            for place in range(len(plan.moves)):
                plan = self._moved(top, plan, place)
                crash.point("watch.moved")
            try:
                _report(top, plan)
            except OSError as error:
                raise _not_moved(plan.moves[0].here, error) from error
        self._journals.drop(plan)
        crash.point("watch.journal_removed")
        return plan

    def _moved(self, top: OpenFolder, plan: Plan, at: int) -> Plan:
        """Move one file; return the plan, with a new name if another process took
        the planned one.
        """
        move, part = plan.moves[at], f".{plan.number}.{at}.part"
        try:
            with _made(top, move.there.parent) as there:
                if not _taken(top, there, move, part):
                    return plan
                for _ in range(_TRIES):
                    try:
                        _placed(there, part, move)
                    except FileExistsError:
                        taken = {
                            other.there.name
                            for other in plan.moves
                            if other.there.parent == move.there.parent
                        }
                        name = _free(there, move.here.name, taken, _REPORTS if at == 0 else ())
                        move = replace(move, there=move.there.with_name(name))
                        plan = replace(plan, moves=(*plan.moves[:at], move, *plan.moves[at + 1 :]))
                        self._journals.keep(plan)
                    else:
                        return plan
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
        except OSError as error:
            raise _not_moved(move.here, error) from error

    def _open(self, file: PurePosixPath) -> OpenFolder:
        try:
            return OpenFolder.at(self._folder)
        except OSError as error:
            raise _not_moved(file, error) from error


def report_of(plan: Plan) -> PurePosixPath:
    """Return where the report for programs lies."""
    return plan.moves[0].there.with_name(plan.moves[0].there.name + _JSON)


def _not_moved(file: PurePosixPath, error: OSError) -> NotMoved:
    return NotMoved(name=printable(str(file)), why=error.strerror or type(error).__name__)


def _made(top: OpenFolder, place: PurePosixPath) -> OpenFolder:
    """Open the folder at `place`, made where it is missing; what is no folder and has its name gets
    another name.
    """
    folder = OpenFolder(os.dup(top.handle))
    for name in place.parts:
        with folder:
            folder = _inner(folder, name)
    return folder


def _inner(folder: OpenFolder, name: str) -> OpenFolder:
    for _ in range(_TRIES):
        try:
            return folder.inner(name)
        except FileNotFoundError:
            with suppress(FileExistsError):
                folder.make(name)
        except OSError as error:
            if error.errno not in _NOT_A_FOLDER:
                raise
            # a link or a file: it is moved itself, and never followed
            with suppress(FileNotFoundError):
                folder.rename(name, folder, _free(folder, name, {name}, ()))
    raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))


def _free(
    folder: OpenFolder | None, name: str, taken: Iterable[str], endings: Sequence[str]
) -> str:
    """Return `name`, or `name~2` and so on before its ending: the first that nothing has, `endings`
    included.
    """
    stem, dot, ending = name.partition(".")
    ending = os.fsdecode(os.fsencode(ending)[-_LONGEST + 20 :])
    stem = os.fsdecode(os.fsencode(stem)[: max(1, _LONGEST - len(os.fsencode(ending)))])
    for number in range(1, 1_000_000):
        free = (
            name
            if number == 1 and len(os.fsencode(name)) <= _LONGEST
            else f"{stem}~{number}{dot}{ending}"
        )
        if free not in taken and (
            folder is None or not any(folder.has(free + end) for end in ("", *endings))
        ):
            return free
    raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))


def _taken(top: OpenFolder, there: OpenFolder, move: Move, part: str) -> bool:
    """Take the file of `move` out of its place, under the name `part` in `there`; tell whether it
    is there now.

    A program may put another file under the old name at any moment. So the name is taken first,
    whatever has it, and the file is looked at after that: another file goes back. A file that is
    looked at first and removed by its name after that may be another one by then, and Kho has
    not read that file. `part` was drawn by lot.
    """
    try:
        with top.reach(move.here.parent) as here:
            if not there.has(part):
                if not _is(here, move.here.name, move.stamp):
                    # it was moved before a kill, or it is another file now, which a later look
                    # finds
                    return False
                here.rename(move.here.name, there, part)
                there.sync()
                here.sync()
                crash.point("watch.taken")
            if not _is(there, part, move.stamp):
                _renamed(there, part, here, move.here.name)
                here.sync()
                return False
    except OSError as error:
        if not isinstance(error, FileNotFoundError) and error.errno not in _NOT_A_FOLDER:
            raise
        # Its folder has gone or is another thing now. What a killed process took out of it has the
        # name `part`.
        return _is(there, part, move.stamp)
    return True


def _placed(there: OpenFolder, part: str, move: Move) -> None:
    """Give the file its new name; a second try finds whatever the first one left.

    Raises FileExistsError where another entry has the new name.
    """
    try:
        there.link(part, there, move.there.name)
    except FileExistsError:
        if not _is(there, move.there.name, move.stamp):
            raise
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        if there.has(move.there.name):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST)) from error
        there.rename(part, there, move.there.name)
    there.sync()
    crash.point("watch.linked")
    if there.has(part):
        there.unlink(part)
    there.sync()


def _is(folder: OpenFolder, name: str, stamp: Stamp) -> bool:
    try:
        return Stamp.of(folder.status(name)) == stamp
    except FileNotFoundError:
        return False


def _report(top: OpenFolder, plan: Plan) -> None:
    """Write both reports beside the source; those that a killed process wrote are known by their
    bytes.
    """
    files = [
        {"name": printable(str(move.here)), "moved_to": printable(str(move.there))}
        for move in plan.moves
    ]
    report = escaped(json.dumps({**plan.report, "files": files}, ensure_ascii=False, indent=1))
    source = plan.moves[0].there
    with _made(top, source.parent) as folder:
        for ending, text in ((_JSON, report), (_TEXT, plan.text)):
            _write(folder, source.name + ending, text.encode("utf-8"), f".{plan.number}.part")
            crash.point("watch.report_written")


def _write(folder: OpenFolder, name: str, data: bytes, part: str) -> None:
    """Write a file whole or not at all.

    `part` is a name that was drawn by lot: it cannot have been planted before.
    """
    if folder.has(part):
        folder.unlink(part)
    if _holds(folder, name, data):
        return
    folder.write_new(part, data)
    try:
        _renamed(folder, part, folder, name)
    finally:
        if folder.has(part):
            folder.unlink(part)
        folder.sync()


def _renamed(folder: OpenFolder, part: str, into: OpenFolder, name: str) -> None:
    """Give `part` the first free name in `into` that `name` allows."""
    free = name
    for _ in range(_TRIES):
        try:
            folder.link(part, into, free)
        except FileExistsError:
            free = _free(into, name, {name}, ())
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
            free = _free(into, name, (), ()) if into.has(free) else free
            return folder.rename(part, into, free)
        else:
            return folder.unlink(part)
    raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))


def _holds(folder: OpenFolder, name: str, data: bytes) -> bool:
    try:
        with os.fdopen(folder.opened(name), "rb") as file:
            return file.read(len(data) + 1) == data
    except OSError:
        return False
