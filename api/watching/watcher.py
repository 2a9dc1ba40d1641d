"""The watcher: looks for files, archives them and moves them aside.

It waits while a component is away.

On a request to stop it ends after the present file.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any

import structlog

from api.error_answers import exit_code
from api.refusals.kept import Source
from api.stop import Stop
from api.watching.incoming import Batch, Incoming
from api.watching.journal import Journals
from api.watching.moving import Mover, report_of
from api.watching.report import outcome, report_json, report_text
from api.watching.rules import Rules
from api.writing.archive import WritableArchive
from api.writing.intake import Intake, Result
from archive.access.actor import Actor
from archive.access.scope import Scope
from archive.base.clock import vietnam_date
from archive.base.errors import (
    FileMustWait,
    KhoError,
    Misconfigured,
    SubmissionRejected,
    Unavailable,
)
from archive.base.identifiers import sha256
from archive.base.leases import LeaseHeld
from archive.base.printable import printable
from archive.process import crash
from ingest.sources.folder import SourceFile

AWAY = 11  # the exit code of errors after which the same may be tried again
SETTINGS = 2  # the exit code of errors that no retry helps
_MOST_PENDING = 1000  # batches that wait for their move; beyond it no further one is archived

log = structlog.get_logger(__name__)


class WatchedAlready(LeaseHeld):
    """Another process watches this folder."""

    code = "watch.busy"


@dataclass(frozen=True, slots=True)
class Taken:
    """One batch that was archived or refused, and moved aside."""

    results: tuple[Result, ...]
    outcome: str
    moved_to: str
    report: str

    @property
    def exit_code(self) -> int:
        """What `kho watch --once` ends with because of it."""
        return 3 if self.outcome == "refused" else 0

    def lines(self) -> Iterator[dict[str, Any]]:
        """Yield the JSON lines of `docs/scripting.md`: those of `kho ingest`, then one about the
        files.
        """
        for result in self.results:
            yield from result.lines()
        yield {"outcome": self.outcome, "moved_to": self.moved_to, "report": self.report}


@dataclass(frozen=True, slots=True)
class Waiting:
    """Nothing, or not this file, could be archived: it stays,
    and is tried again after `seconds`.
    """

    file: str | None
    error: KhoError
    seconds: float

    @property
    def exit_code(self) -> int:
        """What `kho watch --once` ends with because of it."""
        return exit_code(self.error)

    def lines(self) -> Iterator[dict[str, Any]]:
        """Yield the JSON line."""
        yield {"waiting": self.error.as_json(), "file": self.file, "seconds": self.seconds}


@dataclass(slots=True)
class _Trouble:
    """How often something failed, and when it may be tried again."""

    times: int = 0
    until: float = 0.0


@dataclass(slots=True)
class Watcher:
    """Watches `folder` for one actor until `stop` is set."""

    archive: WritableArchive
    actor: Actor
    scope: Scope
    folder: Path
    rules: Rules
    stop: Stop = field(default_factory=Stop)
    # None: the moves that wait
    _stuck: dict[PurePosixPath | None, _Trouble] = field(default_factory=dict)
    _away: int = 0

    def run(self, *, once: bool = False) -> Iterator[Taken | Waiting]:
        """Archive the files that arrive, and yield the results; with `once`, end when no more files
        are complete.

        Raises WatchedAlready, Misconfigured (no such folder), and errors of settings and keys;
        every other error is yielded, and the file stays.
        """
        if not self.folder.is_dir():
            shown = printable(str(self.folder))
            raise Misconfigured(
                why_vi=f"{shown} không phải thư mục", why_en=f"{shown} is not a folder"
            )
        place = self.folder.resolve()
        try:
            with self.archive.ground.leases.hold(f"watch/{place}", timeout=0):
                yield from self._run(place, once=once)
        except WatchedAlready:
            raise
        except LeaseHeld as error:
            raise WatchedAlready from error

    def _run(self, place: Path, *, once: bool) -> Iterator[Taken | Waiting]:
        intake = Intake(self.archive, self.actor, self.scope, source=Source.WATCH)
        incoming = Incoming(place, self.rules)
        mover = Mover(place, Journals(self.archive.ground.folder, place))
        quiet = 0.0  # seconds since a batch was archived or refused
        while not self.stop.asked:
            taken = 0
            for step in self._look(incoming, intake, mover, patient=not once):
                taken += isinstance(step, Taken)
                yield step
                if isinstance(step, Waiting) and step.file is None:
                    if not once:
                        self.stop.wait(step.seconds)
                    break
            if taken:
                quiet = 0.0
                yield from self._follow()
            elif once and (not incoming.unsettled or quiet > self.rules.longest_settle_seconds):
                return  # a file that is written to without end is left for another run
            self.stop.wait(self.rules.interval_seconds)
            quiet += self.rules.interval_seconds

    def _look(
        self, incoming: Incoming, intake: Intake, mover: Mover, *, patient: bool
    ) -> Iterator[Taken | Waiting]:
        """Look once: finish the moves that wait, then archive each batch that is complete."""
        try:
            yield from self._finish(mover)
            pending = mover.pending()
            if len(pending) >= _MOST_PENDING:
                yield self._waiting(
                    None,
                    Unavailable(component=str(self.folder), why="too many files cannot be moved"),
                )
                return
            for batch in incoming.look(patient=patient):
                if self.stop.asked:
                    return
                if batch.place in pending or self._is_stuck(batch.place):
                    continue
                step = self._take(batch, intake, mover)
                if step is not None:
                    yield step
        except OSError as error:  # a drive that went away: it may come back
            why = error.strerror or type(error).__name__
            yield self._waiting(None, Unavailable(component=printable(str(self.folder)), why=why))
        except KhoError as error:
            yield self._waiting(None, error)

    def _finish(self, mover: Mover) -> Iterator[Waiting]:
        """Finish moves that a killed process began, or that the folder did not allow before."""
        if self._is_stuck(None):
            return
        errors = mover.finish()
        for error in errors:
            yield Waiting(str(error.facts["name"]), error, self._pause(None))
        if not errors:
            self._stuck.pop(None, None)

    def _take(self, batch: Batch, intake: Intake, mover: Mover) -> Taken | Waiting | None:
        try:
            results = tuple(self._results(batch, intake))
            crash.point("watch.archived")
            if not batch.is_unchanged():
                return None  # written to meanwhile: it counts as another file, for a later look
            taken = self._moved(batch, results, mover)
        except KhoError as error:
            return self._waiting(batch.place, error)
        except Exception as error:  # noqa: BLE001 - an unexpected error with one file stops no other; its text may quote it
            log.error("watch.failed", error=type(error).__name__)
            return self._waiting(batch.place, KhoError())
        self._away = 0
        self._stuck.pop(batch.place, None)
        return taken

    def _results(self, batch: Batch, intake: Intake) -> Iterator[Result]:
        """Yield the results of the batch's charts.

        Raises FileMustWait if one of them has to wait.
        """
        if isinstance(batch.source, SourceFile):
            for result in intake.take(*batch.source):
                if result.waits is not None:
                    raise result.waits
                yield result
            return
        intake.recorder.refused(batch.source.source, batch.source.faults)
        intake.recorder.flush()
        if batch.stays:
            raise SubmissionRejected(batch.source.faults)
        yield Result(batch.source.source, faults=batch.source.faults)

    def _moved(self, batch: Batch, results: tuple[Result, ...], mover: Mover) -> Taken:
        now: datetime = self.archive.ground.clock.now()
        kind = outcome(results)
        into = PurePosixPath(
            self.rules.done if kind == "done" else self.rules.refused, vietnam_date(now).isoformat()
        )
        digest = sha256(batch.source.data) if isinstance(batch.source, SourceFile) else None
        text = report_text(results, printable(str(batch.place)), now)
        plan = mover.move(mover.plan(batch.files, into, report_json(results, digest, now), text))
        return Taken(
            results, kind, printable(str(plan.moves[0].there)), printable(str(report_of(plan)))
        )

    def _waiting(self, file: PurePosixPath | None, error: KhoError) -> Waiting:
        """Return how long to wait: with all files if a component is away,
        else with this file only.
        """
        if exit_code(error) == SETTINGS:
            raise error
        if file is None or (exit_code(error) == AWAY and not isinstance(error, FileMustWait)):
            pauses = self.rules.retry_seconds
            seconds = pauses[min(self._away, len(pauses) - 1)]
            self._away += 1
            return Waiting(None, error, seconds)
        return Waiting(printable(str(file)), error, self._pause(file))

    def _pause(self, file: PurePosixPath | None) -> float:
        """Count one more failure of a file and return after how many seconds it is tried again."""
        trouble, pauses = self._stuck.setdefault(file, _Trouble()), self.rules.retry_seconds
        seconds = pauses[min(trouble.times, len(pauses) - 1)] * 10
        trouble.times, trouble.until = (
            trouble.times + 1,
            self.archive.ground.clock.now().timestamp() + seconds,
        )
        return seconds

    def _is_stuck(self, file: PurePosixPath | None) -> bool:
        trouble = self._stuck.get(file)
        return trouble is not None and self.archive.ground.clock.now().timestamp() < trouble.until

    def _follow(self) -> Iterator[Waiting]:
        """Do what follows the acts; what cannot be done now stays in the outbox."""
        try:
            self.archive.follow_up()
        except KhoError as error:
            yield Waiting(None, error, 0)
