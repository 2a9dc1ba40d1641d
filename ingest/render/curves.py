"""Curves on a sheet: where `lib/curves.typ` draws each line, mark and value, made from the rows of
a table by pure functions.

Places are parts of the grid, from 0 to 1: from its left and from its top.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from archive.base.clock import VIETNAM
from ingest.forms.field import Field
from ingest.forms.sheet import Curve, Curves, Guide
from ingest.render.display import Moment, display, moment, number
from ingest.render.printable import MARK, printable

Json = dict[str, Any]
Row = Mapping[str, Any]
CodeLists = Mapping[str, Mapping[str, str]]

_HOUR = timedelta(hours=1)
_SHORT = 40  # characters of a value: a grid of such values stays on one page


@dataclass(frozen=True, slots=True)
class _Stop:
    """A row of the data, with its place in its grid."""

    row: Row
    at: datetime | None
    slot: int
    x: float


def curves(
    block: Curves, table: Field, rows: Sequence[Row], since: object, lists: CodeLists
) -> list[Json]:
    """Return the grids of `block`, each with at most `block.slots` columns; one that is empty for
    no rows. `since` is the moment of the first column of hours.
    """
    timed = sorted(((_at(row.get(block.x)), row) for row in rows), key=_order)
    first = min((at for at in (_at(since), *(at for at, _ in timed)) if at), default=None)
    start = first.replace(minute=0, second=0, microsecond=0) if first else None
    stops = _by_hour(block, timed, start) if block.hourly else _by_turn(block, timed)
    draw = _Grid(block, table, lists, _shift(block, timed, start))
    return [draw.grid(number, members, start) for number, members in stops.items() or [(0, [])]]


def _by_turn(block: Curves, timed: Sequence[tuple[datetime | None, Row]]) -> dict[int, list[_Stop]]:
    """Return the rows by grid: each in the next column."""
    grids: dict[int, list[_Stop]] = {}
    for count, (at, row) in enumerate(timed):
        grid, slot = divmod(count, block.slots)
        stop = _Stop(row, at, slot, (slot + 0.5) / block.slots)
        grids.setdefault(grid, []).append(stop)
    return grids


def _by_hour(
    block: Curves, timed: Sequence[tuple[datetime | None, Row]], start: datetime | None
) -> dict[int, list[_Stop]]:
    """Return the rows by grid: each at its time. A row without a moment has no place."""
    grids: dict[int, list[_Stop]] = {}
    for at, row in timed:
        if at is None or start is None:
            continue
        hours = (at - start) / _HOUR
        grid, hour = divmod(hours, block.slots)
        grids.setdefault(int(grid), []).append(_Stop(row, at, int(hour), hour / block.slots))
    return grids


def _shift(
    block: Curves, timed: Sequence[tuple[datetime | None, Row]], start: datetime | None
) -> float | None:
    """Return by how many hours the guides move; None: no value is high enough yet."""
    if block.anchored is None or start is None:
        return 0
    for at, row in timed:
        value = _number(row.get(block.series[0].column))
        if at is not None and value is not None and value >= block.anchored and block.guides:
            (hour, low), (last, high) = block.guides[0].start, block.guides[0].end
            reached = hour + (last - hour) * (value - low) / ((high - low) or 1)
            return (at - start) / _HOUR - reached
    return None


class _Grid:
    """Draws the grids of one block."""

    def __init__(self, block: Curves, table: Field, lists: CodeLists, shift: float | None) -> None:
        self._block, self._lists, self._shift = block, lists, shift
        self._label = table.label.vi
        self._columns = {column.name: column for column in table.columns}

    def grid(self, count: int, stops: list[_Stop], start: datetime | None) -> Json:
        block = self._block
        days, hours = self._hours(count, start) if block.hourly else self._turns(stops)
        rows = [self._values(row.columns, row.words, row.between, stops) for row in block.rows]
        texts = [text for row in rows for text in row["cells"]]
        off = printable("; ".join(self._off(stops)))
        return {
            "k": "curves",
            "slots": block.slots,
            # a grid of measurements ends at the last one: no column is left to write in
            "used": block.slots if block.hourly else len(stops) or block.slots,
            "headed": block.headed,
            "height": block.height,
            "days": days,
            "hours": hours,
            "numbers": [count * block.slots + n for n in range(block.slots)] * block.hourly,
            "levels": [_y(block.series[0], value) for value in _steps(block.series[0])],
            "minor": block.minor,
            "scales": [_scale(curve) for curve in block.series if not curve.shared],
            "series": [self._curve(curve, stops) for curve in block.series],
            "guides": [each for guide in block.guides for each in self._guide(guide, count)],
            "rows": rows,
            "off": off,
            "alt": self._said(stops),
            "whole": all(len(text.replace(MARK, "")) <= _SHORT for text in texts),
        }

    def _turns(self, stops: list[_Stop]) -> tuple[list[Json], list[str]]:
        at = [moment(stop.row.get(self._block.x)) or Moment() for stop in stops]
        empty = self._block.slots - len(stops)
        return _days(at + [Moment()] * empty), [_clock(each) for each in at] + [""] * empty

    def _hours(self, count: int, start: datetime | None) -> tuple[list[Json], list[str]]:
        slots = self._block.slots
        if start is None:
            return _days([Moment()] * slots), [""] * slots
        begins = count * slots
        at = [moment(_later(start, begins + n)) or Moment() for n in range(slots)]
        return _days(at), [_clock(each) for each in at]

    def _curve(self, curve: Curve, stops: list[_Stop]) -> Json:
        points = []
        for stop in stops:
            value = _number(stop.row.get(curve.column))
            if value is not None:
                y = _y(curve, value)
                inside = min(max(y, 0.0), 1.0)
                points.append({"x": round(stop.x, 4), "y": inside, "off": y != inside})
        return {
            "mark": curve.mark,
            "line": curve.line,
            "color": curve.color,
            "words": self._words(curve),
            "points": points,
        }

    def _off(self, stops: list[_Stop]) -> Iterator[str]:
        """Yield the values that are off their scale: their marks are at its edge."""
        for curve in self._block.series:
            for stop in stops:
                value = _number(stop.row.get(curve.column))
                if value is not None and not curve.scale[0] <= value <= curve.scale[1]:
                    said = number(stop.row[curve.column])
                    yield f"{self._words(curve)} {said} ({self._moment(stop)})"

    def _moment(self, stop: _Stop) -> str:
        return str(moment(stop.row.get(self._block.x)) or "")

    def _words(self, curve: Curve) -> str:
        column = self._columns[curve.column]
        words = curve.words or column.label.vi
        return f"{words} ({column.unit})" if column.unit else words

    def _guide(self, guide: Guide, count: int) -> Iterator[Json]:
        """Yield the part of a guide that is in this grid."""
        if self._shift is None:
            return
        (begin, low), (end, high) = guide.start, guide.end
        moved = self._shift - count * self._block.slots
        begin, end, slots = begin + moved, end + moved, self._block.slots
        first, last = max(begin, 0), min(end, slots)
        if first >= last:
            return
        ends = []
        for hour in (first, last):
            value = low + (high - low) * (hour - begin) / (end - begin)
            y = min(max(_y(self._block.series[0], value), 0.0), 1.0)
            ends.append([round(hour / slots, 4), y])
        yield {"words": guide.words, "from": ends[0], "to": ends[1]}

    def _values(self, names: Sequence[str], words: str, between: str, stops: list[_Stop]) -> Json:
        cells: list[list[str]] = [[] for _ in range(self._block.slots)]
        columns = [self._columns[name].model_copy(update={"unit": None}) for name in names]
        for stop in stops:
            parts = [self._shown(column, stop.row.get(column.name)) for column in columns]
            if any(parts):
                cells[stop.slot].append(printable(between.join(parts)))
        first = self._columns[names[0]]
        label = words or first.label.vi
        label = f"{label} ({first.unit})" if first.unit else label
        return {"label": label, "cells": ["; ".join(texts) for texts in cells]}

    def _shown(self, column: Field, value: Any) -> str:
        if column.list is not None and isinstance(value, str):
            return self._lists[column.list].get(value, value)
        return display(column, value, self._lists)

    def _said(self, stops: list[_Stop]) -> str:
        """Return the curves in words, for those who cannot see them."""
        curves_said = [f"{self._label}."]
        for curve in self._block.series:
            values = [
                f"{self._moment(stop)}: {number(stop.row[curve.column])}"
                for stop in stops
                if _number(stop.row.get(curve.column)) is not None
            ]
            curves_said.append(f"{self._words(curve)}: {'; '.join(values)}.")
        return " ".join(curves_said)


def _order(timed: tuple[datetime | None, Row]) -> tuple[bool, float]:
    at, _ = timed
    return at is None, at.timestamp() if at else 0


def _at(value: object) -> datetime | None:
    """Return a moment with its offset; None for anything else."""
    if isinstance(value, datetime):
        return value.astimezone(VIETNAM) if value.tzinfo else None
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return at.astimezone(VIETNAM) if at is not None and at.tzinfo else None


def _later(start: datetime, hours: int) -> datetime | None:
    try:
        return start + hours * _HOUR
    except OverflowError:  # the calendar ends in 9999
        return None


def _number(value: object) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number else None  # type: ignore[arg-type]  # it is a number


def _y(curve: Curve, value: float) -> float:
    foot, top = curve.scale
    return round(1 - (value - foot) / (top - foot), 4)


def _steps(curve: Curve) -> list[float]:
    foot, top = curve.scale
    return [foot + n * curve.step for n in range(int((top - foot) / curve.step + 1e-9) + 1)]


def _scale(curve: Curve) -> Json:
    steps = [{"y": _y(curve, value), "text": f"{value:g}"} for value in _steps(curve)]
    return {"mark": curve.mark, "color": curve.color, "steps": steps}


def _clock(at: Moment) -> str:
    return f"{at.hh}:{at.mm}" if at.hh else ""


def _days(at: list[Moment]) -> list[Json]:
    """Return the days above the columns, each over the columns that it has; empty ones stay."""
    days: list[Json] = []
    for (d, m, y), same in groupby(at, key=lambda each: (each.d, each.m, each.y)):
        wide = len(list(same))
        if d or m or y:
            days.append({"d": d, "m": m, "y": y, "wide": wide})
        else:
            days += [{"d": "", "m": "", "y": "", "wide": 1}] * wide
    return days
