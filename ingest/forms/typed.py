"""What people type into a form becomes the data of a paper, by pure functions.

A field is named by its name in the data; a cell of a table `TABLE.ROW.COLUMN`, rows from 0.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from archive.base.clock import VIETNAM
from archive.base.errors import Fault
from ingest.forms.field import Field, FieldType
from ingest.forms.model import Form
from ingest.forms.schema import object_schema
from ingest.forms.sums import SUMS, total, written
from ingest.forms.validation import faults
from search.dates import full_day, moment, partial

Typed = Mapping[str, Sequence[str]]

MOST_ROWS = 200  # of a table on a page
# a longer number is no finite one, or none that a paper has: it stays text, which is a fault
_NUMBER = re.compile(r"[+-]?\d{1,30}(?:[.,]\d{1,30})?\Z", re.ASCII)


def data_of(form: Form, typed: Typed) -> dict[str, Any]:
    """Return the data that `typed` says; what is empty is left out.

    A text that is not what its field asks for stays as it is: :func:`faults_of` names it.
    """
    data = {}
    for field in form.fields:
        value = _table(field, typed) if field.type is FieldType.TABLE else _value(field, typed)
        if value not in (None, "", [], {}):
            data[field.name] = value
    return data


def with_sums(form: Form, typed: Typed) -> dict[str, Sequence[str]]:
    """Return `typed` with the totals that were left empty, where all their parts are there."""
    summed = dict(typed)
    for table in form.fields:
        for row in range(rows_of(table, typed) if table.type is FieldType.TABLE else 0):
            _add_sums(summed, table.parts, form, f"{table.name}.{row}.")
    _add_sums(summed, form.fields, form, "")
    return summed


def _add_sums(
    typed: dict[str, Sequence[str]], fields: tuple[Field, ...], form: Form, prefix: str
) -> None:
    """Put the totals of `fields` into `typed`; `prefix` is what their names begin with."""
    sums = object_schema(fields, form.lists).get(SUMS, {})
    if not sums:
        return
    if prefix:
        data = {field.name: _value(field, typed, prefix + field.name) for field in fields}
    else:
        data = data_of(form, typed)
    for name, parts in sums.items():
        expected = total(parts, data)
        if expected is not None and data.get(name) is None:
            text = written(expected).replace(".", ",")
            typed[prefix + name] = [text]
            data[name] = float(expected) if "," in text else int(expected)  # a part of another


def faults_of(form: Form, typed: Typed) -> tuple[Fault, ...]:
    """Return everything that is wrong with what was typed; paths are those of the data."""
    return faults(data_of(form, typed), form.data_schema())


def field_of(path: str) -> str:
    """Return the name under which a path of the data was typed: `/thuoc/2/lieu`: `thuoc.2.lieu`."""
    return ".".join(path.strip("/").split("/"))


def typed_of(form: Form, data: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return `data` as people would type it."""
    typed: dict[str, list[str]] = {}
    for field in form.fields:
        value = data.get(field.name)
        if field.type is FieldType.TABLE:
            for number, row in enumerate(value or ()):
                for part in field.parts:
                    if (texts := _texts(part, row.get(part.name))) != []:
                        typed[f"{field.name}.{number}.{part.name}"] = texts
        elif (texts := _texts(field, value)) != []:
            typed[field.name] = texts
    return typed


def rows_of(field: Field, typed: Typed) -> int:
    """Return how many rows of a table were typed, an empty one between others included."""
    return min(max((number + 1 for number in _numbers(field, typed)), default=0), MOST_ROWS)


def _numbers(field: Field, typed: Typed) -> Iterator[int]:
    for name, texts in typed.items():
        table, _, rest = name.partition(".")
        number = rest.partition(".")[0]
        is_row = number.isdecimal() and len(number) < 10  # int() refuses very many figures
        if table == field.name and is_row and any(text.strip() for text in texts):
            yield int(number)


def _table(field: Field, typed: Typed) -> list[dict[str, Any]]:
    rows = []
    for number in range(rows_of(field, typed)):
        row = {
            part.name: value
            for part in field.parts
            if (value := _value(part, typed, f"{field.name}.{number}.{part.name}"))
            not in (None, "", [])
        }
        if row:
            rows.append(row)
    return rows


def _value(field: Field, typed: Typed, name: str | None = None) -> Any:
    texts = [text for text in typed.get(name or field.name, ()) if text.strip()]
    if not texts:
        return None
    text = texts[0].strip()
    match field.type:
        case FieldType.CODES:
            return texts
        case FieldType.BOOLEAN:
            return {"1": True, "0": False}.get(text, text)
        case FieldType.TEXT:
            return "\n".join(line.rstrip() for line in text.splitlines())
        case FieldType.DATE:
            day = full_day(text)
            return text if day is None else day.isoformat()
        case FieldType.PARTIAL_DATE:
            return partial(text) or text
        case FieldType.DATETIME:
            at = moment(text)
            return text if at is None or len(text.split()) < 2 else at.isoformat()
        case FieldType.NUMBER | FieldType.INTEGER if _NUMBER.match(text):
            number = float(text.replace(",", "."))
            whole = number.is_integer() and "," not in text and "." not in text
            return int(number) if whole else number
    return text


def _texts(field: Field, value: Any) -> list[str]:
    if value is None:
        return []
    match field.type:
        case FieldType.CODES:
            return [str(each) for each in value]
        case FieldType.BOOLEAN:
            return ["1" if value else "0"]
        case FieldType.DATE | FieldType.PARTIAL_DATE:
            return ["/".join(reversed(str(value).split("-")))]
        case FieldType.DATETIME:
            at = datetime.fromisoformat(str(value)).astimezone(VIETNAM)
            return [f"{at:%H:%M %d/%m/%Y}"]
        case FieldType.NUMBER:
            return [str(value).replace(".", ",")]
    return [str(value)]
