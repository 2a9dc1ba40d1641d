"""A table that is turned: its rows are side by side, and its columns are the lines."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ingest.forms.field import Field, FieldType
from ingest.forms.sheet import Look

Json = dict[str, Any]
Row = Mapping[str, Any]
CodeLists = Mapping[str, Mapping[str, str]]
Cell = Callable[[Field, Any, int, bool], Any]  # of a column, its value and its longest word
Fitting = Callable[[list[float]], list[int]]  # the longest word of each column

_LABEL = 0.45  # the share of the labels, beside 1 for all rows


@dataclass(frozen=True)
class Turned:
    """Draws the table `field`, with `look.turned` rows of the data side by side.

    With `look.halves` so many are side by side below each code of that column.
    """

    field: Field
    look: Look
    code_lists: CodeLists
    cell: Cell
    fitting: Fitting

    def drawn(self, rows: Sequence[Row]) -> Json:
        """Return the table of `rows`; those that do not fit side by side are in tables below."""
        together = self.look.turned
        halves = [rows]
        if self.look.halves is not None:
            halves = [[row for row in rows if self._half(row) == code] for code in self._codes()]
        longest = max(len(half) for half in halves)
        tables = [
            self._part(start, [half[start : start + together] for half in halves])
            for start in range(0, max(longest, 1), together)
        ]
        if len(tables) == 1:
            return tables[0]
        look = self.look
        parts = [{"label": "", "hint": "", "strong": False, **table} for table in tables]
        parts[0] |= {"label": look.printed, "hint": look.hint or "", "strong": look.strong}
        return {"k": "columns", "frame": False, "widths": [1.0], "columns": [parts]}

    def _half(self, row: Row) -> str:
        return str(row.get(self.look.halves or ""))

    def _codes(self) -> Mapping[str, str]:
        return self._list(next(c for c in self.field.columns if c.name == self.look.halves))

    def _list(self, column: Field) -> Mapping[str, str]:
        return self.code_lists[column.list or ""]

    def _part(self, start: int, halves: list[Sequence[Row]]) -> Json:
        """Return one table; its rows are counted from `start`."""
        look, spans, label = self.look, [], _LABEL * len(halves[0])
        if look.halves is not None:
            halves = [[*half, *[{}] * (look.turned - len(half))] for half in halves]
            spans = [["", 1], *([words, look.turned] for words in self._codes().values())]
            label = _LABEL * look.turned
        rows = [row for half in halves for row in half]
        shares = [label, *(1.0 for _ in rows)]
        lines = self._lines(rows, self.fitting(shares)[-1])
        if look.numbered:
            counted = range(start + 1, start + len(halves[0]) + 1)
            lines.insert(0, ["", *(f"{look.numbered} {n}" for _ in halves for n in counted)])
        head, *below = lines
        return {
            "k": "table",
            "spans": spans,
            "heads": [(words, 1) for words in head],
            "shares": shares,
            "right": [False] * len(shares),
            "cells": below,
            "details": [[] for _ in below],
            "fold": 1,
            "fine": look.fine,
        }

    def _lines(self, rows: Sequence[Row], longest: int) -> list[list[Any]]:
        lines: list[list[Any]] = []
        for column in self.field.columns:
            if column.name == self.look.halves:
                continue
            if column.name in self.look.bands:
                lines.append([self.look.bands[column.name]])
            label = f"{column.label.vi} ({column.unit})" if column.unit else column.label.vi
            coded = column.name in self.look.legends
            bare = column.model_copy(
                update={"unit": None, "type": FieldType.LINE if coded else column.type}
            )
            cells = (self.cell(bare, row.get(column.name), longest, False) for row in rows)
            lines.append([label, *cells])
            if coded:
                words = " ".join(f"{code}. {text}" for code, text in self._list(column).items())
                lines.append(["", {"text": words, "wide": len(rows)}])
        return lines
