"""The two steps, rendering and sealing, in this process: the caller's own,
or a worker of the pool.
"""

import threading
from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from archive.process import crash
from ingest.files.jobs import Job
from ingest.preparation.contract import Prepared, Rendered, RenderOnly, Result, Task
from ingest.preparation.seal_words import seal_words
from signing.seal import Sealed, Unsealed


class Renders(Protocol):
    """Makes the PDF/A of a job. Equal jobs give equal bytes, but for files that are converted."""

    def render(self, job: Job) -> bytes:
        """Return the PDF/A of `job`. Safe for threads."""
        ...


class Seals(Protocol):
    """Seals PDF/A files with the facility's certificate."""

    def seal_all(self, papers: Iterable[Unsealed]) -> Iterator[Sealed]:
        """Yield each paper sealed, in their order."""
        ...


class InProcessPreparer:
    """Prepares in this process. Safe for threads, of which one seals at a time: asn1crypto parses
    a shared key lazily.
    """

    def __init__(self, renderer: Renders, sealer: Seals) -> None:
        self._renderer, self._sealer, self._sealing = renderer, sealer, threading.Lock()

    def prepare(self, tasks: Sequence[Task]) -> Iterator[Result]:
        """Render every task before any is sealed, so that what is refused costs no seal."""
        rendered = [self._rendered(task) for task in tasks]
        crash.point("papers.rendered")
        waiting = {task.document_id for task in tasks if isinstance(task, RenderOnly)}
        yield from (paper for paper in rendered if paper.document_id in waiting)
        if due := [paper for paper in rendered if paper.document_id not in waiting]:
            yield from self._sealed(due)

    def _rendered(self, task: Task) -> Rendered:
        if isinstance(task, Rendered):
            return task
        job = task.job if isinstance(task, RenderOnly) else task
        data, words = self._renderer.render(job), seal_words(job.facility)
        return Rendered(job.document_id, data, job.claimed_at, words)

    def _sealed(self, papers: Sequence[Rendered]) -> Iterator[Prepared]:
        with self._sealing:
            unsealed = (Unsealed(each.data, each.claimed_at, words=each.words) for each in papers)
            sealed = list(self._sealer.seal_all(unsealed))
        for paper, seal in zip(papers, sealed, strict=True):
            crash.point("paper.sealed")
            yield Prepared(paper.document_id, seal.data, seal.level, seal.sealed_at)
