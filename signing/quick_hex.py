"""Hexadecimal strings read at once: pyHanko reads them digit by digit, a fifth of the time for
reading a sealed PDF.

A signature's value is such a string of ten thousand digits and more. A string with other characters
goes to pyHanko.
"""

import io
import re
from typing import Any

import pyhanko.sign  # noqa: F401 - the door to its circle of modules, for every thread
from pyhanko.pdf_utils import generic

_DIGITS = re.compile(rb"[0-9A-Fa-f]*")
_PIECE = 1 << 16
_slow = generic.read_hex_string_from_stream


def read_hex_string(stream: Any) -> Any:
    """Do what pyHanko's `read_hex_string_from_stream` does: read a string at `<`, and leave the
    stream behind `>`.
    """
    start = stream.tell()
    pieces: list[bytes] = []
    stream.seek(1, io.SEEK_CUR)
    while piece := stream.read(_PIECE):
        match = _DIGITS.match(piece)
        assert match is not None  # the empty string matches
        pieces.append(match[0])
        if match.end() < len(piece):
            if piece[match.end()] != ord(">"):
                break
            digits = b"".join(pieces)
            stream.seek(start + len(digits) + 2)
            return generic.pdf_string(
                bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode("ascii"))
            )
    stream.seek(start)
    return _slow(stream)


def quicken() -> None:
    """Make pyHanko, in this process, use :func:`read_hex_string`."""
    generic.read_hex_string_from_stream = read_hex_string
