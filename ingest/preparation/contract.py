"""What goes into preparation and what comes out. It touches neither catalogue nor vault.

    Job ──render──▶ Rendered ──seal──▶ Prepared

A job goes through both steps at once. A paper that waits for a person in between goes in as a
:class:`RenderOnly`, comes out as :class:`Rendered`, and goes in again as that.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from archive.base.errors import KhoError
from archive.base.identifiers import DocumentId
from ingest.files.jobs import FileJob, Job
from signing.revisions import NO_WORDS, SealWords


@dataclass(frozen=True, slots=True)
class RenderOnly:
    """A paper that is only rendered: it waits before it is sealed."""

    job: Job

    @property
    def document_id(self) -> DocumentId:
        """The id of the document that it becomes."""
        return self.job.document_id


@dataclass(frozen=True, slots=True)
class Rendered:
    """A PDF/A without a seal; `claimed_at` is the signing time that its page shows, `words` are
    what its seal says.
    """

    document_id: DocumentId
    data: bytes
    claimed_at: datetime
    words: SealWords = NO_WORDS


@dataclass(frozen=True, slots=True)
class Prepared:
    """A document as it will be archived: its bytes, the seal's level, and the time that the seal
    proves.
    """

    document_id: DocumentId
    data: bytes
    level: str
    sealed_at: datetime


# A job is rendered and sealed at once; of the others each needs one step.
Task = Job | RenderOnly | Rendered
Result = Rendered | Prepared


class Preparer(Protocol):
    """Does tasks; tasks and results can be pickled."""

    def prepare(self, tasks: Sequence[Task]) -> Iterator[Result]:
        """Yield the result of each task as soon as it is ready, in any order.

        :class:`RenderOnly` becomes :class:`Rendered`, all else becomes :class:`Prepared`. Raises
        SubmissionRejected for a task that can never be done, Unavailable where a service that
        sealing needs is away.
        """
        ...


def holds_file(task: Task) -> bool:
    """Return whether `work` converts a file, which may take minutes and needs much memory."""
    return isinstance(task.job if isinstance(task, RenderOnly) else task, FileJob)


class PreparationFailed(KhoError):
    """A worker process died or hung over a paper, again and again: too little memory, or a fault of
    Kho's.
    """

    code = "preparation.failed"
