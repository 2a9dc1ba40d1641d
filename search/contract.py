"""What every search engine promises: the same entries, queries, hits and scope for Tantivy and Elasticsearch."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from archive.access.scope import Scope
from archive.identifiers import ChartId, DocumentId, FacilityCode, FormCode


@dataclass(frozen=True, slots=True)
class Entry:
    """One archived document as the index knows it. Fields are raw; the engine analyses them."""

    document_id: DocumentId
    chart_id: ChartId
    facility: FacilityCode
    department: str | None
    form: FormCode
    title: str
    patient_name: str
    birth_date: str | None = None  # YYYY, YYYY-MM or YYYY-MM-DD
    identifiers: tuple[str, ...] = ()  # mã BN, CCCD, mã số BHXH, mã thẻ BHYT, MA_LK, document and chart id
    archive_number: str | None = None
    icd10: tuple[str, ...] = ()
    admitted: date | None = None
    discharged: date | None = None
    body: str = ""  # diagnoses and the record's own text


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked: words in any order, and filters. `dates` compare with admission to discharge."""

    text: str = ""
    form: str | None = None
    department: str | None = None
    icd10: str | None = None
    date_from: date | None = None
    date_to: date | None = None
    limit: int = 50
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Hit:
    """One document found, with its score and why it was found (names of the fields that matched)."""

    document_id: DocumentId
    chart_id: ChartId
    form: FormCode
    patient_name: str
    score: float
    why: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Results:
    """A page of hits, best first, and how many there are in all."""

    total: int
    hits: tuple[Hit, ...] = field(default=())


class Index(Protocol):
    """A full-text index: it can always be thrown away and fed again from the catalogue."""

    def put(self, entries: Iterable[Entry]) -> None:
        """Add entries, replacing those with the same document id; visible to searches when this returns."""
        ...

    def search(self, query: Query, scope: Scope) -> Results:
        """Return what `query` finds within `scope`, and nothing outside it."""
        ...

    def clear(self) -> None:
        """Remove every entry."""
        ...

    def count(self) -> int:
        """Return how many entries there are."""
        ...

    def close(self) -> None:
        """Release files and locks."""
        ...
