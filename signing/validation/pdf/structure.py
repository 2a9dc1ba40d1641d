"""The bytes around each signature: checks for faults that pyHanko alone lets pass.

A signature value is in a gap that no digest covers, so the gap may hold exactly one thing: `<`, hex
digits of one case (DER, then zeros), `>` (ISO 32000-2, 12.8.1; ETSI EN 319 142-1, 6.3). Everything
else of a revision is covered.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from signing.validation.cms_value import der
from signing.validation.facts import Flaw

_END = re.compile(rb"startxref\s+\d+\s+%%EOF(?:\r\n|\r|\n)?\Z")
_END_WINDOW = 64  # bytes: `startxref`, a number, `%%EOF` and line ends
_HEX = re.compile(rb"[0-9a-f]*\Z|[0-9A-F]*\Z")


@dataclass(frozen=True, slots=True)
class Value:
    """One signature value: /ByteRange and /Contents as a PDF reader sees them, and the revision
    that holds them.
    """

    byte_range: tuple[int, ...]
    contents: bytes  # with the zeros that pad it
    revision: int

    @property
    def end(self) -> int:
        """Return where the covered bytes end."""
        return self.byte_range[2] + self.byte_range[3]


def inspect(pdf: bytes, values: Sequence[Value], last_revision: int) -> frozenset[Flaw]:
    """Return what is wrong with the bytes of a file that holds `values` (in order) and ends in
    `last_revision`.
    """
    return frozenset(_flaws(pdf, values, last_revision))


def _flaws(pdf: bytes, values: Sequence[Value], last_revision: int) -> Iterable[Flaw]:
    if not pdf.startswith(b"%PDF-"):
        yield Flaw.HEADER
    if not _ends(pdf):
        yield Flaw.END_OF_FILE
    for value in values:
        if not _is_two_spans(value.byte_range, len(pdf)):
            yield Flaw.BYTE_RANGE
            return  # the rest is measured with these numbers
        if not _ends(pdf[max(0, value.end - _END_WINDOW) : value.end]):
            yield Flaw.END_OF_FILE
        yield from _gap(pdf[value.byte_range[1] : value.byte_range[2]], value.contents)
    yield from _order(pdf, values, last_revision)


def _ends(data: bytes) -> bool:
    return _END.search(data[-_END_WINDOW:]) is not None


def _is_two_spans(byte_range: tuple[int, ...], size: int) -> bool:
    if len(byte_range) != 4:
        return False
    start, first, resume, second = byte_range
    return start == 0 and 0 < first < resume and second > 0 and resume + second <= size


def _gap(gap: bytes, seen: bytes) -> Iterable[Flaw]:
    digits = gap[1:-1]
    if gap[:1] != b"<" or gap[-1:] != b">" or len(digits) % 2 or not _HEX.match(digits):
        yield Flaw.CONTENTS_HEX
        return
    contents = bytes.fromhex(digits.decode("ascii"))
    if contents != seen:
        yield Flaw.BYTE_RANGE  # the gap is somewhere else than the value
    try:
        end = der.end_of_value(contents)
        der.check(contents[:end])
    except der.NotDer:
        yield Flaw.CONTENTS_DER
        return
    if contents[end:].strip(b"\0"):
        yield Flaw.CONTENTS_PADDING


def _order(pdf: bytes, values: Sequence[Value], last_revision: int) -> Iterable[Flaw]:
    """Revisions and signatures must tell one story, so that a broken signature cannot vanish from
    sight.
    """
    if not values:
        return
    if len({value.revision for value in values}) != len(values) or len(
        {value.end for value in values}
    ) != len(values):
        yield Flaw.DUPLICATE
    if [value.end for value in values] != sorted(value.end for value in values):
        yield Flaw.BYTE_RANGE
    first, last = values[0], values[-1]
    if pdf.count(b"/ByteRange", first.end) != len(values) - 1:
        yield Flaw.HIDDEN_SIGNATURE
    if pdf.count(b"%%EOF", last.end) != last_revision - last.revision or (last.end == len(pdf)) != (
        last.revision == last_revision
    ):
        yield Flaw.END_OF_FILE
