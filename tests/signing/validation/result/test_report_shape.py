"""A report comes from a child that a file may have taken over: only what a validator writes is
read.
"""

import copy
import json
from typing import Any

import pytest

from signing.validation.result.report import ValidationReport
from signing.validation.validate import validate
from tests.signing.validation.authority import DAY, NOW, Authority


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("verdict",), "perfect"),
        (("signatures",), {"a": 1}),
        (("signatures",), [1]),
        (("signatures", 0), {}),
        (("signatures", 0, "subject"), ["A"]),
        (("signatures", 0, "subject"), "A" * 5000),
        (("signatures", 0, "sealed_at"), "yesterday"),
        (("signatures", 0, "sealed_at"), "2026-01-01T00:00:00"),
        (("signatures", 0, "certificate_valid"), {}),
        (("signatures", 0, "timestamp"), {"time": None}),
        (("signatures", 0, "problems"), "none"),
        (("signatures", 0, "trusted"), "yes"),
        (("pdfa",), [1]),
        (("reasons",), {"vi": 1, "en": "x"}),
        (("reasons",), {"vi": "x"}),
        (("reasons",), []),
    ],
)
def test_a_report_that_no_validator_writes_is_refused(
    authority: Authority, sealed: bytes, path: tuple[Any, ...], value: object
) -> None:
    report = validate(sealed, authority.trust, at=NOW + DAY).as_json()
    assert ValidationReport.from_json(json.loads(json.dumps(report))).as_json() == report
    changed = copy.deepcopy(report)
    inner: Any = changed
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    with pytest.raises((ValueError, KeyError, TypeError, AttributeError)):
        ValidationReport.from_json(changed)
