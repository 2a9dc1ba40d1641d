"""The view: all that a layout prints, as plain JSON values made from a job by a pure function.

Layouts get finished text and decide only its place. Everything that came from outside has gone
through :func:`ingest.render.printable.printable` here, in one place.
"""

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from textwrap import wrap
from typing import Any

import segno

from archive.base.clock import VIETNAM
from archive.base.departments import ministry_names
from ingest.forms.model import Field, FieldType, Form, Layout, LayoutSource
from ingest.render.chart_facts import chart, facts, patient
from ingest.render.code_words import DEPARTMENT_FIELDS, code_words, explained
from ingest.render.display import Moment, display, moment
from ingest.render.job import FileFace, RenderJob
from ingest.render.labels import beside
from ingest.render.printable import LONGEST_WORD, has_codes, printable
from ingest.render.sheet_view import sheet

# points: text width of A4, both sides of a cell, the widest character
_SHEET, _CELL_PADDING, _LETTER = 518, 6, 9.5
# the longest label or value for half a row, and the longest value for one, in characters
_HALF, _ROW = 34, 400
SHORT_ID = 18  # characters of a document's id on a printed copy: 8-4-4 hex digits
_FORMAT = "version"  # of the data of a rendition of XML: the seal's block names it

Json = dict[str, Any]


def view(job: RenderJob) -> Json:
    """Return the view of `job`, as the layouts read it (`lib/view.typ` says what is in it)."""
    job = replace(job, data=_with_names(job))
    form = job.form
    own_title = form.own_title(job.data)
    content: Json = {
        "form": {
            "code": form.code,
            "version": form.version,
            "printed_code": form.printed_code or f"Mẫu: {form.code}",
            "title": printable(own_title) if own_title else form.title.vi,
            "own_title": own_title is not None,
            "source": form.source,
            "origin": "cover_origin" if job.file else _origin(form),
            "landscape": form.landscape and job.file is None,
        },
        "facility": {name: printable(value) for name, value in asdict(job.facility).items()},
        "patient": patient(job),
        "chart": chart(job),
        "signatures": [
            {"role": block.role.vi, "name": _name(job, block.name_field)}
            for block in form.signatures
        ],
        "seal": _seal(job),
        "attachments": [
            {"name": a.name, "description": printable(a.description)} for a in job.attachments
        ]
        + (
            [{"name": job.file.attachment, "description": printable(job.file.name)}]
            if job.file
            else []
        ),
        "test": job.test,
        "preview": job.preview,
        "blank": job.blank,
        "file": _file(job.file) if job.file else None,
    }
    if form.layout is Layout.OWN:
        content["fields"] = {
            field.name: _field(field, job.data.get(field.name), form) for field in form.fields
        }
    if form.layout is Layout.GENERAL:
        content["sections"] = _sections(job)
    if form.layout is Layout.SHEET and job.file is None:
        content["sheet"] = sheet(form, job.data, facts(job), job.blank)
    return {**content, "has_codes": has_codes(json.dumps(content, ensure_ascii=False))}


def _with_names(job: RenderJob) -> Mapping[str, Any]:
    """Return the paper's data; codes of departments and practitioners in an insurance table have
    their names.

    A practitioner's code with the name in the field beside it stays alone: a paper says no word
    twice.
    """
    if job.form.accepts_json:
        return job.data
    beside_it = code_words().practitioners
    departments = {**ministry_names(), **job.departments}

    def named(value: Any) -> Any:
        if isinstance(value, list | tuple):
            return [named(part) for part in value]
        return of_record(value) if isinstance(value, Mapping) else value

    def of_record(record: Mapping[str, Any]) -> dict[str, Any]:
        return {name: of_field(name, value, record) for name, value in record.items()}

    def of_field(name: str, value: Any, record: Mapping[str, Any]) -> Any:
        if not isinstance(value, str):
            return named(value)
        if name in DEPARTMENT_FIELDS:
            return explained(value, departments)
        if name in beside_it and beside_it[name] not in record:
            return explained(value, job.practitioners)
        return value

    return of_record(job.data)


def _sections(job: RenderJob) -> list[Json]:
    """Return all fields as the general layout walks them, without groups that hold nothing.

    A layout of its own takes them by name.
    """
    form = job.form
    # A name under a signature block is not said a second time above it.
    signers = {block.name_field for block in form.signatures}
    said = signers | {form.title_field} if form.accepts_json else {_FORMAT}
    sections = (
        (section.title.vi, [field for field in section.fields if field.name not in said])
        for section in form.sections
    )
    return [
        {
            "title": title,
            "items": [
                _item(field, job.data.get(field.name), form)
                for field in fields
                if not _left_out(field, job.data.get(field.name), form)
            ],
        }
        for title, fields in sections
        if any(_filled(field, job.data.get(field.name)) for field in fields)
    ]


def _origin(form: Form) -> str:
    """Return which sentence on the face says where the paper comes from (`lib/words.yaml`)."""
    drawn = form.layout is not Layout.GENERAL or form.layout_source is LayoutSource.XML
    return form.layout_source.value if drawn else form.layout.value


def _name(job: RenderJob, field: str | None) -> str:
    # A rendition of XML leaves the clinicians' blocks empty: the XML's codes are not names that
    # someone put there.
    return printable(str(job.data.get(field) or "")) if field and job.form.accepts_json else ""


def _seal(job: RenderJob) -> Json:
    if job.preview:
        return {"document_id": "", "attachments": [], "qr": "", "uri": "", "address": []}
    drawn = io.BytesIO()
    # Readers take any of the eight masks (ISO/IEC 18004, 7.8); to try which is prettiest costs more
    # than all the rest.
    qr = segno.make(job.verify_uri, error="m", micro=False, boost_error=False, mask=3)
    qr.save(drawn, kind="svg", border=1, xmldecl=False, nl=False)
    return {
        "time": job.claimed_at.astimezone(VIETNAM).strftime("%d/%m/%Y %H:%M:%S"),
        "document_id": job.document_id,
        "uri": job.verify_uri,
        "address": address_in_words(job.verify_uri),
        "qr": drawn.getvalue().decode("utf-8"),
        "format": "" if job.form.accepts_json else printable(str(job.data.get(_FORMAT) or "")),
    }


def address_in_words(uri: str) -> list[str]:
    """Return the address of the page behind the QR code as a person types it, in the parts between
    which a line may break; empty where the code holds no address.

    It is short: browsers add the scheme, and the first 16 hex digits of the document's id are
    enough for the page, which compares files.
    """
    scheme, _, rest = uri.partition("://")
    if scheme not in ("http", "https"):
        return []
    host, _, document_id = rest.rpartition("/v/")
    return [printable(f"{host}/v/"), document_id[:SHORT_ID]]


def _file(file: FileFace) -> Json:
    return {
        "name": printable(file.name),
        "attachment": file.attachment,
        "media_type": file.media_type,
        "size": f"{file.size:,}".replace(",", "."),
        "pages": str(file.pages) if file.pages else "",
        "sha256": printable(" ".join(wrap(file.sha256, 8))),
        "dated": file.dated.strftime("%d/%m/%Y") if file.dated else "",
        "verdict": file.verdict,
        "signers": [
            {"subject": printable(subject), "issuer": printable(issuer), "when": _moment_text(when)}
            for subject, issuer, when in file.signers
        ],
    }


def _moment_text(when: str | None) -> str:
    return (
        datetime.fromisoformat(when).astimezone(VIETNAM).strftime("%d/%m/%Y %H:%M:%S")
        if when
        else ""
    )


def _field(field: Field, value: object, form: Form) -> Json:
    """One field for a layout of its own: its text, and the parts that a paper has separate places
    for.
    """
    if field.type is FieldType.TABLE:
        return {
            "rows": [
                {part.name: _field(part, row.get(part.name), form) for part in field.parts}
                for row in _rows(value)
            ]
        }
    whole = _text(field, value, form)
    entry: Json = {"text": printable(beside(field.label.vi, whole))}
    if field.type is FieldType.LINE:
        entry["whole"] = printable(whole)
    if field.type is FieldType.CODE:
        entry["code"] = "" if value is None else str(value)
    elif field.type is FieldType.BOOLEAN:
        entry["on"] = value is True
    elif field.type in (FieldType.DATE, FieldType.DATETIME):
        entry |= asdict(moment(value) or Moment())
    return entry


def _text(field: Field, value: object, form: Form) -> str:
    """Return what is printed for `value`, a code of an insurance table with its words."""
    text = display(field, value, form.code_lists)
    if form.accepts_json or field.type is not FieldType.LINE:
        return text
    return explained(text, code_words().of(form, field))


def _item(field: Field, value: object, form: Form) -> Json:
    """One field for the general layout."""
    item: Json = {"label": field.label.vi, "type": field.type.value}
    if field.records:
        return item | {
            "type": "records",
            "records": [
                [
                    _item(part, row[part.name], form)
                    for part in field.parts
                    if _filled(part, row.get(part.name))
                ]
                for row in _rows(value)
            ],
        }
    if field.type is FieldType.TABLE:
        return item | {
            "columns": [
                {"label": column.label.vi, "width": column.width or 1, "right": _is_numeric(column)}
                for column in field.columns
            ],
            "rows": [
                {
                    "cells": _cells(field.columns, row, form),
                    "detail": [
                        {"label": part.label.vi, "text": text}
                        for part, text in zip(
                            field.detail, _cells(field.detail, row, form), strict=True
                        )
                        if text
                    ],
                }
                for row in _rows(value)
            ],
        }
    text = printable(beside(field.label.vi, _text(field, value, form)))
    return item | {"text": text, "shape": _shape(field, text)}


def _shape(field: Field, text: str) -> str:
    """Return how much room a value takes in the general layout: `half` a row, a `row`, or a
    `passage` of its own.
    """
    if len(field.label.vi) > _HALF or len(text) > _ROW:
        return "passage"
    lines = field.type is FieldType.TEXT and (not text or "\n" in text)
    return "row" if lines or len(text) > _HALF else "half"


def _cells(fields: Sequence[Field], row: Mapping[str, Any], form: Form) -> list[str]:
    return [
        printable(_text(field, row.get(field.name), form), longest_word=longest)
        for field, longest in zip(fields, _fitting(fields), strict=True)
    ]


def _fitting(columns: Sequence[Field]) -> list[int]:
    """Return how many of the widest characters fit into each column of a table."""
    shares = [column.width or 1 for column in columns]
    widths = (_SHEET * share / sum(shares) - _CELL_PADDING for share in shares)
    return [min(max(int(width / _LETTER), 1), LONGEST_WORD) for width in widths]


def _left_out(field: Field, value: object, form: Form) -> bool:
    """Return whether a rendition of XML omits a field: one that the XML does not have.

    A form's blank stays.
    """
    return form.layout_source is LayoutSource.XML and not _filled(field, value)


def _filled(field: Field, value: object) -> bool:
    return bool(_rows(value)) if field.type is FieldType.TABLE else value not in (None, "")


def _rows(value: object) -> list[Mapping[str, Any]]:
    return (
        [row for row in value if isinstance(row, Mapping)]
        if isinstance(value, list | tuple)
        else []
    )


def _is_numeric(field: Field) -> bool:
    return field.type in (FieldType.NUMBER, FieldType.INTEGER)
