"""The record that is attached to each document (`kho-record/2`), and the digest by which equal
papers are found.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from archive.acts.accession import Origin, OriginalFile
from archive.base.canonical import canonical
from archive.base.clock import iso
from archive.base.facts import ChartKind, Patient
from archive.base.identifiers import DocumentId, Sha256, sha256
from ingest.forms.model import Form
from ingest.submission import FinishedFile, Nature, Paper, Submission

FORMAT = "kho-record/2"
FORMATS = ("kho-record/1", FORMAT)  # version 1 had no `file`
RECORD_NAME = "record.json"
FORM_NAME = "form.json"

_ORIGINS: dict[Nature, Origin] = {
    "signed_pdfa": "external",
    "signed": "cover",
    "pdf": "converted",
    "image": "scanned",
}


def content_digest(paper: Paper, patient: Patient) -> Sha256:
    """Return the SHA-256 of what a paper says: its form, key, patient, data, its part of the
    source, its file.

    Not the form's version, the time or the chart's course: the same paper sent again is the same
    paper.
    """
    says: dict[str, Any] = {
        "form": paper.form,
        "key": paper.key,
        "patient": patient.model_dump(mode="json"),
        "data": _plain(paper.data),
        "part": sha256(paper.part.data) if paper.part else None,
    }
    # left out without one: the digests of papers that are data stay what they were
    if paper.file is not None:
        dated = paper.file.dated
        says["file"] = {
            "sha256": sha256(paper.file.data),
            "dated": dated.isoformat() if dated else None,
        }
    return sha256(canonical(says))


def origin(paper: Paper) -> Origin:
    """Return what the paper's document is: rendered,
    or what a finished file of its nature becomes.
    """
    return _ORIGINS[paper.file.nature] if paper.file else "rendered"


def original_file(file: FinishedFile) -> OriginalFile:
    """Return the facts of a finished file as the act and the record state them."""
    return OriginalFile(
        name=file.name,
        media_type=file.media_type,
        sha256=sha256(file.data),
        size=len(file.data),
        dated=file.dated,
        verdict=file.verdict,
    )


@dataclass(frozen=True, slots=True)
class Said:
    """The digests of a submission's content: of each paper, in their order, and of the whole."""

    contents: tuple[Sha256, ...]
    fingerprint: Sha256  # of the whole content: a retry has the same, also in another file


def said(submission: Submission) -> Said:
    """Return the digests of a submission's content. The computation is slow, so call it once."""
    contents = tuple(content_digest(paper, submission.patient) for paper in submission.papers)
    chart = submission.chart.model_dump(mode="json")
    # before 0.2 an examination was an outpatient's chart: the same message stays the same
    if submission.chart.kind is ChartKind.EXAMINATION:
        chart["kind"] = ChartKind.OUTPATIENT
    whole: dict[str, Any] = {
        "facility": submission.facility,
        "message": submission.message,
        "patient": submission.patient.model_dump(mode="json"),
        "chart": chart,
        "papers": list(contents),
    }
    # left out without one: the fingerprints of all other submissions stay what they were
    if corrected := [p.correction.document_id for p in submission.papers if p.correction]:
        whole["corrects"] = corrected
    return Said(contents, sha256(canonical(whole)))


def form_json(form: Form) -> bytes:
    """Return a form's definition as canonical JSON: what the record's field names and codes mean,
    for ever.
    """
    kept = _definitions.get(id(form))
    if kept is None or kept[0] is not form:
        if len(_definitions) >= _MOST_DEFINITIONS:
            _definitions.clear()
        definition = canonical(form.model_dump(mode="json", by_alias=True, exclude={"layout_text"}))
        kept = _definitions[id(form)] = (form, definition)
    return kept[1]


# A cache: forms do not change, and every paper needs its form's definition. Keys are ids, because
# forms have no hash.
_definitions: dict[int, tuple[Form, bytes]] = {}
_MOST_DEFINITIONS = 500


def record_json(
    submission: Submission, paper: Paper, document_id: DocumentId, form: Form, claimed_at: datetime
) -> bytes:
    """Return the canonical JSON (RFC 8785) of one paper's record, as it is attached to its
    document.
    """
    part, file = paper.part, paper.file
    return canonical(
        {
            "format": FORMAT,
            "document_id": document_id,
            "facility": submission.facility,
            "form": {
                "code": paper.form,
                "version": form.version,
                "definition": sha256(form_json(form)),
            },
            "key": paper.key,
            "patient": submission.patient.model_dump(mode="json"),
            "chart": submission.chart.model_dump(mode="json"),
            "data": _plain(paper.data),
            "claimed_at": iso(claimed_at),
            "source": None
            if part is None
            else {"name": part.name, "media_type": part.media_type, "sha256": sha256(part.data)},
            "file": None
            if file is None
            else {"origin": origin(paper), **original_file(file).model_dump(mode="json")},
        }
    )


def _plain(data: Any) -> Any:
    if isinstance(data, dict):
        return {key: _plain(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [_plain(value) for value in data]
    return data
