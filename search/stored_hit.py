"""What an index keeps of an entry besides its tokens, as one line of ASCII JSON.

It is enough to show a hit.
"""

import json
from typing import Any

from archive.base.identifiers import ChartId, DocumentId, FormCode
from search.contract import Entry, Hit
from search.highlight import Highlighter


def stored_hit(entry: Entry) -> str:
    """Return what is kept of `entry`."""
    return json.dumps(
        {
            "document_id": entry.document_id,
            "chart_id": entry.chart_id,
            "form": entry.form,
            "patient_name": entry.patient_name,
            "title": entry.title,
            "diagnoses": entry.diagnoses,
            "icd10": entry.icd10,
        }
    )


def hit(stored: str | bytes, score: float, why: tuple[str, ...], highlighter: Highlighter) -> Hit:
    """Return what :func:`stored_hit` made as a hit.

    Raises :class:`ValueError` where it is something else.
    """
    read = json.loads(stored)
    if not isinstance(read, dict):
        raise ValueError("a stored hit is not what was kept")
    return Hit(
        document_id=DocumentId(_text(read, "document_id")),
        chart_id=ChartId(_text(read, "chart_id")),
        form=FormCode(_text(read, "form")),
        patient_name=_text(read, "patient_name"),
        title=_text(read, "title"),
        score=score,
        why=why,
        highlights=highlighter.highlights(
            (
                ("patient_name", _text(read, "patient_name")),
                ("title", _text(read, "title")),
                *(("diagnoses", text) for text in _texts(read, "diagnoses")),
                *(("icd10", code) for code in _texts(read, "icd10")),
            )
        ),
    )


def _text(read: dict[str, Any], name: str) -> str:
    value = read.get(name)
    if not isinstance(value, str):
        raise ValueError("a stored hit is not what was kept")
    return value


def _texts(read: dict[str, Any], name: str) -> list[str]:
    values = read.get(name)
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise ValueError("a stored hit is not what was kept")
    return values
