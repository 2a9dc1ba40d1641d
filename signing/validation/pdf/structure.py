"""The bytes around each signature, and behind the last: what no digest covers.

A signature value is in a gap that no digest covers, so the gap may hold exactly one thing: `<`, hex
digits (a CMS, then zeros), `>` (ISO 32000-2, 12.8.1; ETSI EN 319 142-1, 6.3). Everything else of a
revision is covered.
"""

import re
from collections.abc import Iterable, Iterator

from signing.validation.facts import Flaw

# Some makers end their lines twice.
_END = re.compile(rb"startxref\s+(\d+)\s+%%EOF(?:\r\n|\r|\n){0,2}\Z")
_END_WINDOW = 128  # bytes: `startxref`, a number, `%%EOF` and line ends
_HEX = re.compile(rb"[0-9a-f]*\Z|[0-9A-F]*\Z")
_SPACE = re.compile(rb"[\0\t\n\f\r ]+")  # ISO 32000-2, table 1


def is_two_spans(byte_range: tuple[int, ...], size: int) -> bool:
    """Return if a /ByteRange is two spans from the beginning of a file of `size` bytes, with a gap
    between.
    """
    if len(byte_range) != 4:
        return False
    start, first, resume, second = byte_range
    return start == 0 and 0 < first < resume and second > 0 and resume + second <= size


def gap_flaws(gap: bytes, contents: bytes) -> Iterator[Flaw]:
    """Yield what is wrong with the gap of a /ByteRange, which must hold the value `contents`."""
    digits = gap[1:-1]
    if gap[:1] != b"<" or gap[-1:] != b">":
        yield Flaw.BYTE_RANGE
        return
    if not _HEX.match(digits):
        yield Flaw.CONTENTS_HEX
    try:
        value = bytes.fromhex(_SPACE.sub(b"", digits).decode("ascii"))
    except ValueError:
        value = b""
    if value != contents:
        yield Flaw.BYTE_RANGE  # the gap is somewhere else than the value


def file_flaws(pdf: bytes, ends: Iterable[int]) -> Iterator[Flaw]:
    """Yield what is wrong with the frame of a file whose signatures cover it up to `ends`.

    Each revision after the first signature's must begin where a signed one ends, and have its own
    object table: else a reader may take another document for the file.
    """
    if not pdf.startswith(b"%PDF-"):
        yield Flaw.HEADER
    signed = sorted(ends)
    for before, end in zip([0, *signed], [*signed, len(pdf)], strict=True):
        if before == end:
            continue
        table = _END.search(pdf[max(before, end - _END_WINDOW) : end])
        if table is None or (before and not before <= int(table[1]) < end):
            yield Flaw.END_OF_FILE
