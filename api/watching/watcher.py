"""The watcher: look, take in, move aside; wait while a component is away; end after the present file when asked to."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import structlog

from api.home import Home
from api.intake import Intake, Result
from api.stop import Stop
from api.watching.incoming import Batch, Incoming
from api.watching.moving import Mover
from api.watching.report import outcome, report_json, report_text
from api.watching.rules import Rules
from archive import crash
from archive.access.actor import Actor
from archive.access.scope import Scope
from archive.bilingual import Text
from archive.clock import vietnam_date
from archive.errors import KhoError, Misconfigured
from archive.identifiers import sha256
from archive.leases import LeaseHeld
from ingest.submission import RefusedSource

AWAY = 11  # the exit code of errors after which the same may be tried again
SETTINGS = 2  # the exit code of errors that no retry mends

log = structlog.get_logger(__name__)


class WatchedAlready(LeaseHeld):
    """Another process watches this folder."""

    code = "watch.busy"
    what = Text("Một tiến trình khác đang theo dõi thư mục này.", "Another process is watching this folder.")
    remedy = Text("Chỉ chạy một kho watch cho mỗi thư mục.", "Run one kho watch for a folder.")


@dataclass(frozen=True, slots=True)
class Taken:
    """One batch that was taken in or refused, and moved aside."""

    results: tuple[Result, ...]
    outcome: str
    moved_to: str
    report: str

    @property
    def exit_code(self) -> int:
        """What `kho watch --once` ends with because of it."""
        return 3 if self.outcome == "refused" else 0

    def lines(self) -> Iterator[dict[str, Any]]:
        """Yield the JSON lines of `docs/scripting.md`: those of `kho ingest`, then one about the files."""
        for result in self.results:
            yield from result.lines()
        yield {"outcome": self.outcome, "moved_to": self.moved_to, "report": self.report}


@dataclass(frozen=True, slots=True)
class Waiting:
    """Nothing could be taken in, or one file could not: it stays, and is tried again after `seconds`."""

    file: str | None
    error: KhoError
    seconds: float

    @property
    def exit_code(self) -> int:
        """What `kho watch --once` ends with because of it."""
        return self.error.exit_code

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

    home: Home
    actor: Actor
    scope: Scope
    folder: Path
    rules: Rules
    stop: Stop = field(default_factory=Stop)
    _stuck: dict[Path, _Trouble] = field(default_factory=dict)
    _away: int = 0

    def run(self, *, once: bool = False) -> Iterator[Taken | Waiting]:
        """Take in what comes, and yield what became of it; with `once`, end when nothing more is complete.

        Raises WatchedAlready, Misconfigured (no such folder), and errors of settings and keys; every other error is
        yielded, and the file stays.
        """
        if not self.folder.is_dir():
            raise Misconfigured(why_vi=f"{self.folder} không phải thư mục", why_en=f"{self.folder} is no folder")
        place = self.folder.resolve()
        try:
            with self.home.leases.hold(f"watch/{place}", timeout=0):
                yield from self._run(place, once=once)
        except WatchedAlready:
            raise
        except LeaseHeld as error:
            raise WatchedAlready from error

    def _run(self, place: Path, *, once: bool) -> Iterator[Taken | Waiting]:
        intake, mover, incoming = Intake(self.home, self.actor, self.scope), Mover(place), Incoming(place, self.rules)
        _ = self.home.accession
        mover.finish()
        while not self.stop.asked:
            taken = 0
            for batch in incoming.look(patient=not once):
                if self.stop.asked:
                    break
                if self._is_stuck(batch.files[0]):
                    continue
                step = self._take(batch, intake, mover, place)
                if isinstance(step, Taken):
                    taken += 1
                if step is not None:
                    yield step
                if isinstance(step, Waiting) and step.file is None:
                    if not once:
                        self.stop.wait(step.seconds)
                    break
            if taken:
                yield from self._follow()
            elif once and not incoming.unsettled:
                return
            self.stop.wait(self.rules.interval_seconds)

    def _take(self, batch: Batch, intake: Intake, mover: Mover, place: Path) -> Taken | Waiting | None:
        try:
            results = tuple(self._results(batch, intake, place))
            crash.point("watch.archived")
            if not batch.is_unchanged():
                return None  # somebody wrote to it meanwhile: it is another file, which comes with a later look
            taken = self._moved(batch, results, mover, place)
        except KhoError as error:
            return self._waiting(batch.files[0], error, place)
        except Exception as error:  # noqa: BLE001 - one file that nobody foresaw stops no other; its text may quote it
            log.error("watch.failed", error=type(error).__name__)
            return self._waiting(batch.files[0], KhoError(), place)
        self._away = 0
        self._stuck.pop(batch.files[0], None)
        return taken

    def _results(self, batch: Batch, intake: Intake, place: Path) -> Iterator[Result]:
        name = batch.files[0].relative_to(place).as_posix()
        if isinstance(batch.source, RefusedSource):
            yield Result(name, faults=batch.source.faults)
        else:
            yield from intake.take(name, batch.source.data, batch.source.beside)

    def _moved(self, batch: Batch, results: tuple[Result, ...], mover: Mover, place: Path) -> Taken:
        now: datetime = self.home.clock.now()
        kind = outcome(results)
        into = place / (self.rules.done if kind == "done" else self.rules.refused) / vietnam_date(now).isoformat()
        plan = mover.plan(batch.files, into)
        digest = None if isinstance(batch.source, RefusedSource) else sha256(batch.source.data)
        mover.move(plan, report_json(results, plan, digest, now), report_text(results, plan, now))
        return Taken(results, kind, plan.moves[0][1], plan.report)

    def _waiting(self, file: Path, error: KhoError, place: Path) -> Waiting:
        """Say how long to wait: with everything where a component is away, else with this file."""
        if error.exit_code == SETTINGS:
            raise error
        pauses = self.rules.retry_seconds
        if error.exit_code == AWAY:
            seconds = pauses[min(self._away, len(pauses) - 1)]
            self._away += 1
            return Waiting(None, error, seconds)
        trouble = self._stuck.setdefault(file, _Trouble())
        seconds = pauses[min(trouble.times, len(pauses) - 1)] * 10
        trouble.times, trouble.until = trouble.times + 1, self.home.clock.now().timestamp() + seconds
        return Waiting(file.relative_to(place).as_posix(), error, seconds)

    def _is_stuck(self, file: Path) -> bool:
        trouble = self._stuck.get(file)
        return trouble is not None and self.home.clock.now().timestamp() < trouble.until

    def _follow(self) -> Iterator[Waiting]:
        """Do what follows the acts; what cannot be done now stays in the outbox."""
        try:
            self.home.follow_up()
        except KhoError as error:
            yield Waiting(None, error, 0)
