"""Making the PDF/A of any job: rendered from data, a cover for what was signed elsewhere, or a
converted file.
"""

from contextlib import suppress
from pathlib import Path

from archive.base.clock import iso
from archive.base.errors import Unavailable
from archive.files.working_folders import WorkingFolders
from ingest.files.assembling import attach, description
from ingest.files.converting import Converter
from ingest.files.jobs import FileJob, Job
from ingest.render.job import Attachment
from ingest.render.typst_renderer import Renderer
from ingest.sources.kinds import kind_of_type
from ingest.submission import FinishedFile


class Maker:
    """Makes the documents that Kho then seals; keep one for each process."""

    def __init__(self, renderer: Renderer, converter: Converter) -> None:
        self._renderer, self._converter = renderer, converter

    def render(self, job: Job) -> bytes:
        """Return the PDF/A of `job`. Raises RenderFailed, SubmissionRejected, Unavailable."""
        if not isinstance(job, FileJob):
            return self._renderer.render(job)
        original = _original(job.file)
        if job.file.nature == "signed":
            return attach(self._renderer.render(job.paper), [original], iso(job.claimed_at))
        attachments = (*job.paper.attachments, original)
        return self._converter.convert(job.file, description(job.paper), attachments, job.path)


def _original(file: FinishedFile) -> Attachment:
    # The file's own name may be anything: it goes into the description and the record, not into
    # `name`.
    return Attachment(
        name=kind_of_type(file.media_type).attachment,
        media_type=file.media_type,
        data=file.data,
        relationship="source",
        description=file.name,
    )


def open_maker(home: Path) -> Maker:
    """Return a maker whose programs work inside `home`, because their input is as confidential as
    the archive.
    """
    workshop = WorkingFolders(home / "workshop")
    # jobs that need it get the error then; papers that are data need none
    with suppress(Unavailable):
        workshop.sweep()
    return Maker(Renderer(), Converter(workshop))
