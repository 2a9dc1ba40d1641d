"""Which papers of a submission are new to a chart, and which documents they replace."""

from dataclasses import dataclass

from archive.base.errors import Fault, SubmissionRejected
from archive.base.identifiers import Sha256
from archive.catalog.tables import ChartRow, DocumentRow
from ingest.record import Said, origin
from ingest.submission import Correction, Paper, Submission


@dataclass(frozen=True, slots=True)
class NewPaper:
    """A paper that is not in the archive yet, or not with this content."""

    place: int  # in its submission
    paper: Paper
    content: Sha256
    supersedes: str | None

    @property
    def as_received(self) -> bytes | None:
        """The bytes of a paper that is archived unchanged; None where Kho makes and seals its
        document.
        """
        file = self.paper.file
        return file.data if file is not None and origin(self.paper) == "external" else None


def _current(chart: ChartRow) -> dict[tuple[str, str], DocumentRow]:
    return {(d.form, d.key): d for d in chart.documents if d.superseded_by is None}


def _require_replaceable(
    correction: Correction,
    place: int,
    content: Sha256,
    current: DocumentRow | None,
    chart: ChartRow | None,
) -> None:
    """Return if a correction is right, or was made before.

    Raises SubmissionRejected where another document has taken the place of the one that the person
    saw, or the paper is the same.
    """
    path = f"/papers/{place}/file"
    if current is None or chart is None:
        raise SubmissionRejected([Fault.of("accession", path, "correction.outdated")])
    if current.id == correction.document_id:
        if current.content == content:
            raise SubmissionRejected([Fault.of("accession", path, "correction.same")])
        return
    replaced = {older.id for older in chart.documents if older.superseded_by == current.id}
    if current.content != content or correction.document_id not in replaced:
        raise SubmissionRejected([Fault.of("accession", path, "correction.outdated")])


def new_papers(submission: Submission, says: Said, chart: ChartRow | None) -> list[NewPaper]:
    """Return the papers that are new or say something new; raises SubmissionRejected where one
    paper is stated twice.
    """
    names = [(paper.form, paper.key) for paper in submission.papers]
    first = {name: place for place, name in reversed(list(enumerate(names)))}
    twice = [place for place, name in enumerate(names) if first[name] != place]
    if twice:
        raise SubmissionRejected(
            [Fault.of("accession", f"/papers/{i}", "paper.twice") for i in twice]
        )
    there = _current(chart) if chart is not None else {}
    new = []
    for place, (paper, content) in enumerate(zip(submission.papers, says.contents, strict=True)):
        older = there.get((paper.form, paper.key))
        if paper.correction is not None:
            _require_replaceable(paper.correction, place, content, older, chart)
        if older is None or older.content != content:
            new.append(NewPaper(place, paper, content, older.id if older else None))
    return new
