"""The blocks of a sheet as finished text: what `lib/sheet.typ` draws, made from a form's bodies and
a paper's data by a pure function.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from itertools import zip_longest
from typing import Any

from ingest.forms.field import Field, FieldType
from ingest.forms.model import Form
from ingest.forms.sheet import (
    Break,
    Caption,
    Columns,
    Curves,
    Fact,
    FactPlace,
    Grid,
    Heading,
    Line,
    Look,
    Masthead,
    Picture,
    Place,
    Signing,
    Written,
)
from ingest.render.curves import curves
from ingest.render.display import Moment, display, moment
from ingest.render.labels import beside
from ingest.render.measures import NO_BREAK
from ingest.render.printable import LONGEST_WORD, printable
from ingest.render.table_rows import GROUP, empty, every, grouped, ticked
from ingest.render.turned import Turned

Json = dict[str, Any]

# points: text width of A4, both sides of a cell, the widest character
_SHEET, _CELL_PADDING, _LETTER = 518, 6, 9.5
_LANDSCAPE = 765  # points: text width of A4 on its long side
_MARK = 4  # characters of a mark on a drawing; a longer one has its number there
_COLUMN_PADDING = 12  # between columns of blocks, or in their frame
_OPTIONS = (FieldType.CODE, FieldType.CODES)
_DAYS = (FieldType.DATE, FieldType.DATETIME, FieldType.PARTIAL_DATE)


def sheet(
    form: Form, data: Mapping[str, Any], facts: Mapping[Fact, Any], blank: bool
) -> list[Json]:
    """Return the sections of `form` as blocks of finished text.

    `facts` are what the chart says: text, or a :class:`Moment`. `blank`: the sheet has no data and
    shows places to write on.
    """
    work = _Sheet(form, data, facts, blank)
    return [
        {
            "title": section.title.vi if section.headed else "",
            "new_page": section.new_page,
            "dense": section.dense,
            "blocks": work.blocks(section.body),
        }
        for section in form.sections
        if section.body
    ]


class _Sheet:
    """Walks the blocks of one paper."""

    def __init__(
        self, form: Form, data: Mapping[str, Any], facts: Mapping[Fact, Any], blank: bool
    ) -> None:
        self._form, self._data, self._facts, self._blank = form, data, facts, blank
        self._room: float = _LANDSCAPE if form.landscape else _SHEET
        self._fields = {field.name: field for field in form.fields}
        # PDF/UA wants headings without gaps
        self._below = 2 if any(s.headed and s.body for s in form.sections) else 1
        self._roles = {block.name_field: block.role.vi for block in form.signatures}

    def blocks(self, blocks: Iterable[Any]) -> list[Json]:
        return [item for block in blocks for item in self._items(block)]

    def _items(self, block: Any) -> list[Json]:
        if isinstance(block, Curves):
            rows = _rows(self._data.get(block.curves))
            since = self._data.get(block.since or "")
            return curves(block, self._fields[block.curves], rows, since, self._form.code_lists)
        return [self._block(block)]

    def _block(self, block: Any) -> Json:
        match block:
            case Place():
                return self._place(block)
            case FactPlace():
                return self._fact(block)
            case Line():
                return {"k": "line", "items": self.blocks(block.line)}
            case Caption():
                return {"k": "text", **block.model_dump()}
            case Heading():
                return {"k": "heading", "text": block.heading, "level": self._below}
            case Columns():
                return self._columns(block)
            case Grid():
                return self._grid(block)
            case Signing():
                return self._signing(block)
            case Masthead():
                parts = ("left", "right", "under")
                inner = {part: self.blocks(getattr(block, part)) for part in parts}
                head = {"k": "masthead", "kind": block.masthead, **inner}
                return head | {"issuer": list(_issuer(block)), "below": block.title_below}
            case Picture():
                return self._picture(block)
            case Break():
                return {"k": "break"}
        raise TypeError(type(block))

    def _columns(self, block: Columns) -> Json:
        widths = block.widths or (1.0,) * len(block.columns)
        columns, whole = [], self._room
        for column, width in zip(block.columns, widths, strict=True):
            self._room = whole * width / sum(widths) - _COLUMN_PADDING
            columns.append(self.blocks(column))
        self._room = whole
        return {
            "k": "columns",
            "frame": block.frame,
            "widths": list(widths),
            "columns": columns,
        }

    def _grid(self, block: Grid) -> Json:
        count = len(block.grid[0].cells)
        return {
            "k": "grid",
            "heads": list(block.heads),
            "widths": list(block.widths or (1.0,) * count),
            "rows": [
                {"joined": row.joined, "cells": [self.blocks(cell) for cell in row.cells]}
                for row in block.grid
            ],
        }

    def _signing(self, block: Signing) -> Json:
        dates = {**block.dates, **({block.names[-1]: block.date} if block.date else {})}
        return {
            "k": "sign",
            "beside": self.blocks(block.beside),
            "name_label": block.name_label,
            "places": [
                {
                    "role": self._roles[name],
                    "note": note,
                    "date": self._signed_on(dates[name]) if name in dates else None,
                    "name": printable(beside(block.name_label, str(self._data.get(name) or ""))),
                }
                for name, note in zip_longest(block.names, block.notes, fillvalue="")
            ],
        }

    def _signed_on(self, name: str) -> Json:
        timed = self._fields[name].type is FieldType.DATETIME
        return asdict(moment(self._data.get(name)) or Moment()) | {"timed": timed}

    def _picture(self, block: Picture) -> Json:
        """Return a drawing; marks at one place share it, and `notes` say what each means."""
        places: dict[tuple[float, float], list[str]] = {}
        notes = []
        for number, row in enumerate(_rows(self._data.get(block.marks or "")), 1):
            sign, words = str(row.get("ky_hieu") or number), str(row.get("mo_ta") or "")
            mark = sign if len(sign) <= _MARK else str(number)
            places.setdefault((_inside(row["x"]), _inside(row["y"])), []).append(mark)
            text = f"{sign} {words}" if sign != mark else words
            notes.append({"mark": mark, "text": printable(text)})
        return {
            "k": "figure",
            "name": block.figure,
            "height": block.height,
            "captions": block.captions,
            "inscriptions": [each.model_dump() for each in block.inscriptions],
            "marks": [
                {"x": x, "y": y, "mark": printable(", ".join(marks))}
                for (x, y), marks in places.items()
            ],
            "notes": [note for note in notes if note["text"]],
        }

    def _fact(self, block: FactPlace) -> Json:
        value = self._facts.get(block.fact, "")
        item = _labelled(block.look)
        if block.options:
            on = [str(number) == value for number in range(1, len(block.options) + 1)]
            return item | {"k": "options", "options": list(zip(block.options, on, strict=True))}
        if isinstance(value, Moment):
            timed = block.fact is not Fact.BORN and (self._blank or bool(value.hh))
            kind = FieldType.DATETIME if timed else FieldType.DATE
            return item | self._moment(value, block.look, timed=kind)
        text = beside(block.look.printed.rstrip(" :"), value)
        return item | self._text(printable(text), block.look)

    def _place(self, block: Place) -> Json:
        field, look = self._fields[block.name], block.look
        value = self._data.get(field.name)
        if field.type is FieldType.TABLE:
            return self._table(field, look, _rows(value))
        item = _labelled(look)
        if field.type in _OPTIONS:
            picked = value if isinstance(value, list | tuple) else [value] if value else []
            return item | {
                "k": "options",
                "options": self._options(field, look, value),
                "boxes": look.boxes,
                "heads": look.heads,
                "chosen": [str(code) for code in picked],
            }
        if field.type is FieldType.BOOLEAN and look.either is not None:
            chosen = [(words, value is said) for said, words in look.either.items()]
            return item | {"k": "options", "options": chosen}
        if field.type is FieldType.BOOLEAN:
            return item | {"k": "tick", "on": value is True}
        if field.type in _DAYS:
            return item | self._moment(moment(value) or Moment(), look, timed=field.type)
        whole = display(field, value, self._form.code_lists) or self._otherwise(look)
        value_item = item | self._text(printable(beside(field.label.vi, whole)), look)
        if field.unit and (self._blank or not whole):
            value_item["after"] = field.unit
        if look.code is not None:
            value_item["code"] = printable(str(self._data.get(look.code) or "")).replace(".", "")
        return value_item

    def _otherwise(self, look: Look) -> str:
        """Return what the chart says in place of a field, where its neighbours are empty too."""
        instead = look.otherwise
        if instead is None or any(self._data.get(name) for name in instead.unless):
            return ""
        return str(self._facts.get(instead.fact, ""))

    def _options(self, field: Field, look: Look, value: Any) -> list[tuple[str, bool]]:
        chosen = {str(each) for each in value} if isinstance(value, list | tuple) else {value}
        words = self._form.code_lists[field.list or ""]
        return [
            (text if look.unnumbered else f"{code}.{NO_BREAK}{text}", code in chosen)
            for code, text in words.items()
        ]

    def _text(self, text: str, look: Look) -> Json:
        return {
            "k": "value",
            "text": text,
            "lines": look.lines,
            "room": look.room,
            "boxes": look.boxes,
            "over": list(look.over),
        }

    def _moment(self, at: Moment, look: Look, timed: FieldType = FieldType.DATE) -> Json:
        written = look.written.value
        if look.written is not Written.BOXES:
            written += "_time" if timed is FieldType.DATETIME or at.hh else ""
        words = list(look.time_words)
        return {"k": "moment", "written": written, "words": words, "room": look.room, **asdict(at)}

    def _table(self, field: Field, look: Look, rows: list[Mapping[str, Any]]) -> Json:
        if look.lead:
            return self._lines(field, look, rows)
        if look.every is not None:
            rows = every(field, look, rows, self._form.code_lists)
        if look.turned:
            rows = rows or [{}] * (look.turned if self._blank and not look.halves else 1)
            work = Turned(field, look, self._form.code_lists, self._cell, self._fitting)
            return _labelled(look) | work.drawn(rows)
        columns, numbers = field.columns, range(1, len(rows) + 1)
        if not rows and self._blank:
            rows = empty(field, look, self._form.code_lists)
            numbers = range(1, len(rows) + 1) if look.numbered else range(0)
        if look.ticked is not None:
            columns, rows = ticked(columns, look.ticked, rows, self._form.code_lists)
        if look.grouped is not None:
            sums = _rows(self._data.get(look.subtotals or ""))
            columns, rows = grouped(columns, look.grouped, rows, sums, self._form.code_lists)
        shares = [column.width or 1 for column in columns]
        counts = "TT" if look.counted else look.numbered
        first = [sum(shares) / len(shares) * (1 if look.numbered else 0.35)] if counts else []
        longest = _fitting([*first, *shares], self._room / look.fold)[len(first) :]
        dashed = look.every if not look.undashed else None
        cells = [
            [
                self._cell(column, row.get(column.name), most, column.name == dashed)
                for column, most in zip(columns, longest, strict=True)
            ]
            for row in rows
            if GROUP not in row
        ]
        if counts:
            counted = [str(n) for n in numbers] + [""] * (len(cells) - len(numbers))
            if look.every is not None:
                counted = [f"{n:02}" for n in range(1, len(cells) + 1)]
            cells = [[n, *row] for n, row in zip(counted, cells, strict=True)]
        for place, row in enumerate(rows):
            if GROUP in row:
                cells.insert(place, [row[GROUP]])
        heads = look.heads or tuple((column.label.vi, 1) for column in columns)
        return _labelled(look) | {
            "k": "table",
            "spans": [list(each) for each in look.spans],
            "heads": [*([(counts, 1)] if counts else []), *heads],
            "shares": [*first, *shares],
            "right": [*([False] if counts else []), *map(_is_numeric, columns)],
            "cells": cells,
            "details": [self._details(field, row) for row in rows],
            "fold": look.fold,
            "fine": look.fine,
        }

    def _fitting(self, shares: list[float]) -> list[int]:
        return _fitting(shares, self._room)

    def _lines(self, field: Field, look: Look, rows: list[Mapping[str, Any]]) -> Json:
        """Return a table as lines: a box for text, places for a moment, two boxes for a number."""
        shown = rows + [{}] * (len(look.lead) - len(rows))
        lines = []
        for number, row in enumerate(shown):
            lead = look.lead[number] if number < len(look.lead) else ""
            parts = [self._part(part, row.get(part.name), look) for part in field.columns]
            lines.append({"lead": lead, "parts": parts})
        return {"k": "lines", "lines": lines}

    def _part(self, part: Field, value: Any, look: Look) -> Json:
        bare = _labelled(Look())
        if part.type in _DAYS:
            at = moment(value) or Moment()
            return bare | self._moment(at, look, timed=part.type)
        text = printable(display(part, value, self._form.code_lists), longest_word=5)
        return {"k": "number" if _is_numeric(part) else "box", "text": text}

    def _cell(self, column: Field, value: Any, longest: int, is_head: bool) -> Any:
        if column.type is FieldType.BOOLEAN:
            return value is True
        if column.type is FieldType.CODE and value is not None:
            words = self._form.code_lists[column.list or ""].get(str(value), str(value))
            return printable(f"- {words}" if is_head else words, longest_word=longest)
        return printable(display(column, value, self._form.code_lists), longest_word=longest)

    def _details(self, field: Field, row: Mapping[str, Any]) -> list[Json]:
        def shown(part: Field) -> str:
            return printable(display(part, row.get(part.name), self._form.code_lists))

        return [{"label": p.label.vi, "text": shown(p)} for p in field.detail if shown(p)]


def _issuer(block: Masthead) -> tuple[str, ...]:
    """Return the words before authority and facility; a paper that is handed out has none."""
    if block.issuer is not None:
        return block.issuer
    return ("Sở Y tế:", "Bệnh viện:") if block.masthead == "record" else ()


def _labelled(look: Look) -> Json:
    item: Json = {"label": look.printed, "hint": look.hint or "", "strong": look.strong}
    if look.after:
        item["after"] = look.after
    if look.indent:
        item["indent"] = look.indent
    if look.stack or look.box_first:
        item |= {"stack": look.stack, "box_first": look.box_first}
    return item


def _fitting(shares: list[float], room: float = _SHEET) -> list[int]:
    """Return how many of the widest characters fit into each column of a table that has `room`."""
    widths = (room * share / sum(shares) - _CELL_PADDING for share in shares)
    return [min(max(int(width / _LETTER), 1), LONGEST_WORD) for width in widths]


def _rows(value: object) -> list[Mapping[str, Any]]:
    rows = value if isinstance(value, list | tuple) else []
    return [row for row in rows if isinstance(row, Mapping)]


def _inside(part: float) -> float:
    """Return a place on a drawing, in hundredths of its side, not upon its edge."""
    return round(min(max(part, 0.02), 0.98), 2)


def _is_numeric(field: Field) -> bool:
    return field.type in (FieldType.NUMBER, FieldType.INTEGER)
