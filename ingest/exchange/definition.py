"""The elements of an exchange format, as `hosobenhan.yaml` names them, and their JSON Schema."""

import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Annotated, Any, Self

import yaml
from pydantic import Field as Key
from pydantic import TypeAdapter, model_validator

from archive.base.facts import Strict
from ingest.forms.field import Words
from ingest.forms.schema import DIALECT

FACTS = ("chart", "patient", "facility", "department")  # what is known without a paper


class Kind(StrEnum):
    """How an element is written; `moment` is a day alone where the hour is not known."""

    TEXT = "text"
    DATE = "date"
    MOMENT = "moment"
    GROUP = "group"
    LIST = "list"


class Seen(StrEnum):
    """How sure an element's name is; `hosobenhan.yaml` says what each means."""

    ANNEX = "annex"
    EXPORTER = "exporter"
    DATALAKE = "datalake"
    INFERRED = "inferred"


class Rows(Strict):
    """Where the items of a list are: each row of a table, or the paper itself where none is named.

    `only`, `with`, `without`: which rows count.
    """

    rows: str | None = None
    only: Annotated[dict[str, tuple[str, ...]], Key(default_factory=dict)]
    says: Annotated[tuple[str, ...], Key(alias="with")] = ()
    lacks: Annotated[tuple[str, ...], Key(alias="without")] = ()
    values: Annotated[dict[str, str], Key(default_factory=dict)]


class Items(Rows):
    """The items that the papers of one name give; `lists` are the lists within an item."""

    of: str
    lists: Annotated[dict[str, tuple[Rows, ...]], Key(default_factory=dict)]


class Element(Strict):
    """One element, and the sources of its value in their order."""

    name: Annotated[str, Key(pattern=r"^[A-Za-z][A-Za-z0-9_]*$")]
    kind: Kind = Kind.TEXT
    seen: Seen | None = None  # None: as the element that holds it
    max: Annotated[int, Key(gt=0)] | None = None  # characters
    code: bool = False  # a code is written as it is, not in words
    words: Annotated[dict[str, str], Key(default_factory=dict)]
    sources: Annotated[tuple[str, ...], Key(alias="from")] = ()
    elements: tuple["Element", ...] = ()
    items: tuple[Items, ...] = ()

    @model_validator(mode="after")
    def _parts_fit_the_kind(self) -> Self:
        if (self.kind in (Kind.GROUP, Kind.LIST)) != bool(self.elements):
            raise ValueError(f"{self.name}: a group or list has elements, nothing else has")
        if self.items and self.kind is not Kind.LIST:
            raise ValueError(f"{self.name}: only a list has items")
        return self

    def within(self, seen: Seen) -> Seen:
        """Return how sure the name is, within an element of which `seen` is true."""
        return self.seen or seen


class Group(Strict):
    """One of the eleven groups."""

    name: str
    title: Words
    seen: Seen
    elements: tuple[Element, ...]


class ExchangeFormat(Strict):
    """A whole format: its groups, and the forms that its sources name."""

    title: Words
    source: str
    root: str
    papers: dict[str, str]  # name: a pattern of form codes
    groups: tuple[Group, ...]

    def is_of(self, papers: str, form: str) -> bool:
        """Return whether papers of `form` belong to the name `papers`."""
        return re.fullmatch(self.papers[papers], form) is not None

    def json_schema(self) -> dict[str, Any]:
        """Return the JSON Schema (draft 2020-12) of what is written.

        It is Kho's own: no schema was published. Elements whose name is inferred may be absent.
        """
        groups = {group.name: _object(group.elements, group.seen) for group in self.groups}
        whole = _strict(groups, list(groups))
        return {
            "$schema": DIALECT,
            "$comment": self.source,
            "title": self.title.vi,
            "description": self.title.en,
            **_strict({self.root: whole}, [self.root]),
        }


@cache
def hosobenhan() -> ExchangeFormat:
    """Return the format of CV 365/TTYQG-GPQLCL."""
    text = resources.files("ingest.exchange").joinpath("hosobenhan.yaml").read_text("utf-8")
    return TypeAdapter(ExchangeFormat).validate_python(yaml.safe_load(text))


def sources(known: ExchangeFormat) -> Iterator[tuple[str, str]]:
    """Yield every `(papers or fact, field)` that the format takes a value from."""
    for group in known.groups:
        for element in group.elements:
            yield from _sources(element)


def _sources(element: Element) -> Iterator[tuple[str, str]]:
    yield from (_split(source, "") for source in element.sources)
    for items in element.items:
        for rows in (items, *(each for lines in items.lists.values() for each in lines)):
            values = (name for either in rows.values.values() for name in either.split("|"))
            for source in (*values, *rows.only, *rows.says, *rows.lacks):
                prefix, name = _split(source, items.of)
                own = rows.rows and prefix == items.of and "." not in source
                yield prefix, f"{rows.rows}.{name}" if own else name
    for inner in element.elements:
        yield from _sources(inner)


def _split(source: str, own: str) -> tuple[str, str]:
    prefix, dot, name = source.partition(".")
    if not dot:
        return own, source
    return (own if prefix == "paper" else prefix), name


def _object(elements: tuple[Element, ...], seen: Seen) -> dict[str, Any]:
    properties = {each.name: _value(each, each.within(seen)) for each in elements}
    sure = [each.name for each in elements if each.within(seen) is not Seen.INFERRED]
    return _strict(properties, sure)


def _value(element: Element, seen: Seen) -> dict[str, Any]:
    if element.kind is Kind.GROUP:
        return _object(element.elements, seen)
    if element.kind is Kind.LIST:
        return {"type": "array", "items": _object(element.elements, seen)}
    length = {} if element.max is None else {"maxLength": element.max}
    pattern = {"pattern": PATTERNS[element.kind]} if element.kind in PATTERNS else {}
    return {"type": "string", **length, **pattern}


def _strict(properties: Mapping[str, Any], required: list[str]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": dict(properties),
        "required": required,
        "additionalProperties": False,
    }


PATTERNS = {
    Kind.DATE: r"^(\d{2}/\d{2}/\d{4})?$",
    Kind.MOMENT: r"^(\d{2}/\d{2}/\d{4}( \d{2}:\d{2}:\d{2}\.\d{3})?)?$",
}
