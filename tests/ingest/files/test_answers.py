"""A child that a file has taken over may answer anything:
its parent refuses the file and goes on.
"""

import json
from typing import Any

import pytest

from api.web.pictures import read_count
from archive.isolation.child import TooDemanding
from ingest.files.fidelity import read_differences
from ingest.files.inspect_file import read_findings
from ingest.files.limits import FILE_LIMITS

JUNK = [
    b"",
    b"\xff",
    b"[]",
    b"null",
    b"7",
    b'"x"',
    b"[" * 100_000,
    b'{"faults": 1}',
    b"[[]]",
    b"[{}]",
    b"9" * 5000,
]
GOOD: dict[str, Any] = {"faults": {}, "pages": 1, "pictures": False, "report": None}


@pytest.mark.parametrize("answer", JUNK)
def test_junk_is_no_answer(answer: bytes) -> None:
    with pytest.raises(TooDemanding):
        read_findings(answer, FILE_LIMITS)
    if answer != b"[]":
        with pytest.raises(TooDemanding):
            read_differences(answer, FILE_LIMITS)
    if answer != b"7":
        with pytest.raises(TooDemanding):
            read_count(answer)


@pytest.mark.parametrize(
    "changes",
    [
        {"faults": {"no.such_code": {}}},
        {"faults": {"pdf.pages": {}}},  # the sentence wants a limit
        {"faults": {"pdf.pages": {"path": "/", "code": "x"}}},
        {"faults": {"pdf.pages": 3}},
        {"faults": [["pdf.pages", {}]]},
        {"pages": 10**9},
        {"pages": -1},
        {"pages": 1e400},
        {"pages": "many"},
        {"report": 1},
        {"report": {}},
    ],
)
def test_findings_that_no_reader_makes_are_no_findings(changes: dict[str, Any]) -> None:
    assert read_findings(json.dumps(GOOD).encode(), FILE_LIMITS).pages == 1
    with pytest.raises(TooDemanding):
        read_findings(json.dumps({**GOOD, **changes}).encode(), FILE_LIMITS)


def test_an_unknown_difference_is_refused() -> None:
    assert read_differences(b'["looks", "text"]', FILE_LIMITS) == {"looks", "text"}
    with pytest.raises(TooDemanding):
        read_differences(b'["looks", "price"]', FILE_LIMITS)
