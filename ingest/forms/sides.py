"""Fields that a form asks for twice, once for each eye.

A group that is included with `side: mp` has its names and labels for that side. The rows of a
`grid` may hold a field for both sides. The grammar is in `docs/forms.md`.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

Raw = dict[str, Any]

# the end of the names of one side, and the words for it
SIDES = {"mp": ("mắt phải", "right eye"), "mt": ("mắt trái", "left eye")}
_NESTED = ("line", "left", "right", "under")
_OF_ROW = ("strong", "hint", "joined")  # what a field says of its row, not of its place


def sided(blocks: Iterable[Any], side: str) -> Iterator[Any]:
    """Yield `blocks` for one side: the field `mi_mat` is `mi_mat_mp`, Mi mắt (mắt phải).

    Both sides share one code list. Raises :class:`ValueError` for a side that does not exist.
    """
    if side not in SIDES:
        raise ValueError(f"there is no side {side}")
    for block in blocks:
        yield _sided(block, side) if isinstance(block, Mapping) else block


def _sided(block: Mapping[str, Any], side: str) -> Raw:
    done = dict(block)
    if "include" in done:
        return {**done, "side": side}
    if "name" in done:
        return _field(done, side)
    if isinstance(done.get("columns"), list):
        done["columns"] = [list(sided(column, side)) for column in done["columns"]]
    for key in _NESTED:
        if isinstance(done.get(key), list):
            done[key] = list(sided(done[key], side))
    if "marks" in done:
        done["marks"] = _marks(done["marks"], side)
    return done


def _field(field: Raw, side: str) -> Raw:
    vi, en = SIDES[side]
    if "options" in field:
        field.setdefault("list", field["name"])
    field["name"] = f"{field['name']}_{side}"
    if "label" in field:
        label = field["label"]
        field.setdefault("printed", label["vi"])
        field["label"] = {"vi": f"{label['vi'].rstrip(' :')} ({vi})", "en": f"{label['en']} ({en})"}
    return field


def _marks(marks: Any, side: str) -> Any:
    """Return the table of marks for one side: its name, or its declaration without a look."""
    if not isinstance(marks, Mapping):
        return f"{marks}_{side}"
    return {key: value for key, value in _field(dict(marks), side).items() if key != "printed"}


def spread(rows: Iterable[Any]) -> Iterator[Raw]:
    """Yield the rows of a grid as `{cells, joined}`.

    A list is the cells of a row. A field is a row: its label, then its place for each side.
    `{label, sides}` is a row, too: words, then the blocks of `sides` for each side. A row whose
    label is not strong is joined to the row above it. `{sides}` is a row of two cells.
    """
    for row in rows:
        if isinstance(row, list):
            yield {"cells": [_blocks(cell) for cell in row]}
        elif "cells" in row:
            yield row
        elif "name" in row:
            label = _words(row)
            place = {key: row[key] for key in row if key not in _OF_ROW}
            yield _both(label, [{**place, "printed": ""}], row.get("joined"))
        elif "label" not in row:
            cells = [list(sided(_blocks(row["sides"]), side)) for side in SIDES]
            yield {"cells": cells, "joined": row.get("joined", False)}
        else:
            yield _both(_blocks(row["label"]), _blocks(row.get("sides", [])), row.get("joined"))


def _both(label: list[Any], blocks: list[Any], joined: bool | None) -> Raw:
    cells = [label, *(list(sided(blocks, side)) for side in SIDES)]
    return {"cells": cells, "joined": not _strong(label) if joined is None else joined}


def _words(field: Mapping[str, Any]) -> list[Any]:
    words = [{"text": field["label"]["vi"], "strong": field.get("strong", False)}]
    if "hint" in field:
        words.append({"text": field["hint"], "hint": True})
    return [{"line": words}]


def _strong(blocks: list[Any]) -> bool:
    first = blocks[0] if blocks else ""
    if not isinstance(first, Mapping):
        return False
    return bool(first.get("strong")) or _strong(first.get("line", []))


def _blocks(cell: Any) -> list[Any]:
    return cell if isinstance(cell, list) else [cell]
