"""Reading the table: CSV as Excel and others write it, with a byte order mark or without, `;`, `,`
or tabs.
"""

import codecs
import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

from archive.base.errors import Fault, SubmissionRejected
from ingest.manifest.columns import Column, columns, fault
from ingest.sources import utf8

MOST_BYTES = 64 << 20
MOST_ROWS = 500_000
MOST_COLUMNS = 1000  # that a manifest names: each row is filled up to the last of them
_DELIMITERS = ";,\t"


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number as a spreadsheet shows it, and the text of each known field."""

    number: int
    cells: dict[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a manifest, the headers as they are written there, and what is wrong with rows as
    such.
    """

    rows: tuple[Row, ...]
    headers: dict[str, str]  # field -> header
    faults: tuple[Fault, ...]


def read_table(data: bytes) -> Table:
    """Read a manifest; raises SubmissionRejected where it cannot be read as one: encoding, size,
    columns.
    """
    if len(data) > MOST_BYTES:
        raise _refused(fault(0, "", "manifest.too_large", limit=MOST_BYTES, rows=MOST_ROWS))
    text = utf8.decode(data.removeprefix(codecs.BOM_UTF8), "/")
    first, _, rest = text.partition("\n")
    if first.strip().lower().startswith("sep=") and len(first.strip()) == 5:  # Excel's own hint
        delimiter, text, above = first.strip()[4], rest, 1
    else:
        delimiter, above = max(_DELIMITERS, key=first.count), 0
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    lines = _lines(reader, above)
    number, header, _ = next(lines, (0, [], None))
    if len(header) > MOST_COLUMNS:
        raise _refused(fault(number, "", "manifest.columns_many", limit=MOST_COLUMNS))
    known = _known(header, number)
    rows, faults = list[Row](), list[Fault]()
    for number, cells, broken in lines:
        if broken is not None:
            faults.append(broken)
        elif not any(cell.strip() for cell in cells):
            continue
        elif len(cells) > len(header) and any(cell.strip() for cell in cells[len(header) :]):
            faults.append(
                fault(number, "", "manifest.cells", cells=len(cells), columns=len(header))
            )
        else:
            padded = [*cells, *[""] * (len(header) - len(cells))]
            rows.append(
                Row(number, {column.field: padded[at].strip() for at, column in known.items()})
            )
        if len(rows) > MOST_ROWS:
            raise _refused(fault(0, "", "manifest.too_large", limit=MOST_BYTES, rows=MOST_ROWS))
    if not rows and not faults:
        raise _refused(fault(0, "", "manifest.empty"))
    return Table(
        tuple(rows),
        {column.field: header[at].strip() for at, column in known.items()},
        tuple(faults),
    )


def _lines(
    reader: Iterator[list[str]], above: int
) -> Iterator[tuple[int, list[str], Fault | None]]:
    """Yield each record with its number; a record that cannot be read ends the table."""
    number = above
    while True:
        number += 1
        try:
            yield number, next(reader), None
        except StopIteration:
            return
        except csv.Error:
            yield number, [], fault(number, "", "manifest.malformed")
            return


def _known(header: list[str], number: int) -> dict[int, Column]:
    """Return the column at each place; raises SubmissionRejected for columns that are missing,
    unknown, or there twice.
    """
    defined, column_at, faults = columns(), dict[int, Column](), list[Fault]()
    for at, text in enumerate(header):
        if not text.strip() or defined.is_ignored(text):
            continue
        column = defined.named(text)
        if column is None:
            faults.append(fault(number, text.strip()[:100], "manifest.column_unknown"))
        elif column in column_at.values():
            faults.append(fault(number, text.strip()[:100], "manifest.column_repeated"))
        else:
            column_at[at] = column
    for column in defined.all:
        if column.required and column not in column_at.values():
            faults.append(
                fault(number or 1, "", "manifest.column_missing", column=column.headers[0])
            )
    if faults:
        raise SubmissionRejected(faults)
    return column_at


def _refused(fault: Fault) -> SubmissionRejected:
    return SubmissionRejected([fault])
