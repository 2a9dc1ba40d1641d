"""A table that is turned: its rows are side by side, and its columns are the lines."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ingest.forms.field import Field
from ingest.forms.sheet import Look

Json = dict[str, Any]
Row = Mapping[str, Any]
Cell = Callable[[Field, Any, int, bool], Any]  # of a column, its value and its longest word
Fitting = Callable[[list[float]], list[int]]  # the longest word of each column

_LABEL = 0.45  # the share of the labels, beside 1 for all rows


def turned(field: Field, look: Look, rows: Sequence[Row], cell: Cell, fitting: Fitting) -> Json:
    """Return a table with `look.turned` rows of the data side by side; more are in tables below."""
    tables = [
        _part(field, look, rows[start : start + look.turned], cell, fitting)
        for start in range(0, len(rows), look.turned)
    ]
    if len(tables) == 1:
        return tables[0]
    parts = [{"label": "", "hint": "", "strong": False, **table} for table in tables]
    parts[0] |= {"label": look.printed, "hint": look.hint or "", "strong": look.strong}
    return {"k": "columns", "frame": False, "widths": [1.0], "columns": [parts]}


def _part(field: Field, look: Look, rows: Sequence[Row], cell: Cell, fitting: Fitting) -> Json:
    shares = [_LABEL * len(rows), *(1.0 for _ in rows)]
    longest = fitting(shares)[-1]
    lines: list[list[Any]] = []
    for column in field.columns:
        bare = column.model_copy(update={"unit": None})
        if column.name in look.bands:
            lines.append([look.bands[column.name]])
        label = f"{column.label.vi} ({column.unit})" if column.unit else column.label.vi
        lines.append([label, *(cell(bare, row.get(column.name), longest, False) for row in rows)])
    head, *below = lines
    return {
        "k": "table",
        "spans": [],
        "heads": [(words, 1) for words in head],
        "shares": shares,
        "right": [False] * len(shares),
        "cells": below,
        "details": [[] for _ in below],
        "fold": 1,
        "fine": look.fine,
    }
