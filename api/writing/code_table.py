"""A table of codes as a ministry publishes it, saved as CSV: the columns code and name."""

import csv
import io
import re
from collections.abc import Iterator, Mapping

from archive.base.errors import Fault, SubmissionRejected
from archive.base.text import line
from ingest.codes.imported import CODE, LONGEST_WORDS, MOST_BYTES, MOST_CODES
from ingest.codes.lists import shipped
from ingest.manifest.columns import plain
from ingest.sources import utf8

__all__ = ["MOST_BYTES", "read_table"]

_DELIMITERS = ";,\t"
_MOST_FAULTS = 50
# The headers that a column may have, as the ministries' tables and people write them.
_HEADERS = {
    "code": {"mã", "code", "mã bệnh", "mã icd", "mã icd10", "mã xã", "mã số", "mã đvhc"},
    "words": {"tên", "name", "tên bệnh", "tên tiếng việt", "tên xã", "tên đvhc", "tên nghề nghiệp"},
}  # fmt: skip


def read_table(data: bytes, name: str) -> Mapping[str, str]:
    """Return the words of each code of a table for the list `name`.

    `data`: UTF-8 with or without a byte order mark, `;`, `,` or tabs between the columns, a header
    in the first row; other columns are left out. Raises SubmissionRejected with the line of each
    fault: a code that is not valid or occurs twice, missing words. The dagger and the asterisk
    behind an ICD-10 code are no part of it.
    """
    text = utf8.decode(data, "/")
    delimiter = max(_DELIMITERS, key=text.partition("\n")[0].count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows = _rows(reader)
    code_at, words_at = _places(next(rows, (1, []))[1])
    shape = re.compile(shipped()[name].shape)
    codes, first, faults = dict[str, str](), dict[str, int](), list[Fault]()
    for number, row in rows:
        code, words = (row[at].strip() if at < len(row) else "" for at in (code_at, words_at))
        code = code.rstrip("†*+ ")
        if code in first:
            faults.append(_fault(number, "codes.twice", shown=code, first=first[code]))
        elif not CODE.match(code):
            faults.append(_fault(number, "codes.code"))
        elif not shape.fullmatch(code):
            faults.append(_fault(number, "codes.shape", shape=shape.pattern))
        elif (one_line := _words(words)) is None:
            faults.append(_fault(number, "codes.words", limit=LONGEST_WORDS))
        else:
            codes[code], first[code] = one_line, number
        if len(codes) > MOST_CODES:
            raise SubmissionRejected([_fault(number, "codes.many", limit=MOST_CODES)])
        if len(faults) >= _MOST_FAULTS:
            break
    if faults or not codes:
        raise SubmissionRejected(faults or [_fault(1, "codes.empty")])
    return codes


def _rows(reader: Iterator[list[str]]) -> Iterator[tuple[int, list[str]]]:
    """Yield each row that says something, with its number; raises SubmissionRejected."""
    number = 0
    try:
        for number, row in enumerate(reader, 1):
            if any(cell.strip() for cell in row):
                yield number, row
    except csv.Error as error:
        raise SubmissionRejected([_fault(number + 1, "codes.malformed")]) from error


def _places(header: list[str]) -> tuple[int, int]:
    """Return where code and words are; raises SubmissionRejected where one of them is not."""
    places: dict[str, int] = {}
    for column, texts in _HEADERS.items():
        known = {plain(text) for text in texts}
        for at, text in enumerate(header):
            if plain(text) in known:
                places.setdefault(column, at)
    if len(places) < len(_HEADERS):
        raise SubmissionRejected([_fault(1, "codes.columns")])
    return places["code"], places["words"]


def _words(text: str) -> str | None:
    try:
        return (line(" ".join(text.split())) or None) if len(text) <= LONGEST_WORDS else None
    except ValueError:
        return None


def _fault(number: int, code: str, **facts: object) -> Fault:
    return Fault.of("codes", f"/{number}", code, **facts)
