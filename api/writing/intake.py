"""Intake: from sources to receipts.

A refused source stops no other; a component that is away stops the intake.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from api.refusals.kept import Source
from api.refusals.recorder import Recorder
from api.writing.archive import WritableArchive
from api.writing.charts_at_once import charts_at_once
from archive.access.actor import Actor, Permission
from archive.access.scope import Scope
from archive.base.clock import vietnam_date
from archive.base.errors import Denied, Fault, FileMustWait, SubmissionRejected
from archive.base.identifiers import sha256
from ingest.receipt import Receipt
from ingest.sources.detect import parse_source
from ingest.sources.folder import read_sources
from ingest.sources.notices import LEGACY_TEXT
from ingest.sources.photographs import Content
from ingest.submission import UNSTATED, FinishedFile, Notice, RefusedSource, Stated, Submission

# seconds between two checkpoints while much comes in; the last one follows at the end
PUBLISH_EVERY = 1.0
_NOTHING: Mapping[str, bytes] = {}


@dataclass(frozen=True, slots=True)
class Result:
    """The result of one source (or one chart of it): receipts, all its faults, or the reason why it
    has to wait.

    `source` is the printable form of a file's name (:mod:`archive.base.printable`).
    """

    source: str
    receipts: tuple[Receipt, ...] = ()
    faults: tuple[Fault, ...] = ()
    waits: FileMustWait | None = None
    notices: tuple[Notice, ...] = ()  # of what was archived
    stated: Stated = UNSTATED

    def lines(self) -> Iterator[dict[str, Any]]:
        """Yield the JSON lines of `docs/scripting.md`."""
        if self.faults:
            yield {"source": self.source, "refused": [fault.as_json() for fault in self.faults]}
        if self.waits is not None:
            yield {"waiting": self.waits.as_json(), "file": self.source}
        if self.notices:
            yield {"source": self.source, "notices": [notice.as_json() for notice in self.notices]}
        for receipt in self.receipts:
            yield receipt.as_json()


class Intake:
    """Takes files in for one actor; what it refuses is kept for people (`api/refusals`)."""

    def __init__(
        self,
        archive: WritableArchive,
        actor: Actor,
        scope: Scope,
        file_came: Callable[[], None] = lambda: None,
        source: Source = Source.COMMAND,
    ) -> None:
        """`file_came` is called before each finished file is examined, because that may take
        minutes. `source`: by which way the files come.

        Raises as :attr:`api.writing.archive.WritableArchive.accession`: nothing is read where it
        cannot be archived.
        """
        self._archive, self._actor, self._scope = archive, actor, scope
        self._accession, self._outbox = archive.accession, archive.follow_ups.outbox
        self._settings, self._clock = archive.ground.settings, archive.ground.clock
        self._file_came = file_came
        self.recorder = Recorder(archive.reading.refusals, source, actor.name)

    def run(self, paths: Iterable[Path]) -> Iterator[Result]:
        """Archive what the paths hold, chart by chart; yields each result once it is durable.

        Raises Unavailable, VaultError and the like when a component is away: nothing of that chart
        is acknowledged.
        """
        return self.archive(self._read_all(paths))

    def archive(
        self,
        items: Iterable[Submission | Result],
        as_shown: Callable[[Result], Result] = lambda result: result,
    ) -> Iterator[Result]:
        """Archive submissions, several at a time.

        Yield the result of each, and other items unchanged, in their order. `as_shown` gives a
        result the form that its sender reads.

        Raises as :meth:`run` does. To pause, the caller ends `items`: submissions under way are
        finished.
        """
        self._actor.require(Permission.INGEST)
        try:
            published = time.monotonic()
            for judged in charts_at_once(items, self._accept, self._settings.work.at_once):
                result = as_shown(judged)
                self._note(result)
                yield result
                if time.monotonic() - published > PUBLISH_EVERY:
                    self._outbox.drain("ledger")
                    published = time.monotonic()
        finally:
            self.recorder.flush()
            self._archive.follow_up()

    def take(
        self, name: str, data: bytes, beside: Mapping[str, bytes] = _NOTHING
    ) -> Iterator[Result]:
        """Archive one source's charts, each accepted or refused alone; `beside` are the files that
        came with it.
        """
        try:
            for item in self._read(name, data, beside):
                result = self._accept(item) if isinstance(item, Submission) else item
                self._note(result)
                yield result
                if isinstance(item, Submission):
                    self._outbox.drain("ledger")
        finally:
            self.recorder.flush()

    def accept(self, submission: Submission) -> Result:
        """Archive one submission that the caller made.

        Raises Denied, LeaseHeld, ChartChanged, and what the archive itself raises.
        """
        self._actor.require(Permission.INGEST)
        try:
            return self.noted(self._accept(submission))
        finally:
            self._outbox.drain("ledger")

    def noted(self, result: Result) -> Result:
        """Keep a refusal that the caller found, and return it."""
        self._note(result)
        self.recorder.flush()
        return result

    def examine(self, name: str, data: Content, dated: date | None, path: str) -> FinishedFile:
        """Return a PDF, an image, or the photographs of one paper with what they are.

        `dated`: the day that people state of it. Raises SubmissionRejected with its faults at
        `path`; Unavailable where a component that it needs is away.
        """
        self._actor.require(Permission.INGEST)
        self._file_came()
        return self._archive.examiner.examine(name, data, dated, path)

    def _read_all(self, paths: Iterable[Path]) -> Iterator[Submission | Result]:
        for file in read_sources(paths):
            if isinstance(file, RefusedSource):
                yield Result(file.source, faults=file.faults)
            else:
                yield from self._read(*file)

    def _read(
        self, name: str, data: bytes, beside: Mapping[str, bytes] = _NOTHING
    ) -> Iterator[Submission | Result]:
        """Yield the charts of one source, and what was refused of it."""
        # first: nothing is read for a caller without the permission
        self._actor.require(Permission.INGEST)
        try:
            self._archive.examiner.scan(data)
        except SubmissionRejected as error:
            yield Result(name, faults=error.faults)
            return
        forms = self._archive.reading.forms.in_force(vietnam_date(self._clock.now()))
        charts = parse_source(
            name, data, forms, self._archive.ground.code, beside=beside, examine=self.examine
        )
        if len(charts) > 1:  # the file as a whole can be read, whatever becomes of its charts
            self.recorder.archived(name)
        for parsed in charts:
            if isinstance(parsed, RefusedSource):
                yield Result(parsed.source, faults=parsed.faults, stated=parsed.stated)
            else:
                yield replace(parsed, source_digest=sha256(data))

    def _note(self, result: Result) -> None:
        if result.faults:
            self.recorder.refused(result.source, result.faults, result.stated)
        elif result.waits is None:
            self.recorder.archived(result.source, result.stated)

    def _accept(self, submission: Submission) -> Result:
        stated = Stated(submission.chart.episode, submission.chart.department)
        result = Result(submission.source, stated=stated)
        if refused := self._refused(submission):
            return replace(result, faults=refused)
        try:
            receipts = self._accession.accept(submission, self._actor, self._scope)
            return replace(result, receipts=receipts, notices=submission.notices)
        except SubmissionRejected as error:
            return replace(result, faults=error.faults)
        except FileMustWait as error:  # a program that only this chart's file needs
            return replace(result, waits=error)
        # the role may archive, so it is this chart that lies outside of the scope
        except Denied as error:
            return replace(result, faults=(Fault("/", error.code, error.sentences()[0]),))

    def _refused(self, submission: Submission) -> tuple[Fault, ...]:
        """Return the notices that this facility takes for faults (`intake.legacy_text` of the
        settings).
        """
        if self._settings.intake.legacy_text != "refuse":
            return ()
        return tuple(
            notice.fault for notice in submission.notices if notice.fault.code == LEGACY_TEXT
        )
