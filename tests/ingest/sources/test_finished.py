"""A JSON record finds its files inside itself or beside it, and names what it cannot take."""

import base64
import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from archive.base.errors import SubmissionRejected, Unavailable
from ingest.forms.own_facts import OwnFacts
from ingest.sources.detect import parse_source
from ingest.sources.finished import Examine, checked_name, refuse_files
from ingest.sources.limits import DEFAULT_LIMITS, Limits
from ingest.sources.photographs import Content, Photographs
from ingest.submission import FinishedFile, RefusedSource, Submission
from tests.archive.marks import MARKS
from tests.ingest.sources.charts import CATALOG, FACILITY, json_chart

HELLO = base64.b64encode(b"hello").decode()


def taken(name: str, data: Content, dated: date | None, path: str) -> FinishedFile:
    """Take any file for a PDF: what looks at files really is tried elsewhere."""
    if isinstance(data, Photographs):
        data = b"+".join(each.data for each in data.photographs)
    return FinishedFile(name, "application/pdf", data, "pdf", dated)


def parsed(
    *files: dict[str, Any],
    beside: dict[str, bytes] | None = None,
    examine: Examine = taken,
    limits: Limits = DEFAULT_LIMITS,
) -> Submission | RefusedSource:
    """Parse a record whose papers are `files`."""
    papers = [{"form": "KHAC", "key": str(place), "file": file} for place, file in enumerate(files)]
    record = json.dumps(json_chart(papers=papers)).encode()
    (source,) = parse_source(
        "a", record, CATALOG, FACILITY, limits, beside=beside or {}, examine=examine
    )
    return source


def test_a_file_inside_the_record_and_one_beside_it_are_papers() -> None:
    source = parsed(
        {"name": "Giấy.pdf", "content": HELLO, "dated": "2026-01-12"},
        {"name": "b"},
        beside={"b": b"there"},
    )
    assert isinstance(source, Submission)
    files = [paper.file for paper in source.papers]
    assert [(file.name, file.data, file.dated) for file in files if file] == [
        ("Giấy.pdf", b"hello", date(2026, 1, 12)),
        ("b", b"there", None),
    ]
    assert [paper.data for paper in source.papers] == [{}, {}]


def test_photographs_beside_the_record_are_one_paper_in_its_order() -> None:
    beside = {"2.jpg": b"two", "Trang đầu.jpg": b"one"}
    source = parsed({"name": "Giấy", "photographs": ["Trang đầu.jpg", "2.jpg"]}, beside=beside)
    assert isinstance(source, Submission)
    assert [paper.file.data for paper in source.papers if paper.file] == [b"one+two"]


@pytest.mark.parametrize(
    ("photographs", "path", "code"),
    [
        (["1.jpg", "away.jpg"], "/papers/0/file/photographs/1", "file.missing"),
        (["1.jpg", "1.jpg"], "/papers/0/file/photographs/1", "file.repeated"),
        ([], "/papers/0/file/photographs", "record.too_few"),
        (["1.jpg"] * 101, "/papers/0/file/photographs", "record.too_many"),
        ("1.jpg", "/papers/0/file/photographs", "record.type"),
    ],
)
def test_photographs_that_are_not_there_or_not_a_list_are_named(
    photographs: Any, path: str, code: str
) -> None:
    source = parsed({"name": "a", "photographs": photographs}, beside={"1.jpg": b"one"})
    assert isinstance(source, RefusedSource)
    assert [fault.path for fault in source.faults] == [path]
    if code.startswith("file."):
        assert [fault.code for fault in source.faults] == [code]


def test_photographs_are_not_also_a_file_inside_the_record() -> None:
    source = parsed({"name": "a", "photographs": ["1.jpg"], "content": HELLO})
    assert isinstance(source, RefusedSource)


def test_any_form_may_be_a_file_also_one_that_takes_no_data() -> None:
    for form in CATALOG.newest():
        paper = {"form": form.code, "key": "1", "data": {}, "file": {"name": "a", "content": HELLO}}
        record = json.dumps(json_chart(papers=[paper])).encode()
        (source,) = parse_source("a", record, CATALOG, FACILITY, examine=taken)
        assert isinstance(source, Submission), form.code


REFUSED: dict[str, RefusedSource | Submission] = {
    "file.missing": parsed({"name": "a"}),
    "file.name": parsed({"name": "a/b", "content": HELLO}),
    "file.not_base64": parsed({"name": "a", "content": "aGVsbG8"}),
    "file.repeated": parsed({"name": "a"}, {"name": "a"}, beside={"a": b"x"}),
    "file.together_too_large": parsed(
        {"name": "a", "content": HELLO},
        {"name": "b", "content": HELLO},
        limits=replace(DEFAULT_LIMITS, files_bytes=9),
    ),
    "file.not_taken": parsed({"name": "a", "content": HELLO}, examine=refuse_files),
}


@pytest.mark.parametrize("code", REFUSED)
def test_what_cannot_be_taken_refuses_the_record(code: str) -> None:
    source = REFUSED[code]
    assert isinstance(source, RefusedSource)
    assert code in [fault.code for fault in source.faults]


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "..",
        "../a",
        "a/b",
        "a\\b",
        "a\0b",
        "a\nb",
        "a\u202eb",
        " a",
        "a ",
        ".a",
        "a:b",
        "a" * 201,
    ],
)
def test_a_name_is_a_name_and_no_path(name: str) -> None:
    source = parsed({"name": name, "content": HELLO})
    assert isinstance(source, RefusedSource)
    assert all(fault.path.startswith("/papers/0/file") for fault in source.faults)


def test_a_source_without_an_examiner_takes_no_files() -> None:
    papers = [{"form": "KHAC", "key": "1", "file": {"name": "a", "content": HELLO}}]
    (source,) = parse_source("a", json.dumps(json_chart(papers=papers)).encode(), CATALOG, FACILITY)
    assert isinstance(source, RefusedSource)
    assert [fault.code for fault in source.faults] == ["file.not_taken"]


def test_a_component_that_is_away_is_no_fault_of_the_file() -> None:
    def away(name: str, data: Content, dated: date | None, path: str) -> FinishedFile:
        raise Unavailable(component="clamd", why="away")

    with pytest.raises(Unavailable):
        parsed({"name": "a", "content": HELLO}, examine=away)


def test_no_file_is_looked_at_while_anything_else_is_wrong() -> None:
    def never(name: str, data: Content, dated: date | None, path: str) -> FinishedFile:
        pytest.fail("a file was looked at")

    paper = {"form": "KHAC", "key": "a/b", "file": {"name": "a", "content": HELLO}}
    (source,) = parse_source(
        "a", json.dumps(json_chart(papers=[paper])).encode(), CATALOG, FACILITY, examine=never
    )
    assert isinstance(source, RefusedSource)


@pytest.mark.parametrize(
    "papers", [None, 1, {}, [None], [{"file": 1}], [{"file": {}}], [{"file": {"content": 1}}]]
)
def test_a_record_of_another_shape_is_refused(papers: Any) -> None:
    (source,) = parse_source(
        "a", json.dumps(json_chart(papers=papers)).encode(), CATALOG, FACILITY, examine=taken
    )
    assert isinstance(source, RefusedSource)


def test_a_name_of_marks_without_end_is_refused_before_it_is_normalised() -> None:
    for name in (MARKS, "a" + "\u0301" * 31 + ".pdf"):
        with pytest.raises(SubmissionRejected):
            checked_name(name, "/papers/0/file/name", DEFAULT_LIMITS)


def test_a_file_of_a_form_without_a_prescribed_title_states_its_own() -> None:
    source = parsed({"name": "a.pdf", "content": HELLO, "title": "Đơn xin ra viện"})
    assert isinstance(source, Submission)
    assert source.papers[0].own == OwnFacts(title="Đơn xin ra viện")
