"""The record that is attached to a document, as a table that can be read aloud, searched in and
copied from.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from archive.base.bilingual import Language
from archive.base.departments import Departments, codes_of
from ingest.files.opening import attachment
from ingest.forms.catalog import FormCatalog
from ingest.forms.model import Field, FieldType, Form
from ingest.forms.shared_lists import day_stated
from ingest.record import FORMATS, RECORD_NAME
from ingest.render.code_words import DEPARTMENT_FIELDS, code_words, explained
from ingest.render.display import display


@dataclass(frozen=True, slots=True)
class Line:
    """One field: its label, and its value as text or as rows under headings."""

    label: str
    text: str = ""
    headings: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """One section of the form, with the fields that say something."""

    title: str
    lines: tuple[Line, ...]


def read_record(pdf: bytes) -> dict[str, Any]:
    """Return the record that is attached to a document of this archive (`docs/formats.md`); empty
    where none is.
    """
    attached = attachment(pdf, RECORD_NAME)
    record: dict[str, Any] = {} if attached is None else json.loads(attached)
    return record


def in_sections(
    record: Mapping[str, Any], forms: FormCatalog, language: Language, departments: Departments
) -> tuple[Group, ...]:
    """Return a record by its form's sections; nothing where it is empty, or its form is not known.

    Labels are in `language`; `departments` are their names of today. What the record says, and the
    words of the form's code lists, are as the paper has them.
    """
    if not record:
        return ()
    code, version = record["form"]["code"], record["form"]["version"]
    form = next(
        (form for form in forms.forms if (form.code, form.version) == (code, version)), None
    )
    if form is None or record["format"] not in FORMATS:
        return ()
    form = form.on(day_stated(record))
    groups = (
        Group(
            s.title.text.to(language),
            tuple(_lines(s.fields, record["data"], form, language, departments)),
        )
        for s in form.sections
    )
    return tuple(group for group in groups if group.lines)


def _lines(
    fields: tuple[Field, ...],
    data: Mapping[str, Any],
    form: Form,
    language: Language,
    departments: Departments,
) -> Iterator[Line]:
    for field in fields:
        value, label = data.get(field.name), field.label.text.to(language)
        if field.type is FieldType.TABLE:
            if value:
                rows = tuple(
                    tuple(_text(p, row.get(p.name), form, departments) for p in field.parts)
                    for row in value
                )
                kept = [
                    index for index in range(len(field.parts)) if any(row[index] for row in rows)
                ]
                headings = tuple(field.parts[index].label.text.to(language) for index in kept)
                yield Line(label, "", headings, tuple(tuple(row[i] for i in kept) for row in rows))
        elif text := _text(field, value, form, departments):
            yield Line(label, text)


def _text(field: Field, value: object, form: Form, departments: Departments) -> str:
    """Return a value as the paper shows it; a code has its words, as far as they are known."""
    text = display(field, value, form.code_lists)
    if form.accepts_json or field.type is not FieldType.LINE or not text:
        return text
    if field.name in DEPARTMENT_FIELDS:
        known = {code: name for code in codes_of(text) if (name := departments.name(code))}
        return explained(text, known)
    return explained(text, code_words().of(form, field))
