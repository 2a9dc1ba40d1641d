"""The rows of a table as its sheet prints them: one for each code, and boxes in place of a code."""

from collections.abc import Mapping
from typing import Any

from ingest.forms.field import Field, FieldType
from ingest.forms.sheet import Look

Row = Mapping[str, Any]
CodeLists = Mapping[str, Mapping[str, str]]


def every(field: Field, look: Look, rows: list[Row], lists: CodeLists) -> list[Row]:
    """Return a row for each code of the column `look.every`: the data's rows, or empty ones.

    What `look.given` says for a code is in its row where the data has nothing.
    """
    name = look.every or ""
    column = next(column for column in field.columns if column.name == name)
    known: dict[str, list[Row]] = {}
    for row in rows:
        known.setdefault(str(row.get(name)), []).append(row)
    printed: list[Row] = []
    for code in lists[column.list or ""]:
        given = {part: words[code] for part, words in look.given.items() if code in words}
        printed += ({**given, **row} for row in known.get(code, [{name: code}]))
    return printed


def ticked(
    columns: tuple[Field, ...], name: str, rows: list[Row], lists: CodeLists
) -> tuple[tuple[Field, ...], list[Row]]:
    """Return a column with a box for each code of the column `name`, in its place, and the rows
    with these boxes.
    """
    place = next(number for number, column in enumerate(columns) if column.name == name)
    column = columns[place]
    boxes = {f"{name}.{code}": code for code in lists[column.list or ""]}
    ticks = [
        column.model_copy(
            update={
                "name": box,
                "type": FieldType.BOOLEAN,
                "label": column.label.model_copy(update={"vi": lists[column.list or ""][code]}),
            }
        )
        for box, code in boxes.items()
    ]
    marked: list[Row] = [
        {**row, **{box: row.get(name) == code for box, code in boxes.items()}} for row in rows
    ]
    return (*columns[:place], *ticks, *columns[place + 1 :]), marked
