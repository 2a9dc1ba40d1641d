"""Finds the end of a JPEG or PNG by its format, and data behind it: no viewer shows it, but Kho
would archive it.
"""

import re
import struct
from collections.abc import Iterator

from ingest.sources.kinds import JPEG, PNG, FileKind

# ITU-T T.81, B.1.1.2: a marker is FF, any more FF, and a byte of its own; within a scan FF 00 and
# RSTn are data.
_MARKER = re.compile(rb"\xff+([^\xff])", re.DOTALL)
_SCAN_OVER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]", re.DOTALL)
_ALONE = frozenset(b"\x01\xd0\xd1\xd2\xd3\xd4\xd5\xd6\xd7")  # TEM, RSTn: without a length
_EOI, _SOS = 0xD9, 0xDA
_PADDING = b"\0"  # scanners fill blocks up; zeros hide nothing


def ending_fault(data: bytes, kind: FileKind) -> str | None:
    """Return the code of the fault at the end of the image `data`, or None.

    A TIFF has no end mark: its parts may be in any order.
    """
    if kind not in _ENDS:
        return None
    try:
        end = _ENDS[kind](data)
    except struct.error:
        return "image.damaged"
    if end is None or end > len(data):
        return "image.damaged"
    return "image.junk_after" if data[end:].strip(_PADDING) else None


def scans(data: bytes) -> int:
    """Return how many scans the JPEG `data` has: a reader decodes the whole picture for each (ITU-T
    T.81, G.1.1).
    """
    try:
        return sum(marker == _SOS for marker, _ in _jpeg_markers(data))
    except struct.error:
        return 0  # it is damaged, and `ending_fault` reports that


def _jpeg_end(data: bytes) -> int | None:
    """Return where the marker EOI ends; None where the markers cannot be followed to it (ITU-T
    T.81, Annex B).
    """
    return next((end for marker, end in _jpeg_markers(data) if marker == _EOI), None)


def _jpeg_markers(data: bytes) -> Iterator[tuple[int, int]]:
    """Yield each marker up to EOI and where it ends, for as long as one follows another.

    Raises struct.error.
    """
    at, marker = 2, 0
    while marker != _EOI and (segment := _MARKER.match(data, at)):
        at, marker = segment.end(), segment[1][0]
        yield marker, at
        if marker == _EOI or marker in _ALONE:
            continue
        at += int(struct.unpack_from(">H", data, at)[0])
        if marker == _SOS:
            over = _SCAN_OVER.search(data, at)
            if over is None:
                return
            at = over.start()


def _png_end(data: bytes) -> int:
    """Return where the chunk IEND ends (ISO/IEC 15948, 5.3)."""
    at, name = 8, b""
    while name != b"IEND":
        size, name = struct.unpack_from(">I4s", data, at)
        at += size + 12
    return at


_ENDS = {JPEG: _jpeg_end, PNG: _png_end}
