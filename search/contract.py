"""What every search engine promises: the same entries, queries, hits and scope for Tantivy and Elasticsearch."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from archive.access.scope import Scope
from archive.identifiers import ChartId, DocumentId, FacilityCode, FormCode

MOST_WORDS = 32
DEEPEST = 10_000


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
    diagnoses: tuple[str, ...] = ()  # the diagnoses in words; they weigh more than the body
    body: str = ""  # the record's own text


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked: words in any order, phrases, and filters; what a person types becomes one by `search.query`.

    Every word and every phrase has to be found, each in any field. Filters compare as words do: case, diacritics and
    punctuation do not count. `icd10` is a beginning (`J18` holds `J18.9`). `date_from` to `date_to` (both included)
    has to meet the stay; one without a discharge goes on. Nothing asked finds everything in scope, newest first.
    What goes beyond `MOST_WORDS` words is not looked at, and hits beyond `DEEPEST` are counted, not shown.
    """

    text: str = ""
    phrases: tuple[str, ...] = ()
    form: str | None = None
    department: str | None = None
    icd10: str | None = None
    archive_number: str | None = None
    date_from: date | None = None
    date_to: date | None = None
    limit: int = 50
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Hit:
    """One document found, with its score and why it was found (names of the fields that matched, best first)."""

    document_id: DocumentId
    chart_id: ChartId
    form: FormCode
    patient_name: str
    score: float
    why: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Results:
    """A page of hits, best first and among equals newest first, and how many there are in all (exact)."""

    total: int
    hits: tuple[Hit, ...] = field(default=())


class Index(Protocol):
    """A full-text index: it can always be thrown away and fed again from the catalogue.

    Every method raises :class:`search.errors.IndexUnusable` where that has to be done, and the three that write raise
    :class:`search.errors.IndexBusy` while another process is writing.
    """

    def put(self, entries: Iterable[Entry]) -> None:
        """Add entries, replacing those with the same document id; all are durable and visible, or none are."""
        ...

    def remove(self, document_ids: Iterable[DocumentId]) -> None:
        """Let nothing find these documents any more; ids that are not there are passed over.

        An engine may keep their tokens on its disk until it merges: only an index that is made again has none of them.
        """
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
