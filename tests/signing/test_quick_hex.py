"""Hexadecimal strings read at once are the same strings."""

from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyhanko.pdf_utils.misc import PdfReadError, PdfStreamError

from signing import quick_hex


def read(function: object, data: bytes) -> object:
    stream = BytesIO(data)
    try:
        return function(stream), stream.tell()  # type: ignore[operator]
    except (PdfStreamError, PdfReadError) as error:
        return type(error), str(error)


@given(st.text("0123456789abcdefABCDEF \n\r\t%>g", max_size=40), st.binary(max_size=5))
def test_every_string_is_read_as_pyhanko_reads_it(inside: str, after: bytes) -> None:
    data = b"<" + inside.encode() + b">" + after
    assert read(quick_hex.read_hex_string, data) == read(quick_hex._slow, data)


@pytest.mark.parametrize("size", [0, 1, 2, (1 << 16) - 1, 1 << 16, (1 << 16) + 1, 300_001])
def test_long_strings_are_read_as_pyhanko_reads_them(size: int) -> None:
    data = b"<" + (b"A5f" * size)[:size] + b"> /Next"
    assert read(quick_hex.read_hex_string, data) == read(quick_hex._slow, data)
