"""Preparation: a paper becomes the bytes that are archived.

It touches neither catalogue nor vault.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from archive.base.identifiers import DocumentId
from ingest.files.jobs import Job


@dataclass(frozen=True, slots=True)
class Prepared:
    """A document as it will be archived: its bytes, the seal's level, and the time that the seal
    proves.
    """

    document_id: DocumentId
    data: bytes
    level: str
    sealed_at: datetime


class Preparer(Protocol):
    """Makes documents of jobs; jobs and results can be pickled."""

    def prepare(self, jobs: Sequence[Job]) -> Iterator[Prepared]:
        """Yield each job's document as soon as it is ready, in any order.

        Raises SubmissionRejected for a job that can never be done, Unavailable where a service that
        sealing needs is away.
        """
        ...
