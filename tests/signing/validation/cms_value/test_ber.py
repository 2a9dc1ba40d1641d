"""BER becomes BER with definite lengths; a part that has them keeps its bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signing.validation.cms_value import ber


@pytest.mark.parametrize(
    ("text", "definite"),
    [
        ("30800201010000", "3003020101"),
        ("308030800201010000020102 0000", "30083003020101020102"),
        ("2480040161 04020062 0000", "0403610062"),
        ("2407 0401612402 0400", "040161"),
        ("2380 0302000f 030204f0 0000", "0303040ff0"),
        ("a080 2480 0401610000 0000", "a003040161"),
        # a length in a longer form is kept, for its part may be signed
        ("3081030201ff", "3081030201ff"),
        ("3080 3081030201ff 0000", "30063081030201ff"),
        ("2380 0000", "030100"),
        ("1f8101 0161", "1f81010161"),
    ],
)
def test_lengths_become_definite_and_strings_whole(text: str, definite: str) -> None:
    data = bytes.fromhex(text.replace(" ", ""))
    assert ber.with_definite_lengths(data + b"\0\0\0") == (bytes.fromhex(definite), len(data))


@pytest.mark.parametrize(
    "text", ["", "30", "3080", "30800201", "0480", "2480020101 0000", "3083010000"]
)
def test_other_bytes_are_refused(text: str) -> None:
    with pytest.raises(ber.NotBer):
        ber.with_definite_lengths(bytes.fromhex(text.replace(" ", "")))


def test_deep_nesting_is_refused() -> None:
    with pytest.raises(ber.NotBer):
        ber.with_definite_lengths(b"\x30\x80" * 100 + b"\0\0" * 100)


@given(st.binary(max_size=64))
def test_any_bytes_are_judged(data: bytes) -> None:
    try:
        definite, end = ber.with_definite_lengths(data)
    except ber.NotBer:
        return
    assert end <= len(data)
    assert ber.with_definite_lengths(definite) == (definite, len(definite))
