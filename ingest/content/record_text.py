"""The text of a structured record: each field with its label, codes with their words."""

from collections.abc import Iterator, Mapping
from typing import Any

from ingest.forms.field import Field, FieldType
from ingest.forms.model import Form
from ingest.render.code_words import code_words, explained
from ingest.render.display import display
from search import vietnamese

LONGEST = 20_000  # characters of one document; what is behind them is not searched


def record_text(form: Form, data: Mapping[str, Any], known: frozenset[str]) -> str:
    """Return what `data`, the record of a paper by `form`, says: a line for each field.

    Args:
        form: The form's definition, with labels in Vietnamese.
        data: The record's `data` (`docs/formats.md`, `record.json`).
        known: Who the patient is, as :func:`identity` gives it: the catalogue says that already.

    Returns:
        At most `LONGEST` characters, without the values in `known`.
    """
    return bounded("\n".join(_lines(form, data, known)))


def identity(patient: Mapping[str, Any], episode: str) -> frozenset[str]:
    """Return the names and numbers of a record's patient, in the form in which they compare.

    `patient` is that of `record.json`, `episode` the HIS's key of the chart.
    """
    values = (
        *(patient.get(name) for name in _IDENTITY),
        *(patient.get("insurance_cards") or ()),
        episode,
    )
    return frozenset(vietnamese.code(str(value)) for value in values if value)


def bounded(text: str) -> str:
    """Return the beginning of `text` that is searched."""
    return text[:LONGEST]


# which rules an insurance table follows, and the digests of the others: no words
_LEFT_OUT = {"version", "digests"}
_IDENTITY = ("local_id", "name", "national_id", "social_insurance_number")


def _lines(form: Form, data: Mapping[str, Any], known: frozenset[str]) -> Iterator[str]:
    for section in form.sections:
        for field in section.fields:
            if field.name in _LEFT_OUT and not form.accepts_json:
                continue
            value, label = data.get(field.name), field.label.vi
            if field.type is FieldType.TABLE:
                for row in value if isinstance(value, list | tuple) else ():
                    cells = [*_cells(form, field, row, known)]
                    if field.records:  # each row is printed as a form, with labels
                        yield from (f"{part}: {text}" for part, text in cells)
                    elif cells:
                        yield f"{label}: {', '.join(text for _, text in cells)}"
            elif text := _text(form, field, value, known):
                yield f"{label}: {text}"


def _cells(
    form: Form, field: Field, row: object, known: frozenset[str]
) -> Iterator[tuple[str, str]]:
    """Yield label and text of each part of a row that says something."""
    if not isinstance(row, Mapping):
        return
    for part in field.parts:
        if text := _text(form, part, row.get(part.name), known):
            yield part.label.vi, text


def _text(form: Form, field: Field, value: object, known: frozenset[str]) -> str:
    text = display(field, value, form.code_lists)
    if not text or vietnamese.code(text) in known:
        return ""
    if form.accepts_json or field.type is not FieldType.LINE:
        return text
    return explained(text, code_words().of(form, field))
