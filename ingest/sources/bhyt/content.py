"""One table read from its own bytes: rows of field values, checked against the field table of its
version.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from archive.base.text import TooManyMarks, nfc, normal
from ingest.sources.bhyt.dates import parse_when
from ingest.sources.bhyt.envelope import TableFile
from ingest.sources.bhyt.table import Field, FieldKind, Table
from ingest.sources.faults import Faults, refuse
from ingest.sources.limits import DEFAULT_LIMITS, Limits
from ingest.sources.printing import check_text
from ingest.sources.strict_xml import Element, parse_xml


@dataclass(frozen=True, slots=True)
class Row:
    """One record of a table: its path, and the values that are not empty, by field name, as text in
    NFC.
    """

    path: str
    values: Mapping[str, str]
    names: frozenset[str]  # the fields that occur, empty ones too


@dataclass(frozen=True, slots=True)
class Content:
    """A table's rows. A table that is one record has one row."""

    file: TableFile
    table: Table
    rows: tuple[Row, ...] = field(default=())

    def first(self, name: str) -> tuple[str, str] | None:
        """Return path and value of field `name` in the first row that has it, or None."""
        return next(
            ((f"{row.path}/{name}", row.values[name]) for row in self.rows if name in row.values),
            None,
        )


def read_content(
    file: TableFile, table: Table, faults: Faults, limits: Limits = DEFAULT_LIMITS
) -> Content:
    """Read a table's bytes; faults of single fields go to `faults`.

    Raises :class:`archive.base.errors.SubmissionRejected` where the bytes are not this table at
    all.
    """
    root = parse_xml(file.data, file.path, limits=limits)
    records = _records(root, table, file.path, faults)
    rows = [_row(path, element, table, faults, limits) for path, element in records]
    return Content(file, table, tuple(row for row in rows if row.values))


def check_fields(content: Content, fields: Mapping[str, Field], faults: Faults) -> None:
    """Name every value that is longer than its version's field or is not the date
    that it must be.
    """
    for row in content.rows:
        for name, value in row.values.items():
            known = fields.get(name)
            if known is None:
                continue
            path = f"{row.path}/{name}"
            if known.kind in (FieldKind.DATE, FieldKind.DATETIME, FieldKind.DATES):
                _check_dates(path, value, known.kind, faults)
            elif known.max is not None and len(value) > known.max:
                faults.add(path, "field.too_long", limit=known.max)


def _check_dates(path: str, value: str, kind: FieldKind, faults: Faults) -> None:
    for part in split(value) if kind is FieldKind.DATES else [value]:
        try:
            parse_when(part)
        except ValueError:
            faults.add(path, "date.invalid")


def split(value: str) -> list[str]:
    """Return the values of a field that holds several, separated by ';'."""
    return [part.strip() for part in value.split(";") if part.strip()]


def _records(root: Element, table: Table, path: str, faults: Faults) -> list[tuple[str, Element]]:
    if table.row is None:
        if table.root is not None and root.name != table.root:
            raise refuse(path, "table.root")
        return [(path, root)]
    if root.name not in (table.root, table.list, table.row):
        raise refuse(path, "table.root")
    rows = [root] if root.name == table.row else []
    for child in root.children if not rows else ():
        inside = child.children if child.name == table.list else [child]
        for element in inside:
            if element.name == table.row:
                rows.append(element)
            elif element.children or element.text.strip():
                faults.add(path, "table.unexpected_element")
    return [(f"{path}/{table.row}[{number}]", row) for number, row in enumerate(rows, start=1)]


def _row(path: str, element: Element, table: Table, faults: Faults, limits: Limits) -> Row:
    values: dict[str, str] = {}
    names: set[str] = set()
    if element.text.strip():
        faults.add(path, "table.unexpected_element")
    for child in element.children:
        # A name that no version knows is the sender's own text: it does not go into a path.
        place = f"{path}/{child.name if child.name in table.fields else '*'}"
        if child.name in names:
            faults.add(place, "field.repeated")
            continue
        names.add(child.name)
        if child.children:
            faults.add(place, "field.not_text")
        elif len(child.text) > limits.text_characters:
            faults.add(place, "field.too_long", limit=limits.text_characters)
        elif value := child.text.strip():
            _keep(values, child.name, value, place, faults)
    return Row(path, values, frozenset(names))


def _keep(values: dict[str, str], name: str, value: str, place: str, faults: Faults) -> None:
    try:
        values[normal(name)] = nfc(value)
        check_text(value, place, faults)
    except TooManyMarks:
        faults.add(place, "text.marks")
    except ValueError:
        faults.add(place, "text.control")
