"""JSON Schemas (draft 2020-12) made from the fields of a form."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from ingest.codes.lists import Listing
from ingest.forms.field import NUMBERS, Field, FieldType
from ingest.forms.sums import SUMS

DIALECT = "https://json-schema.org/draft/2020-12/schema"

LONGEST_LINE = 1024  # characters
LONGEST_TEXT = 65_536  # characters
MOST_ROWS = 5_000

LIST = "x-kho-list"  # an annotation: which shared list the codes of `enum` are


class Lists(NamedTuple):
    """The words of each code list, and the shared ones among them."""

    words: Mapping[str, Mapping[str, str]]
    shared: Mapping[str, Listing]


_DATE = r"^\d{4}-\d{2}-\d{2}$"
_PARTIAL_DATE = r"^\d{4}(-\d{2}(-\d{2})?)?$"
_DATETIME = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})$"


def object_schema(fields: Iterable[Field], lists: Lists) -> dict[str, Any]:
    """Return the schema of an object of `fields`, and of nothing else;
    codes are keys of `lists`.
    """
    fields = tuple(fields)
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {field.name: _value(field, lists) for field in fields},
        "additionalProperties": False,
    }
    if required := [field.name for field in fields if field.required]:
        schema["required"] = required
    if sums := {field.name: _parts(field, fields, lists) for field in fields if field.sum}:
        schema[SUMS] = sums
    return schema


def _parts(total: Field, fields: tuple[Field, ...], lists: Lists) -> list[dict[str, Any]]:
    """Return the parts of a sum for :func:`ingest.forms.sums.total`; raises :class:`ValueError`
    for a part that is no number and has no points.
    """
    assert total.sum is not None
    parts = []
    for path in total.sum.of:
        table, _, name = path.rpartition(".")
        beside = next((f.parts for f in fields if f.name == table), ()) if table else fields
        known = {field.name: field for field in beside}
        added = known.get(name)
        if added is None or added is total or not (added.points or added.type in NUMBERS):
            raise ValueError(f"the sum {total.name} has no number or points in {path}")
        part: dict[str, Any] = {"field": name}
        if added.points is not None:
            part["points"] = dict(added.points)
        if table:
            part["table"] = table
        if total.sum.every is not None:
            each = known.get(total.sum.every)
            if not table or each is None or each.list is None:
                raise ValueError(f"the sum {total.name} has no codes in {total.sum.every}")
            part["every"] = {"field": each.name, "codes": list(lists.words[each.list])}
        parts.append(part)
    return parts


def _value(field: Field, lists: Lists) -> dict[str, Any]:
    return {
        "title": field.label.vi,
        "description": field.label.en,
        **_RULES[field.type](field, lists),
    }


def _line(field: Field, lists: Lists) -> dict[str, Any]:
    # `line` is Kho's own format: no line end, no mark of direction, something to see
    # (`archive.base.text.line`).
    length = {"minLength": int(field.required), "maxLength": field.max or LONGEST_LINE}
    return {"type": "string", "format": "line", **length}


def _text(field: Field, lists: Lists) -> dict[str, Any]:
    return {
        "type": "string",
        "minLength": int(field.required),
        "maxLength": field.max or LONGEST_TEXT,
    }


def _code(field: Field, lists: Lists) -> dict[str, Any]:
    assert field.list is not None
    codes = {"enum": list(lists.words[field.list])}
    return {**codes, **_about(lists.shared[field.list])} if field.list in lists.shared else codes


def _about(listing: Listing) -> dict[str, Any]:
    """Return which shared list it is, for programs and for the sentence of a refusal."""
    since = None if listing.since is None else listing.since.isoformat()
    about = {"title": listing.title.as_json(), "source": listing.source, "since": since}
    return {LIST: about}


def _codes(field: Field, lists: Lists) -> dict[str, Any]:
    return {
        "type": "array",
        "minItems": int(field.required),
        "uniqueItems": True,
        "items": _code(field, lists),
    }


def _number(kind: str) -> Callable[[Field, Lists], dict[str, Any]]:
    def rule(field: Field, lists: Lists) -> dict[str, Any]:
        limits = {"minimum": field.least, "maximum": field.most}
        return {"type": kind, **{key: value for key, value in limits.items() if value is not None}}

    return rule


def _table(field: Field, lists: Lists) -> dict[str, Any]:
    rows = object_schema(field.parts, lists)
    return {
        "type": "array",
        "minItems": int(field.required),
        "maxItems": field.max or MOST_ROWS,
        "items": rows,
    }


_RULES: dict[FieldType, Callable[[Field, Lists], dict[str, Any]]] = {
    FieldType.LINE: _line,
    FieldType.TEXT: _text,
    FieldType.DATE: lambda field, lists: {"type": "string", "format": "date", "pattern": _DATE},
    FieldType.DATETIME: lambda field, lists: {
        "type": "string",
        "format": "date-time",
        "pattern": _DATETIME,
    },
    FieldType.PARTIAL_DATE: lambda field, lists: {
        "type": "string",
        "format": "partial-date",
        "pattern": _PARTIAL_DATE,
    },
    FieldType.NUMBER: _number("number"),
    FieldType.INTEGER: _number("integer"),
    FieldType.BOOLEAN: lambda field, lists: {"type": "boolean"},
    FieldType.CODE: _code,
    FieldType.CODES: _codes,
    FieldType.TABLE: _table,
}
