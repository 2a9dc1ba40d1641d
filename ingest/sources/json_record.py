"""The JSON record `kho-chart/1`: a chart with its papers, validated against the schema that the
forms generate.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Protocol, TypeVar

from pydantic import BaseModel, ValidationError

from archive.base.chronology import disorders
from archive.base.errors import Fault, SubmissionRejected
from archive.base.facts import ChartFacts, Patient
from archive.base.identifiers import FacilityCode, FormCode
from ingest.codes.lists import Listing
from ingest.forms.own_facts import OwnFacts
from ingest.sources.faults import Faults, code_of, fault
from ingest.sources.finished import FILE_NAMES, Examine, Files, detach_contents, refuse_files
from ingest.sources.legacy_text import texts_of
from ingest.sources.limits import DEFAULT_LIMITS, Limits
from ingest.sources.notices import of_legacy_text, of_unknown_codes
from ingest.sources.printing import check_texts
from ingest.sources.strict_json import parse_json
from ingest.submission import UNSTATED, Paper, Parsed, RefusedSource, Stated, Submission

# A key becomes part of names that people and programs handle: nothing that a file system or a URL
# could read as a path.
_KEY = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}\Z")
_Model = TypeVar("_Model", bound=BaseModel)
_NOTHING: Mapping[str, bytes] = {}


class ChartRules(Protocol):
    """The part of the form catalogue that sources need."""

    def chart_faults(self, document: object) -> tuple[Fault, ...]:
        """Return everything in `document` that is no chart record."""
        ...

    def unknown_codes(self, document: Mapping[str, Any]) -> Iterator[tuple[str, Listing]]:
        """Yield where a valid record has a code that its list does not have, and the list."""
        ...


def parse(
    name: str,
    data: bytes,
    catalog: ChartRules,
    facility: FacilityCode,
    limits: Limits = DEFAULT_LIMITS,
    beside: Mapping[str, bytes] = _NOTHING,
    examine: Examine = refuse_files,
) -> Parsed:
    """Return the one submission of the record `name`, or its refusal with every fault.

    It raises nothing for bad input.

    Patient and chart are :class:`archive.base.facts.Patient` and
    :class:`archive.base.facts.ChartFacts` as JSON; a paper is `{"form", "key", "data"}`, or
    `{"form", "key", "file": {"name", "dated", "content"}}`: a finished file, in base64 or one of
    those `beside` the record, by name. The record is for `facility` or refused. Files are looked at
    (`examine`) when nothing else is wrong. Raises what `examine` raises where a component is away.
    """
    if len(data) > limits.record_bytes:
        return _refused(name, [fault("", "source.too_large", limit=limits.record_bytes)])
    try:
        document = parse_json(data, limits, FILE_NAMES)
    except SubmissionRejected as refused:
        return _refused(name, refused.faults)
    faults = Faults()
    contents = detach_contents(document, faults)
    if chart_faults := catalog.chart_faults(document):
        return _refused(name, [*faults.all(), *chart_faults], _stated(document))
    check_texts(document, "", faults)
    if document["facility"] != facility:
        faults.add("/facility", "facility.other")
    facts = read_facts(document, faults)
    _check_keys(document["papers"], faults)
    if faults or facts is None:
        return _refused(name, faults.all(), _stated(document))
    patient, chart = facts
    files = Files(contents, beside, examine, limits)
    papers = tuple(
        _paper(place, paper, files, faults) for place, paper in enumerate(document["papers"])
    )
    if faults:
        return _refused(name, faults.all(), _stated(document))
    notices = of_legacy_text(
        texts_of({member: document[member] for member in ("patient", "chart", "papers")})
    )
    notices += of_unknown_codes(catalog.unknown_codes(document))
    return (
        Submission(
            name, facility, patient, chart, papers, document.get("message"), notices=notices
        ),
    )


def read_facts(
    document: Mapping[str, Any], faults: Faults, today: date | None = None
) -> tuple[Patient, ChartFacts] | None:
    """Return `patient` and `chart` of a record, or None with what is wrong with them in `faults`.

    `today`: the day in Viet Nam; None skips the check for dates in the future.
    """
    patient = _model(Patient, "patient", document, faults)
    chart = _model(ChartFacts, "chart", document, faults)
    if patient is None or chart is None:
        return None
    for field, code in disorders(patient, chart, today):
        faults.add(f"/{field}", code)
    return patient, chart


def _paper(place: int, paper: dict[str, Any], files: Files, faults: Faults) -> Paper:
    stated = paper.get("file", {})
    file = files.take(place, stated, faults) if stated else None
    own = OwnFacts(title=stated["title"]) if "title" in stated else None
    return Paper(FormCode(paper["form"]), paper["key"], paper.get("data", {}), file=file, own=own)


def _refused(name: str, faults: Sequence[Fault], stated: Stated = UNSTATED) -> Parsed:
    # The JSON Pointer of the whole document is the empty text (RFC 6901, section 5): people are
    # shown "/" instead.
    shown = tuple(replace(each, path=each.path or "/") for each in faults)
    return (RefusedSource(name, shown, stated),)


def _stated(document: object) -> Stated:
    """Return what a record that is no valid one says of its chart."""
    chart = document.get("chart") if isinstance(document, dict) else None
    said = chart if isinstance(chart, dict) else {}
    episode, department = said.get("episode"), said.get("department")
    return Stated(
        episode if isinstance(episode, str) else None,
        department if isinstance(department, str) else None,
    )


def _model(
    model: type[_Model], member: str, document: Mapping[str, Any], faults: Faults
) -> _Model | None:
    try:
        return model.model_validate(document[member])
    except ValidationError as error:
        for problem in error.errors(include_input=False, include_url=False, include_context=False):
            faults.add("/".join(["", member, *map(str, problem["loc"])]), code_of(problem))
        return None


def _check_keys(papers: list[dict[str, Any]], faults: Faults) -> None:
    seen: set[tuple[str, str]] = set()
    for place, paper in enumerate(papers):
        identity = (paper["form"], paper["key"])
        if not _KEY.match(paper["key"]):
            faults.add(f"/papers/{place}/key", "record.paper_key")
        if identity in seen:
            faults.add(f"/papers/{place}", "record.paper_repeated")
        seen.add(identity)
