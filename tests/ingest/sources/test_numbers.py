"""A decimal is taken unchanged or refused: no digit is lost in silence (RFC 8785, 3.2.2.3; RFC
7493, 2.2).
"""

import pytest

from archive.base.errors import SubmissionRejected
from ingest.sources.strict_json import parse_json


@pytest.mark.parametrize(
    ("digits", "number"),
    [
        ("0.1", 0.1),
        ("37.50", 37.5),
        ("-0.0", 0.0),
        ("1e2", 100.0),
        ("1.7976931348623157e308", 1.7976931348623157e308),
        ("5e-324", 5e-324),
        ("12345e-2", 123.45),
        ("0.30000000000000004", 0.30000000000000004),
    ],
)
def test_a_decimal_that_a_double_says_exactly_is_taken(digits: str, number: float) -> None:
    assert parse_json(b'{"a": %s}' % digits.encode()) == {"a": number}


@pytest.mark.parametrize(
    "digits",
    [
        "12345678901234567890.5",
        "12345678901234567.0",
        "0.12345678901234567890",
        "1e-400",
        "1e400",
        "1e-99999999999999999999999",
        "4.9e-324",
        "1." + "0" * 5000 + "1",
    ],
)
def test_a_decimal_whose_digits_would_be_lost_is_refused_where_it_is(digits: str) -> None:
    with pytest.raises(SubmissionRejected) as refused:
        parse_json(b'{"a": [1, %s]}' % digits.encode())
    assert [(fault.path, fault.code) for fault in refused.value.faults] == [("/a/1", "json.number")]
