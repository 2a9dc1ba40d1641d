"""The rows of a table as its sheet prints them: one for each code, and boxes in place of a code."""

from collections.abc import Mapping
from typing import Any

from ingest.forms.field import Field, FieldType
from ingest.forms.sheet import Look

Row = Mapping[str, Any]
GROUP = ""  # the one key of a row that holds the words above a group
SUM, GRAND_TOTAL = "Cộng", "Tổng cộng"
CodeLists = Mapping[str, Mapping[str, str]]


def empty(field: Field, look: Look, lists: CodeLists) -> list[Row]:
    """Return the rows of a blank table: one below each group, else as many as `look.rows`."""
    if look.grouped is None:
        return [{}] * look.rows
    column = next(column for column in field.columns if column.name == look.grouped)
    return [{column.name: code} for code in lists[column.list or ""]]


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


def grouped(
    columns: tuple[Field, ...], name: str, rows: list[Row], sums: list[Row], lists: CodeLists
) -> tuple[tuple[Field, ...], list[Row]]:
    """Return the columns without `name`, and the rows below the words of their code of it, in the
    order of its list; rows of no code come first.

    `sums` have the same code: each is below its group, and one of no code at the end.
    """
    column = next(column for column in columns if column.name == name)
    others = tuple(each for each in columns if each is not column)
    words = lists[column.list or ""]

    def summed(code: str | None, text: str) -> list[Row]:
        return [{others[0].name: text, **row} for row in sums if row.get(name) == code]

    ordered = [row for row in rows if row.get(name) not in words]
    for code, text in words.items():
        members = [row for row in rows if row.get(name) == code] + summed(code, SUM)
        ordered += [{GROUP: text}, *members] if members else []
    return others, ordered + summed(None, GRAND_TOTAL)
