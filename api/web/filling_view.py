"""The blocks of a form as a page shows them: rows of inputs, words, and tables that grow."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from api.web.filling_codes import CodeHelp, Help
from archive.base.bilingual import Text
from ingest.forms.field import Field, FieldType
from ingest.forms.model import Form, Section
from ingest.forms.sheet import Caption, Columns, Curves, Heading, Line, Masthead, Place, Signing
from ingest.forms.typed import MOST_ROWS, Typed, rows_of

_NO_LABEL = Text("", "")

Problems = Mapping[str, list[str]]
_EMPTY_ROWS = 2  # of a table that has none yet


@dataclass(frozen=True, slots=True)
class Input:
    """One field or cell: its name in the request, and what it shows."""

    name: str
    label: Text
    type: str
    texts: tuple[str, ...]
    problems: tuple[str, ...]
    required: bool = False
    unit: str = ""
    hint: str = ""
    options: tuple[tuple[str, str], ...] = ()
    longest: int | None = None
    code: Help = field(default_factory=Help)

    @property
    def text(self) -> str:
        """The one text of a field that has one."""
        return self.texts[0] if self.texts else ""


@dataclass(frozen=True, slots=True)
class Item:
    """A part of a section: inputs on one row, words, a heading, or a table."""

    kind: str  # row | words | heading | table
    words: str = ""
    inputs: tuple[Input, ...] = ()
    table: str = ""  # the name of a table
    label: Text = _NO_LABEL
    heads: tuple[Text, ...] = ()
    rows: tuple[tuple[Input, ...], ...] = ()
    full: bool = False  # the page takes no more rows
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """A section of the page."""

    title: Text
    items: tuple[Item, ...]
    names: frozenset[str] = field(default_factory=frozenset)


def sections(
    form: Form, typed: Typed, problems: Problems, more: Mapping[str, int], codes: CodeHelp
) -> list[Part]:
    """Return the sections of `form` with what was typed; `more`: rows to add to a table."""
    view = _View(form, typed, problems, more, codes)
    return [part for section in form.sections if (part := view.part(section)).items]


class _View:
    def __init__(
        self,
        form: Form,
        typed: Typed,
        problems: Problems,
        more: Mapping[str, int],
        codes: CodeHelp,
    ) -> None:
        self._codes = codes
        self._form, self._typed, self._problems, self._more = form, typed, problems, more
        self._fields = {each.name: each for each in form.fields}
        self._hints: dict[str, str] = {}

    def part(self, section: Section) -> Part:
        placed: set[str] = set()
        items = list(self._items(section.body, placed))
        left = [each for each in section.fields if each.name not in placed]
        items += [item for each in left for item in self._field(each, placed)]
        names = {each.name for item in items for each in item.inputs}
        cells = {each.name for item in items for row in item.rows for each in row}
        tables = {item.table for item in items}
        return Part(section.title.text, tuple(items), frozenset(names | cells | tables))

    def _items(self, blocks: Iterable[Any], placed: set[str]) -> Iterator[Item]:
        for block in blocks:
            match block:
                case Place(name=name, look=look) if name not in placed:
                    self._hints[name] = look.hint or ""
                    yield from self._field(self._fields[name], placed)
                    if look.code is not None and look.code not in placed:
                        yield from self._field(self._fields[look.code], placed)
                case Line(line=line):
                    yield from self._line(line, placed)
                # words with places to write on, and heads of boxes, say nothing here
                case Caption(text=text, size=size) if "…" not in text and size != "small":
                    yield Item("words", words=text)
                case Heading(heading=heading):
                    yield Item("heading", words=heading)
                case Columns(columns=columns):
                    for column in columns:
                        yield from self._items(column, placed)
                case Curves(curves=name):
                    yield from self._field(self._fields[name], placed)
                case Masthead(left=left, right=right, under=under):
                    yield from self._items((*left, *right, *under), placed)
                case Signing(names=names, date=day, beside=beside):
                    yield from self._items(beside, placed)
                    for name in (*((day,) if day else ()), *names):
                        yield from self._field(self._fields[name], placed)

    def _line(self, line: Iterable[Any], placed: set[str]) -> Iterator[Item]:
        """Yield the inputs of a line as one row; a table of it has its own."""
        row: list[Input] = []
        for item in self._items(line, placed):
            if item.kind == "row":
                row += item.inputs
            elif item.kind == "table":
                yield item
        if row:
            yield Item("row", inputs=tuple(row))

    def _field(self, each: Field, placed: set[str]) -> Iterator[Item]:
        if each.name in placed:
            return
        placed.add(each.name)
        if each.type is FieldType.TABLE:
            yield self._table(each)
        else:
            yield Item("row", inputs=(self._input(each, each.name),))

    def _table(self, each: Field) -> Item:
        count = rows_of(each, self._typed)
        count += self._more.get(each.name, 0 if count else _EMPTY_ROWS)
        most = min(each.max or MOST_ROWS, MOST_ROWS)
        rows = tuple(
            tuple(self._input(part, f"{each.name}.{number}.{part.name}") for part in each.parts)
            for number in range(min(count, most))
        )
        heads = tuple(part.label.text for part in each.parts)
        return Item(
            "table",
            table=each.name,
            label=each.label.text,
            heads=heads,
            rows=rows,
            full=count >= most,
            problems=tuple(self._problems.get(each.name, ())),
        )

    def _input(self, each: Field, name: str) -> Input:
        words = self._form.code_lists.get(each.list or "", {})
        return Input(
            name=name,
            label=each.label.text,
            type=each.type.value,
            texts=tuple(self._typed.get(name, ())),
            problems=tuple(self._problems.get(name, ())),
            required=each.required,
            unit=each.unit or "",
            hint=self._hints.get(name, ""),
            options=tuple(words.items()),
            longest=each.max,
            code=self._codes.beside(each, name),
        )
