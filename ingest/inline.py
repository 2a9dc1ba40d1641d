"""Prepares papers in this process: the caller's own, or a worker of the pool."""

import threading
from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from archive.process import crash
from ingest.files.jobs import Job
from ingest.preparation import Prepared
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


class InlinePreparer:
    """Prepares in this process.

    Safe for threads; only one seals at a time: asn1crypto parses a shared key lazily.
    """

    def __init__(self, renderer: Renders, sealer: Seals) -> None:
        self._renderer, self._sealer, self._sealing = renderer, sealer, threading.Lock()

    def prepare(self, jobs: Sequence[Job]) -> Iterator[Prepared]:
        """Render every job before any is sealed, so that what is refused costs no seal; then yield
        them sealed.
        """
        rendered = [Unsealed(self._renderer.render(job), job.claimed_at) for job in jobs]
        crash.point("papers.rendered")
        with self._sealing:
            sealed = list(self._sealer.seal_all(rendered))
        for job, one in zip(jobs, sealed, strict=True):
            crash.point("paper.sealed")
            yield Prepared(job.document_id, one.data, one.level, one.sealed_at)
