"""A child that a file has taken over may answer anything:
its parent refuses the file and goes on.
"""

import json
from typing import Any

import pytest

from api.web.pictures import read_count
from archive.isolation.child import TooDemanding
from ingest.files.fidelity import Difference, read_differences
from ingest.files.flattening.flat import Mark, read_flat
from ingest.files.inspect_file import read_findings
from ingest.files.limits import FILE_LIMITS

LIMITS = FILE_LIMITS.convert
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
GOOD: dict[str, Any] = {
    "faults": {},
    "pages": 1,
    "pictures": False,
    "report": None,
    "pdfa": False,
}


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


LOOKS: dict[str, Any] = {"what": "looks", "page": 2, "kind": "Stamp", "at": [10, 20]}


def test_an_unknown_difference_is_refused() -> None:
    assert read_differences(json.dumps([LOOKS]).encode(), FILE_LIMITS) == (
        Difference("looks", 2, "Stamp", (10, 20)),
    )
    for changes in (
        {"what": "price"},
        {"page": -1},
        {"page": "x"},
        {"kind": "<b>"},
        {"at": [1, 2, 3]},
        {"at": ["x", "y"]},
    ):
        with pytest.raises(TooDemanding):
            read_differences(json.dumps([{**LOOKS, **changes}]).encode(), FILE_LIMITS)


FLAT: dict[str, Any] = {
    "sizes": [1, 1, 0, 1],
    "numbers": [0],
    "tagged_or_pdfa": False,
    "marks": [{"page": 0, "box": [0, 0, 9, 9], "kind": "Ink", "drawn": False}],
}


def test_a_flattened_file_is_read_by_the_sizes_of_its_parts() -> None:
    flat = read_flat(b"pdf", json.dumps(FLAT).encode() + b"\nABC", LIMITS)
    assert (flat.pages, flat.bare, flat.looks, flat.seen) == (b"A", b"B", b"", b"C")
    assert flat.marks == (Mark(0, (0.0, 0.0, 9.0, 9.0), "Ink", False),)


@pytest.mark.parametrize(
    "changes",
    [
        {"sizes": [1, 1, 1, 1]},
        {"sizes": [3]},
        {"sizes": [-1, 1, 1, 2]},
        {"marks": [{}]},
        {"marks": [{"page": 0, "box": [0, 0, 9], "kind": "Ink", "drawn": False}]},
        {"marks": [{"page": 0, "box": [0, 0, 9, 9], "kind": "<b>", "drawn": False}]},
    ],
)
def test_junk_is_no_flattened_file(changes: dict[str, Any]) -> None:
    for answer in (json.dumps({**FLAT, **changes}).encode() + b"\nABC", *JUNK):
        with pytest.raises(TooDemanding):
            read_flat(b"pdf", answer, LIMITS)
