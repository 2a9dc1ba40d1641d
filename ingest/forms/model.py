"""What a form is: the frozen value that one `form.yaml` is loaded into (described in
`docs/forms.md`).
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Self

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError
from pydantic import Field as Key
from pydantic import SerializerFunctionWrapHandler, model_serializer, model_validator

from archive.base.facts import Strict
from archive.base.identifiers import FormCode
from ingest.codes.lists import Listing, shipped
from ingest.forms.field import Field, FieldType, Name, Words, refuse_twins
from ingest.forms.schema import DIALECT, Lists, object_schema
from ingest.forms.shared_lists import listings_on
from ingest.forms.sheet import Block, Columns, Curves, Grid, Line, Masthead, Picture, Place, Signing

__all__ = [
    "Field",
    "FieldType",
    "Form",
    "Layout",
    "LayoutSource",
    "Section",
    "Signature",
    "Validity",
    "Words",
]


# A cache: a list has few states, and a paper's definition is made once for each. Keys are ids,
# because forms have no hash.
_ON_A_DAY: dict[tuple[object, ...], tuple["Form", "Form"]] = {}
_MOST_ON_A_DAY = 500


class Section(Strict):
    """A titled group of fields, in the order of the paper."""

    title: Words
    fields: tuple[Field, ...]
    # how the section is printed: a matter of the look, not archived
    body: Annotated[tuple[Block, ...], Key(exclude=True)] = ()
    headed: Annotated[bool, Key(exclude=True)] = True  # whether the sheet prints the title
    new_page: Annotated[bool, Key(exclude=True)] = False
    dense: Annotated[bool, Key(exclude=True)] = False  # smaller letters: a cover fits on its page


class Signature(Strict):
    """A place where a clinician signs; `name_field` is the field that holds the name.

    `otherwise`: a field or `table.column` that names the signer where that one is empty.
    `optional`: the place may stay empty. Neither is archived.
    """

    role: Words
    name_field: Name | None = None
    otherwise: Annotated[str | None, Key(exclude=True)] = None
    optional: Annotated[bool, Key(exclude=True)] = False


class Validity(Strict):
    """The days on which the form is in force: `from` and `to`, both included; no `to` means until
    further notice.
    """

    since: Annotated[date, Key(alias="from")]
    until: Annotated[date | None, Key(alias="to")] = None

    def covers(self, day: date) -> bool:
        """Return whether the form is in force on `day`."""
        return self.since <= day and (self.until is None or day <= self.until)

    def overlaps(self, other: "Validity") -> bool:
        """Return whether a day exists on which both are in force."""
        return self.covers(other.since) or other.covers(self.since)


class Layout(StrEnum):
    """Which layout draws the paper: a `layout.typ` beside the form, the blocks of its sections, or
    the one general layout.
    """

    OWN = "own"
    SHEET = "sheet"
    GENERAL = "general"


class LayoutSource(StrEnum):
    """How sure the layout is: an official template, a hospital's print that carries its code, the
    form of the same title in QĐ 4069/2001, inferred from a rule, or a rendition of insurance XML.
    """

    OFFICIAL = "official"
    PRINT = "print"
    PREDECESSOR = "predecessor"
    INFERRED = "inferred"
    XML = "xml"


_SEEN_ELSEWHERE = (LayoutSource.PRINT, LayoutSource.PREDECESSOR)


class Form(Strict):
    """A prescribed template (mẫu biểu) in one of its versions."""

    code: FormCode
    version: Annotated[int, Key(gt=0)]  # Kho's version of this definition
    printed_code: str | None = None  # as the paper shows it, e.g. "MS: 01/BV-01"
    title: Words
    source: str  # the legal text and its annex
    valid: Validity
    layout: Layout
    layout_source: LayoutSource
    sections: tuple[Section, ...]
    code_lists: Annotated[dict[str, dict[str, str]], Key(default_factory=dict)]
    signatures: tuple[Signature, ...] = ()
    # JSON Schemas that `data` must satisfy besides what its fields say
    rules: tuple[dict[str, Any], ...] = ()
    # the field that holds a paper's own title; the definition that is archived leaves it out
    title_field: Annotated[Name | None, Key(exclude=True)] = None
    # the shared lists that the fields name, on a day or on any; those that `code_lists` has
    listings: Annotated[dict[str, Listing], Key(default_factory=dict, exclude=True, repr=False)]
    shared: Annotated[frozenset[str], Key(exclude=True)] = frozenset()
    # what was seen of a form whose official template was not; for its maintainer, not archived
    seen: Annotated[str | None, Key(exclude=True, min_length=1)] = None
    # of a paper's own date (or `table.column`), and of the number of its sheet; likewise left out
    date_field: Annotated[str | None, Key(exclude=True)] = None
    sheet_field: Annotated[Name | None, Key(exclude=True)] = None
    # whether the sheet lies on its long side; a matter of the look
    landscape: Annotated[bool, Key(exclude=True)] = False
    # layout.typ, for Layout.OWN
    layout_text: Annotated[str | None, Key(exclude=True, repr=False)] = None

    @model_validator(mode="after")
    def _names_agree(self) -> Self:
        refuse_twins(field.name for field in self.fields)
        for field in self.every_field():
            if field.list is not None and field.list not in self.code_lists:
                raise ValueError(f"{field.name}: there is no code list {field.list}")
            if field.points is not None and set(field.points) != set(self._codes(field)):
                raise ValueError(f"{field.name}: points are for each code of {field.list}")
            for name in (field.codes_of, field.names_of):
                if name is not None and name not in shipped():
                    raise ValueError(f"{field.name}: there is no shared list {name}")
        if any(field.sum for field in self.every_field()):
            self.body_schema()  # it refuses a sum whose parts are no numbers
        names = {field.name for field in self.fields}
        paths = names | {
            f"{field.name}.{part.name}" for field in self.fields for part in field.parts
        }
        for name in self._placed():
            if name not in paths:
                raise ValueError(f"the sheet places no field: {name}")
        for signature in self.signatures:
            if signature.name_field is not None and signature.name_field not in names:
                raise ValueError(f"the signature block names no field: {signature.name_field}")
        spare = (signature.otherwise for signature in self.signatures)
        for path in (self.title_field, self.date_field, self.sheet_field, *spare):
            if path is not None and path not in paths:
                raise ValueError(f"there is no field {path}")
        for rule in self.rules:
            try:
                Draft202012Validator.check_schema(rule)
            except SchemaError as error:
                raise ValueError(f"a rule is no JSON Schema: {error.message}") from error
        if self.layout_source in _SEEN_ELSEWHERE and self.seen is None:
            raise ValueError(f"layout_source: {self.layout_source.value} needs `seen`")
        if (self.layout is Layout.OWN) != (self.layout_text is not None):
            raise ValueError("layout: own needs a layout.typ beside form.yaml, others have none")
        if (self.layout is Layout.SHEET) != any(section.body for section in self.sections):
            raise ValueError("layout: sheet needs sections with a body, others have none")
        return self

    def _codes(self, field: Field) -> Iterable[str]:
        return self.code_lists[field.list or ""]

    def _placed(self) -> Iterator[str]:
        """Yield the names that the blocks of the sections mention."""
        for section in self.sections:
            yield from _names(section.body)

    def own_title(self, data: Mapping[str, Any]) -> str | None:
        """Return the title that a paper of this form gives itself in its `data`; None: it gives
        none.
        """
        if self.title_field is None:
            return None
        return str(data.get(self.title_field) or "").strip() or None

    def on(self, day: date | None) -> "Form":
        """Return this form with the shared code lists as they are on `day`: a paper's definition
        holds the codes of its day. None: the codes of any day.
        """
        if day is None or not self.listings:
            return self
        listings = listings_on(self.listings, day)
        key = (id(self), *(listing.since for listing in listings.values()))
        kept = _ON_A_DAY.get(key)
        if kept is None or kept[0] is not self:
            if len(_ON_A_DAY) >= _MOST_ON_A_DAY:
                _ON_A_DAY.clear()
            lists = {name: dict(listings[name].words) for name in self.shared}
            change = {"listings": listings, "code_lists": {**self.code_lists, **lists}}
            kept = _ON_A_DAY[key] = (self, self.model_copy(update=change))
        return kept[1]

    def words_of(self, field: Field) -> Mapping[str, str]:
        """Return the words of the codes that `field` has as text (`codes_of`)."""
        listing = self.listings.get(field.codes_of or "")
        return {} if listing is None else listing.words

    @model_serializer(mode="wrap")
    def _as_it_was_before_rules(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        # Definitions are archived and known by their digest: a form without rules stays what it
        # was.
        written: dict[str, Any] = write(self)
        if not self.rules:
            written.pop("rules", None)
        return written

    @property
    def fields(self) -> tuple[Field, ...]:
        """All fields, in the order of the paper, without the parts of tables."""
        return tuple(field for section in self.sections for field in section.fields)

    @property
    def accepts_json(self) -> bool:
        """Return whether a JSON chart may hold this form; a rendition of XML comes from its XML
        only.
        """
        return self.layout_source is not LayoutSource.XML

    def every_field(self) -> Iterator[Field]:
        """Yield all fields, those inside tables included."""
        for field in self.fields:
            yield field
            yield from field.parts

    def data_schema(self) -> dict[str, Any]:
        """Return the JSON Schema (draft 2020-12) of this form's `data`."""
        return {
            "$schema": DIALECT,
            "$comment": f"{self.code}, version {self.version}; {self.source}",
            "title": self.title.vi,
            "description": self.title.en,
            **self.body_schema(),
        }

    @property
    def lists(self) -> Lists:
        """All code lists, and which of them are shared."""
        return Lists(self.code_lists, {name: self.listings[name] for name in self.shared})

    def body_schema(self) -> dict[str, Any]:
        """Return that schema without its heading, for use within another schema."""
        schema = object_schema(self.fields, self.lists)
        return {**schema, "allOf": list(self.rules)} if self.rules else schema


def _names(blocks: Iterable[Any]) -> Iterator[str]:
    for block in blocks:
        match block:
            case Place(name=name, look=look):
                yield name
                if look.code is not None:
                    yield look.code
            case Line(line=items):
                yield from _names(items)
            case Columns(columns=columns):
                for column in columns:
                    yield from _names(column)
            case Grid(grid=rows):
                for row in rows:
                    for cell in row.cells:
                        yield from _names(cell)
            case Signing(names=names, date=date_field, dates=dates, beside=beside):
                yield from names
                yield from (date_field,) if date_field else ()
                yield from (*dates, *dates.values())
                yield from _names(beside)
            case Masthead(left=left, right=right, under=under):
                yield from _names((*left, *right, *under))
            case Picture(marks=str(marks)):
                yield marks
            case Curves(curves=table, since=since):
                yield from (table,) if since is None else (table, since)
                yield from (f"{table}.{column}" for column in block.columns)
            case _:
                pass
