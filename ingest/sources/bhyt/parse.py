"""The way from a GIAMDINHHS file to submissions: envelope, tables, version, facts, papers.

A hospital archives here what it has already produced. So Kho does not refuse a chart for a fault
that concerns only the insurer (`archive.yaml` states the rules as data). It refuses what would make
the archive wrong: bytes that are not what they claim to be, a chart without its key, patient or
dates, tables of another chart, patient or facility, values that are longer than their field, days
that do not exist.
"""

from collections import Counter
from collections.abc import Iterator

from archive.base.errors import SubmissionRejected
from archive.base.identifiers import FacilityCode
from ingest.sources.bhyt.checks import check_chart
from ingest.sources.bhyt.content import Content, check_fields, read_content
from ingest.sources.bhyt.envelope import ChartFiles, read_envelope
from ingest.sources.bhyt.facts import ChartReader
from ingest.sources.bhyt.papers import papers
from ingest.sources.bhyt.policy import policy
from ingest.sources.bhyt.practitioners import practitioners
from ingest.sources.bhyt.table import Version, recognise, structures
from ingest.sources.faults import Faults, fault
from ingest.sources.limits import DEFAULT_LIMITS, Limits
from ingest.sources.notices import notice, of_legacy_text
from ingest.submission import Parsed, RefusedSource, Stated, Submission


def parse(
    name: str, data: bytes, facility: FacilityCode, limits: Limits = DEFAULT_LIMITS
) -> Parsed:
    """Return what the file `name` holds: one submission or refusal a HOSO, in order, or one refusal
    of the whole file.

    `source` is `name` for a file with one HOSO, else `name#1`, `name#2` ... It raises nothing for
    bad input.
    """
    try:
        envelope = read_envelope(data, limits)
    except SubmissionRejected as refused:
        return (RefusedSource(name, refused.faults),)
    if envelope.facility not in (None, facility):
        return (RefusedSource(name, (fault("/THONGTINDONVI/MACSKCB", "facility.other"),)),)
    several = len(envelope.charts) > 1
    parsed = [
        _chart(f"{name}#{number}" if several else name, chart, facility, envelope.facility, limits)
        for number, chart in enumerate(envelope.charts, start=1)
    ]
    return _without_repeated(parsed)


def _chart(
    source: str,
    chart: ChartFiles,
    facility: FacilityCode,
    envelope_facility: str | None,
    limits: Limits,
) -> Submission | RefusedSource:
    faults = chart.faults
    contents = _contents(chart, faults, limits)
    if not contents:
        if not faults:
            faults.add(chart.path, "chart.no_table")
        return RefusedSource(source, faults.all())
    reader = ChartReader(chart.path, contents, faults)
    check_chart(chart.path, contents, facility, envelope_facility, faults)
    version = _version(contents, reader)
    for content in contents:
        check_fields(content, version.tables.get(content.file.code, content.table).fields, faults)
    patient, facts = reader.patient(), reader.chart()
    if patient and facts:
        reader.check_order(patient, facts)
    if faults or patient is None or facts is None:
        return RefusedSource(source, faults.all(), reader.stated())
    said = [content for content in contents if not _is_empty(content)]
    if not said:
        return RefusedSource(source, (fault(chart.path, "chart.no_table"),), reader.stated())
    notices = tuple(
        notice(content.file.path, "table.empty") for content in contents if _is_empty(content)
    )
    notices += of_legacy_text(text for content in said for text in _texts(content))
    return Submission(
        source,
        facility,
        patient,
        facts,
        papers(said, version),
        notices=notices,
        practitioners=practitioners(said, version),
    )


def _is_empty(content: Content) -> bool:
    """Return whether a table has its keys only: a program exported a template that was not filled
    in.
    """
    return all(policy().keys.issuperset(row.values) for row in content.rows)


def _texts(content: Content) -> Iterator[tuple[str, str]]:
    """Yield each text of a table with its path; a name that no version knows is the sender's own
    text.
    """
    for row in content.rows:
        for name, text in row.values.items():
            yield f"{row.path}/{name if name in content.table.fields else '*'}", text


def _contents(chart: ChartFiles, faults: Faults, limits: Limits) -> list[Content]:
    contents: list[Content] = []
    for file in chart.files:
        try:
            content = read_content(file, structures()[file.code], faults, limits)
        except SubmissionRejected as refused:
            faults.extend(refused.faults)
            continue
        if content.rows:  # a template that was not filled in is an unused table
            contents.append(content)
    return contents


def _version(contents: list[Content], reader: ChartReader) -> Version:
    names: dict[str, set[str]] = {}
    for content in contents:
        names.setdefault(content.file.code, set()).update(*(row.names for row in content.rows))
    return recognise(names, reader.discharged_on())


def _without_repeated(parsed: list[Submission | RefusedSource]) -> Parsed:
    """Refuse charts of one file that have the same key: Kho cannot know which of them is right."""
    times = Counter(each.chart.episode for each in parsed if isinstance(each, Submission))
    return tuple(
        RefusedSource(
            each.source,
            (fault(f"/HOSO[{number}]", "chart.repeated"),),
            Stated(each.chart.episode, each.chart.department),
        )
        if isinstance(each, Submission) and times[each.chart.episode] > 1
        else each
        for number, each in enumerate(parsed, start=1)
    )
