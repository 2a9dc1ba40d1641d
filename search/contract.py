"""What every search engine promises, Tantivy as well as Elasticsearch.

All take the same entries and queries, and give the same hits within a scope.
"""

from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from typing import Protocol

from archive.access.scope import Scope
from archive.base.identifiers import ChartId, DocumentId, FacilityCode, FormCode

MOST_WORDS = 32
MOST_PHRASES = 8
DEEPEST = 10_000


class ContentRight(Enum):
    """Whose text a search may look into: no document's, that of ordinary forms, or all.

    `fields.toml` names the right that a field needs by its value.
    """

    NONE = "none"
    ORDINARY = "ordinary"
    ALL = "sensitive"

    def covers(self, needed: str) -> bool:
        """Tell whether a caller with this right may have what needs the right of that value."""
        return not needed or needed == self.value or self is ContentRight.ALL


@dataclass(frozen=True, slots=True)
class Entry:
    """One archived document as the index knows it. Fields are raw; the engine analyses them.

    `version` is the newest act that the catalogue had applied when the entry was read from it.
    Where several processes may feed one index, an entry of an older version never replaces one of a
    newer.
    """

    document_id: DocumentId
    chart_id: ChartId
    facility: FacilityCode
    department: str | None  # a code, or several with `;` between them
    form: FormCode
    title: str
    patient_name: str
    birth_date: str | None = None  # YYYY, YYYY-MM or YYYY-MM-DD
    # mã BN, CCCD, mã số BHXH, mã thẻ BHYT, MA_LK, document and chart id
    identifiers: tuple[str, ...] = ()
    archive_number: str | None = None
    kind: str = ""  # `archive.base.facts.ChartKind`
    outcome: str = ""  # `archive.base.facts.Outcome`
    icd10: tuple[str, ...] = ()
    admitted: date | None = None
    discharged: date | None = None
    diagnoses: tuple[str, ...] = ()  # the diagnoses in words; they weigh more than the body
    # what the document says, a line for each field or passage; None: it was not read yet
    body: str | None = ""
    sensitive: bool = False  # its form is: only who has the right finds it by its body
    version: int = 0


@dataclass(frozen=True, slots=True)
class DepartmentAlias:
    """A name by which people know the department of a code."""

    name: str
    code: str


@dataclass(frozen=True, slots=True)
class FilterRead:
    """A filter that was read out of what a person typed.

    `filter` and `value` are those of the query; `typed` is the text that means them, and `start` is
    its place in :func:`search.query.plain_text`.
    """

    filter: str
    value: str
    typed: str
    start: int


@dataclass(frozen=True, slots=True)
class Query:
    """A query: words in any order, phrases, and filters.

    `search.query` makes it from what a person types.

    Every word and every phrase has to be found, each in any field. Filters compare as words do:
    case, diacritics and punctuation do not count. `icd10` is a prefix (`J18` matches `J18.9`).
    `date_from` to `date_to` (both included) has to overlap the stay; a stay without a discharge
    goes on. An empty query finds everything in scope, newest first. Words beyond `MOST_WORDS` (and
    in each of `MOST_PHRASES` phrases) are ignored: `Results` says how many these were. Hits beyond
    `DEEPEST` are counted, not shown.
    """

    text: str = ""
    phrases: tuple[str, ...] = ()
    form: str | None = None
    department: str | None = None
    icd10: str | None = None
    archive_number: str | None = None
    kind: str | None = None
    outcome: str | None = None
    date_from: date | None = None
    date_to: date | None = None
    limit: int = 50
    offset: int = 0
    # the names that words may stand for (`search.department_words`)
    departments: tuple[DepartmentAlias, ...] = ()
    beyond: int = 0  # words that the caller left out of the query
    # the filters above that were read out of typed text, for the person to see
    read: tuple[FilterRead, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Highlight:
    """A field of a hit as it is shown (NFC), and the parts of it that matched.

    A part is (from, to), in code points; `to` is not included.
    """

    field: str
    text: str
    ranges: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Hit:
    """One document found, with its score and why it was found.

    `why` has the names of the fields that matched, best first.

    `highlights` has one for each text that a hit may show (the patient's name, the title, each
    diagnosis and its code) and in which something matched; all engines make the same ones
    (:mod:`search.highlight`). Words that none of these texts has are shown in a passage of the
    document's own text, as the field `body` (:mod:`search.passage`).

    `dated` (YYYY-MM-DD) and `sheet` are what the paper says of itself. No engine knows them: the
    caller adds them from the catalogue.
    """

    document_id: DocumentId
    chart_id: ChartId
    form: FormCode
    patient_name: str
    score: float
    title: str = ""
    dated: str | None = None
    sheet: str | None = None
    why: tuple[str, ...] = ()
    highlights: tuple[Highlight, ...] = ()


@dataclass(frozen=True, slots=True)
class Results:
    """A page of hits and how many there are in all (exact).

    The order is the same on every engine: by score, which is a sum of the whole numbers of
    `fields.toml`; among equals the newer stay first (its last known day), then the newer document
    (its UUIDv7). `ignored_words` counts the typed words that were ignored; `behind` says that the
    newest documents may be missing, because they were not fed yet.
    """

    total: int
    hits: tuple[Hit, ...] = field(default=())
    ignored_words: int = 0
    behind: bool = False


class Index(Protocol):
    """A full-text index: it can always be thrown away and fed again from the catalogue.

    Every method raises :class:`search.errors.IndexUnusable` where that has to be done, and the
    three that write raise :class:`search.errors.IndexBusy` while another process is writing. An
    engine that is a server raises :class:`search.errors.IndexAway` where it does not answer as it
    must.
    """

    def put(self, entries: Iterable[Entry]) -> None:
        """Add entries, replacing those with the same document id.

        When this returns all are durable and visible.

        Where it raises, an embedded engine has none of them; of a server some may be there, so put
        them all again. The entries may be read from the catalogue while this runs: an engine with
        one writer takes it before.
        """
        ...

    def remove(self, document_ids: Iterable[DocumentId]) -> None:
        """Remove these documents from all results; ids that are not in the index are ignored.

        An engine may keep their tokens on its disk until it merges: only a rebuilt index has none
        of them.
        """
        ...

    def search(
        self, query: Query, scope: Scope, right: ContentRight = ContentRight.NONE
    ) -> Results:
        """Return what `query` finds within `scope`, and nothing outside it.

        Without a `right` to it, no document's text has any effect: neither on hits nor on totals.
        """
        ...

    def bodies(self, document_ids: Iterable[DocumentId]) -> dict[DocumentId, str]:
        """Return the text of those of these documents whose text was put.

        It is for feeding: a document does not change, so its text need not be read twice.
        """
        ...

    def clear(self) -> None:
        """Remove every entry."""
        ...

    def count(self) -> int:
        """Return how many entries there are."""
        ...

    def release_writer(self) -> None:
        """Release the writer's lock, so that another process can write.

        The next write takes it again.
        """
        ...

    def close(self) -> None:
        """Release files, locks and connections."""
        ...


class Engine(Protocol):
    """Where an index is kept, and how it is rebuilt."""

    def open(self) -> Index:
        """Return the index that serves; raises IndexUnusable where there is none, IndexAway."""
        ...

    def remade(self) -> AbstractContextManager[Index]:
        """Yield an empty index to fill.

        It becomes the one that serves when the block ends without error.

        After an error or a kill it never serves. Raises IndexBusy while another process makes one,
        IndexAway.
        """
        ...

    def close(self) -> None:
        """Release connections."""
        ...
