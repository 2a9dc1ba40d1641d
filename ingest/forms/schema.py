"""JSON Schemas (draft 2020-12) made from the fields of a form."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ingest.forms.field import Field, FieldType

DIALECT = "https://json-schema.org/draft/2020-12/schema"

LONGEST_LINE = 1024  # characters
LONGEST_TEXT = 65_536  # characters
MOST_ROWS = 5_000

CodeLists = Mapping[str, Mapping[str, str]]

_DATE = r"^\d{4}-\d{2}-\d{2}$"
_PARTIAL_DATE = r"^\d{4}(-\d{2}(-\d{2})?)?$"
_DATETIME = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})$"


def object_schema(fields: Iterable[Field], lists: CodeLists) -> dict[str, Any]:
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
    return schema


def _value(field: Field, lists: CodeLists) -> dict[str, Any]:
    return {
        "title": field.label.vi,
        "description": field.label.en,
        **_RULES[field.type](field, lists),
    }


def _line(field: Field, lists: CodeLists) -> dict[str, Any]:
    # `line` is Kho's own format: no line end, no mark of direction, something to see
    # (`archive.base.text.line`).
    length = {"minLength": int(field.required), "maxLength": field.max or LONGEST_LINE}
    return {"type": "string", "format": "line", **length}


def _text(field: Field, lists: CodeLists) -> dict[str, Any]:
    return {
        "type": "string",
        "minLength": int(field.required),
        "maxLength": field.max or LONGEST_TEXT,
    }


def _code(field: Field, lists: CodeLists) -> dict[str, Any]:
    assert field.list is not None
    return {"enum": list(lists[field.list])}


def _codes(field: Field, lists: CodeLists) -> dict[str, Any]:
    return {
        "type": "array",
        "minItems": int(field.required),
        "uniqueItems": True,
        "items": _code(field, lists),
    }


def _number(kind: str) -> Callable[[Field, CodeLists], dict[str, Any]]:
    def rule(field: Field, lists: CodeLists) -> dict[str, Any]:
        limits = {"minimum": field.least, "maximum": field.most}
        return {"type": kind, **{key: value for key, value in limits.items() if value is not None}}

    return rule


def _table(field: Field, lists: CodeLists) -> dict[str, Any]:
    rows = object_schema(field.parts, lists)
    return {
        "type": "array",
        "minItems": int(field.required),
        "maxItems": field.max or MOST_ROWS,
        "items": rows,
    }


_RULES: dict[FieldType, Callable[[Field, CodeLists], dict[str, Any]]] = {
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
