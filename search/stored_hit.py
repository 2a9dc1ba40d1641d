"""What an index keeps of an entry besides its tokens, as one line of ASCII JSON.

It is enough to show a hit.
"""

import json
from dataclasses import dataclass
from typing import Any, Self

from archive.base.identifiers import ChartId, DocumentId, FormCode
from archive.base.text import normal, stream_safe
from search.contract import Entry, Hit
from search.highlight import Highlighter
from search.plan import BODY


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


def stored_body(entry: Entry) -> str | None:
    """Return the text of `entry` as an index keeps it beside the hit: NFC; None: not read yet."""
    return None if entry.body is None else normal(stream_safe(entry.body))


@dataclass(frozen=True, slots=True)
class StoredHit:
    """What :func:`stored_hit` kept, read again."""

    document_id: DocumentId
    chart_id: ChartId
    form: FormCode
    patient_name: str
    title: str
    diagnoses: tuple[str, ...]
    icd10: tuple[str, ...]

    @classmethod
    def read(cls, stored: str | bytes) -> Self:
        """Read what was kept; raises :class:`ValueError` where it is something else."""
        read = json.loads(stored)
        if not isinstance(read, dict):
            raise ValueError("a stored hit is not what was kept")
        return cls(
            document_id=DocumentId(_text(read, "document_id")),
            chart_id=ChartId(_text(read, "chart_id")),
            form=FormCode(_text(read, "form")),
            patient_name=_text(read, "patient_name"),
            title=_text(read, "title"),
            diagnoses=_texts(read, "diagnoses"),
            icd10=_texts(read, "icd10"),
        )

    @property
    def shown(self) -> tuple[tuple[str, str], ...]:
        """The texts that a hit shows, each with the name of its field."""
        return (
            ("patient_name", self.patient_name),
            ("title", self.title),
            *(("diagnoses", text) for text in self.diagnoses),
            *(("icd10", code) for code in self.icd10),
        )


def hit(
    stored: StoredHit,
    score: float,
    why: tuple[str, ...],
    highlighter: Highlighter,
    body: str | None = None,
) -> Hit:
    """Return what :func:`stored_hit` made as a hit.

    `body` is what :func:`stored_body` made; no passage of it is shown unless it is why the hit was
    found.
    """
    highlights = highlighter.highlights(stored.shown)
    passage = highlighter.passage(body, stored.shown) if body and BODY in why else None
    return Hit(
        document_id=stored.document_id,
        chart_id=stored.chart_id,
        form=stored.form,
        patient_name=stored.patient_name,
        title=stored.title,
        score=score,
        why=why,
        highlights=(*highlights, passage) if passage else highlights,
    )


def _text(read: dict[str, Any], name: str) -> str:
    value = read.get(name)
    if not isinstance(value, str):
        raise ValueError("a stored hit is not what was kept")
    return value


def _texts(read: dict[str, Any], name: str) -> tuple[str, ...]:
    values = read.get(name)
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise ValueError("a stored hit is not what was kept")
    return tuple(values)
