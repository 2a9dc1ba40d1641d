"""The job for a finished file that is not archived unchanged; frozen, so that it can be pickled."""

from dataclasses import dataclass, replace
from datetime import datetime

from archive.base.identifiers import DocumentId, sha256
from ingest.render.job import FacilityFace, FileFace, RenderJob
from ingest.sources.kinds import kind_of_type
from ingest.submission import FinishedFile


@dataclass(frozen=True, slots=True)
class FileJob:
    """A file to convert, or to attach to a cover.

    `paper` is what its document says of itself: what a cover shows, and what is attached besides
    the file. `path` is the file's place in its source, for faults.
    """

    paper: RenderJob
    file: FinishedFile
    path: str

    @property
    def document_id(self) -> DocumentId:
        """The id of the document that it becomes."""
        return self.paper.document_id

    @property
    def claimed_at(self) -> datetime:
        """The signing time that a page shows and the seal's /M repeats."""
        return self.paper.claimed_at

    @property
    def facility(self) -> FacilityFace:
        """The facility whose seal the document gets."""
        return self.paper.facility


Job = RenderJob | FileJob


def file_job(paper: RenderJob, file: FinishedFile, path: str) -> FileJob:
    """Return the job of a finished file; for a signed file the cover describes it."""
    return FileJob(
        replace(paper, file=_face(file)) if file.nature == "signed" else paper, file, path
    )


def _face(file: FinishedFile) -> FileFace:
    assert file.verdict is not None  # it is signed
    return FileFace(
        name=file.name,
        attachment=kind_of_type(file.media_type).attachment,
        media_type=file.media_type,
        size=len(file.data),
        pages=file.pages,
        sha256=sha256(file.data),
        dated=file.dated,
        verdict=file.verdict,
        signers=tuple((signer.subject, signer.issuer, signer.when) for signer in file.signed_by),
    )
