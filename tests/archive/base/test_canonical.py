"""What the quick encoder writes is what the library writes, for any JSON; what it may not judge
goes to the library.
"""

import math
from enum import StrEnum
from typing import Any

import pytest
import rfc8785
from hypothesis import example, given, settings
from hypothesis import strategies as st

from archive.base.canonical import CanonicalizationError, canonical

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | TEXT
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner) | st.tuples(inner) | st.dictionaries(TEXT, inner),
    max_leaves=30,
)


class Word(StrEnum):
    HOA = "hòa"


def by(encode: Any, value: Any) -> bytes | str:
    try:
        return bytes(encode(value))
    except rfc8785.CanonicalizationError:
        return "refused"


@given(VALUES)
@settings(max_examples=1000)
@example({"\U0001f600": 1, "\ufb33": 2})  # sorted by UTF-16, not by code point
@example({"b": [1.5, -0.0, 1e21, 1e-7, 37.2, 5.0], "a": '\x7f\x00\x1f"\\/\u2028é\n'})
@example([2**53 - 1, 2**53, -(2**53)])
@example([1e15, 1e16, 123456789012345.6, 0.0001, 0.00001, 1e-4, math.pi])
def test_it_writes_what_the_library_writes(value: Any) -> None:
    assert by(canonical, value) == by(rfc8785.dumps, value)


@given(st.floats(allow_nan=False, allow_infinity=False))
@settings(max_examples=2000)
def test_numbers_are_those_of_ecmascript(value: float) -> None:
    assert canonical([value]) == rfc8785.dumps([value])


@pytest.mark.parametrize(
    "value",
    [
        math.nan,
        math.inf,
        "\ud800",
        {"\udc00": 1},
        {1: 2},
        b"bytes",
        {"a": object()},
        2**53,
        [2**60],
    ],
)
def test_what_is_no_canonical_json_is_refused(value: Any) -> None:
    with pytest.raises(CanonicalizationError):
        canonical(value)


def test_words_of_a_code_list_are_their_text() -> None:
    assert canonical({"a": Word.HOA}) == '{"a":"hòa"}'.encode()
