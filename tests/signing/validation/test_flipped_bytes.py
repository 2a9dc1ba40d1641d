"""A flipped byte is never *valid*, wherever in an original it is: in a gap, in padding, in what
only frames a value.
"""

import random
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.base.errors import Unreadable
from signing.baseline import BaselineLevel
from signing.validation.result.report import ValidationReport
from signing.validation.result.verdict import Verdict
from tests.signing.validation.attacks import values
from tests.signing.validation.authority import Authority
from tests.signing.validation.conftest import Check, Original
from tests.signing.validation.regions import Span, regions

PLACES = 4  # bytes tried in each region
_HEX = b"0123456789ABCDEF"

# What must be there; a region that is not found would be tried nowhere, and the test would say
# nothing.
EXPECTED = {
    *(
        "header",
        "catalog 0",
        "page 0",
        "page tree 0",
        "stream 0",
        "data of stream 0",
        "font 0",
        "font descriptor 0",
    ),
    *(
        "XMP 0",
        "data of XMP 0",
        "attachment 0",
        "data of attachment 0",
        "attachment's name 0",
        "output intent 0",
    ),
    *(
        "structure root 0",
        "structure element 0",
        "dictionary or array 0",
        "table and trailer 0",
        "startxref 0",
    ),
    *(
        "end mark 0",
        "last line end 0",
        "catalog 1",
        "page 1",
        "form 1",
        "signature field 1",
        "seal 1",
    ),
    *(
        "byte range of seal 1",
        "value of seal 1",
        "padding of seal 1",
        "brackets of seal 1",
        "table and trailer 1",
    ),
    *(
        "last line end 1",
        "catalog 2",
        "security store 2",
        "stream 2",
        "data of stream 2",
        "signature field 2",
    ),
    *(
        "document timestamp 2",
        "byte range of document timestamp 2",
        "value of document timestamp 2",
    ),
    *(
        "padding of document timestamp 2",
        "brackets of document timestamp 2",
        "table and trailer 2",
        "startxref 2",
    ),
    *("end mark 2", "last line end 2"),
}


def verdict_of(check: Callable[[bytes], ValidationReport], pdf: bytes) -> str:
    """Return the verdict, or `unreadable`."""
    try:
        return check(pdf).verdict.value
    except Unreadable:
        return "unreadable"


def places(spans: list[Span], seed: str) -> list[int]:
    """Return the first and last byte of a region and some between, the same ones in each run."""
    every = [at for start, end in spans for at in (start, end - 1)]
    inside = [at for start, end in spans for at in range(start, end)]
    some = random.Random(seed)
    return sorted({every[0], every[-1], *some.sample(inside, min(PLACES, len(inside)))})


def changes(pdf: bytes, at: int, region: str) -> Iterator[bytes]:
    """Yield `pdf` with one byte changed: one bit; in a value, also the case of a letter or another
    digit.
    """
    byte = pdf[at]
    others = [byte ^ 0x01]
    if region.startswith(("value", "padding")):
        others += [byte ^ 0x20] if chr(byte).isalpha() else []
        others += [_HEX[(_HEX.index(byte) + 7) % 16]]
    for other in others:
        yield pdf[:at] + bytes([other]) + pdf[at + 1 :]


def test_the_original_itself_is_valid(original: Original) -> None:
    report = original.check()
    assert (report.verdict, report.level) == (Verdict.VALID, BaselineLevel.B_LTA)


def test_every_region_is_found(original: Original) -> None:
    by_name = regions(original.pdf)
    assert set(by_name) >= EXPECTED
    named = {at for spans in by_name.values() for start, end in spans for at in range(start, end)}
    assert named == set(range(len(original.pdf)))


@pytest.mark.parametrize("region", sorted(EXPECTED))
def test_a_flipped_byte_is_never_valid(original: Original, region: str) -> None:
    for at in places(regions(original.pdf)[region], region):
        for changed in changes(original.pdf, at, region):
            assert verdict_of(original.check, changed) != "valid", f"byte {at}"


@pytest.mark.parametrize("region", ["value of seal 1", "value of document timestamp 2"])
@pytest.mark.parametrize("space", [b" ", b"\n", b"\0"])
def test_white_space_in_a_value_is_never_valid(
    original: Original, region: str, space: bytes
) -> None:
    start, end = regions(original.pdf)[region][0]
    middle = (start + end) // 2
    padded = original.pdf[:middle] + space + original.pdf[middle:]
    replaced = original.pdf[:middle] + space + original.pdf[middle + 1 :]
    assert verdict_of(original.check, padded) != "valid"
    assert verdict_of(original.check, replaced) != "valid"


@pytest.mark.parametrize("region", ["value of seal 1", "value of document timestamp 2"])
def test_hex_of_two_cases_is_never_valid(original: Original, region: str) -> None:
    start, end = regions(original.pdf)[region][0]
    half = (start + end) // 2
    assert (
        verdict_of(
            original.check,
            original.pdf[:start] + original.pdf[start:half].swapcase() + original.pdf[half:],
        )
        != "valid"
    )


def test_a_flipped_digit_is_never_valid_where_the_seal_is_the_last_value(
    authority: Authority, check: Check, paper_pdf: bytes
) -> None:
    sealed = authority.seal(paper_pdf, "B-LT")
    assert check(sealed).verdict is Verdict.VALID
    start, end = values(sealed)[0]
    for at in random.Random("B-LT").sample(range(start, end), 60):
        assert verdict_of(check, next(changes(sealed, at, "page"))) != "valid", f"byte {at}"


@given(data=st.data())
@settings(max_examples=20)
def test_any_other_byte_anywhere_is_never_valid(original: Original, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(original.pdf) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda byte: byte != original.pdf[at]))
    assert (
        verdict_of(original.check, original.pdf[:at] + bytes([byte]) + original.pdf[at + 1 :])
        != "valid"
    )
