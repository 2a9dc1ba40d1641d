"""Loading a manifest: Kho reports its faults first, then archives chart after chart, and records
what is loaded.
"""

import os
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import Any

from api.bulk.loaded import Loaded, digest_of
from api.bulk.progress import Progress
from api.regular_file import read_regular
from api.stop import Stop
from api.writing.archive import WritableArchive
from api.writing.intake import Intake, Result
from archive.access.actor import Actor
from archive.access.scope import Scope
from archive.base.clock import vietnam_date
from archive.base.errors import Fault, SubmissionRejected
from archive.base.identifiers import FormCode, Sha256, sha256
from archive.base.printable import printable
from archive.process import crash
from ingest.forms.catalog import FormCatalog, UnknownForm
from ingest.manifest.charts import Manifest, ManifestChart, ManifestPaper, charts_of
from ingest.manifest.columns import fault, place
from ingest.manifest.files import open_file
from ingest.manifest.table import MOST_BYTES, Table, read_table
from ingest.sources.legacy_text import texts_of
from ingest.sources.limits import DEFAULT_LIMITS
from ingest.sources.notices import of_legacy_text
from ingest.submission import Paper, Stated, Submission


@dataclass(frozen=True, slots=True)
class Step:
    """One chart that was archived or refused, and how far the load is."""

    result: Result
    progress: Progress


class BulkLoad:
    """Loads one manifest into an archive; `stop` pauses it after the charts that are under way.

    With `again` it ignores what is recorded as loaded: every file is read, and archived papers give
    the same receipts.
    """

    def __init__(
        self,
        archive: WritableArchive,
        actor: Actor,
        scope: Scope,
        manifest: Path,
        *,
        stop: Stop,
        again: bool = False,
    ) -> None:
        """Raises as :class:`api.writing.intake.Intake`: nothing is read where it cannot be
        archived.
        """
        self._archive, self._path, self._stop, self._again = archive, manifest, stop, again
        self._intake = Intake(archive, actor, scope)
        self._loaded = Loaded(archive.ground.folder / "bulk", manifest)

    def validate(self) -> Manifest:
        """Read the whole manifest and check that every file is there.

        Raises SubmissionRejected for no manifest; Unreadable.
        """
        name, recorder = printable(self._path.name), self._intake.recorder
        try:
            manifest = self._validated()
        except SubmissionRejected as refused:
            recorder.refused(name, refused.faults)
            raise
        else:
            if manifest.faults:
                recorder.refused(name, manifest.faults)
            else:
                recorder.archived(name)
            return manifest
        finally:
            recorder.flush()

    def _validated(self) -> Manifest:
        data = read_regular(self._path, MOST_BYTES + 1)
        self._archive.examiner.scan(data)
        self._digest: Sha256 = sha256(data)
        table = read_table(data)
        self._table: Table = table
        forms = self._archive.reading.forms.in_force(self._today)
        return charts_of(table, self._path.parent, lambda form: _knows(forms, form))

    def run(self, manifest: Manifest) -> Iterator[Step]:
        """Load the charts that are not loaded yet, and yield the result of each once it is durable.

        Raises Unavailable, VaultError and the like when a component is away: the next call
        continues the load.
        """
        done = (
            frozenset[Sha256]() if self._again else self._loaded.read(self._archive.ground.catalog)
        )
        due = {f"{printable(self._path.name)}#{chart.rows[0]}": chart for chart in manifest.charts}
        due = {source: chart for source, chart in due.items() if digest_of(chart) not in done}
        skipped = len(manifest.charts) - len(due) + manifest.bad_charts
        progress = Progress(len(due), skipped, time.monotonic())
        for result in self._intake.archive(
            self._submissions(due), lambda judged: self._placed(judged, due[judged.source])
        ):
            chart = due[result.source]
            if not result.faults and result.waits is None:
                self._loaded.add(
                    digest_of(chart), [receipt.document_id for receipt in result.receipts]
                )
                crash.point("bulk.remembered")
            refused, waiting = bool(result.faults), result.waits is not None
            progress.count(time.monotonic(), len(result.receipts), refused=refused, waiting=waiting)
            yield Step(result, progress)

    def _placed(self, result: Result, chart: ManifestChart) -> Result:
        """Return `result` with the row and the column of the manifest instead of a paper's number
        in each fault: a file that cannot be converted is refused long after its row was read.
        """
        places = {
            f"/papers/{number}/file": place(paper.row, self._table.headers["file"])
            for number, paper in enumerate(chart.papers)
        }
        faults = (replace(each, path=places.get(each.path, each.path)) for each in result.faults)
        return replace(result, faults=tuple(faults))

    def _submissions(self, due: dict[str, ManifestChart]) -> Iterator[Submission | Result]:
        """Yield a submission or a refusal for each chart; meanwhile child processes examine the
        next charts' files.
        """
        waiting, ahead = iter(due.items()), deque[Future[Submission | Result]]()
        at_once = self._archive.ground.settings.work.at_once
        with ThreadPoolExecutor(at_once, "kho-file") as threads:
            while True:
                some = islice(waiting, 0 if self._stop.asked else at_once - len(ahead))
                ahead.extend(threads.submit(self._item, source, chart) for source, chart in some)
                if not ahead:
                    return
                yield ahead.popleft().result()

    def _item(self, source: str, chart: ManifestChart) -> Submission | Result:
        try:
            return self._submission(source, chart)
        except SubmissionRejected as refused:
            stated = Stated(chart.chart.episode, chart.chart.department)
            return Result(source, faults=refused.faults, stated=stated)

    def _submission(self, source: str, chart: ManifestChart) -> Submission:
        papers, faults = list[Paper](), list[Fault]()
        for paper in chart.papers:
            try:
                papers.append(self._paper(paper))
            except SubmissionRejected as refused:
                faults += refused.faults
        if faults:
            raise SubmissionRejected(faults)
        return Submission(
            source=source,
            facility=self._archive.ground.code,
            patient=chart.patient,
            chart=chart.chart,
            papers=tuple(papers),
            source_digest=self._digest,
            notices=of_legacy_text(texts_of(_stated(chart))),
        )

    def _paper(self, paper: ManifestPaper) -> Paper:
        path = place(paper.row, self._table.headers["file"])
        data = self._read(paper)
        name = PurePosixPath(paper.file).name
        file = self._archive.examiner.examine(name, data, paper.dated, path)
        return Paper(FormCode(paper.form), paper.key, {}, file=file)

    def _read(self, paper: ManifestPaper) -> bytes:
        """Return a file's bytes as they are now: a regular file, at most one byte more than a
        source may have.
        """
        missing = SubmissionRejected(
            [fault(paper.row, self._table.headers["file"], "manifest.file_missing")]
        )
        try:
            with os.fdopen(open_file(self._path.parent, paper.file), "rb") as file:
                return file.read(DEFAULT_LIMITS.source_bytes + 1)
        except OSError as error:
            raise missing from error

    @property
    def _today(self) -> date:
        return vietnam_date(self._archive.ground.clock.now())


def _stated(chart: ManifestChart) -> dict[str, Any]:
    return {
        "patient": chart.patient.model_dump(mode="json"),
        "chart": chart.chart.model_dump(mode="json"),
    }


def _knows(forms: FormCatalog, form: str) -> bool:
    try:
        forms.get(form)
    except UnknownForm:
        return False
    return True
