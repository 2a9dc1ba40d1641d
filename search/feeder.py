"""Feeding the index from the catalogue: a chart becomes an entry for each document.

What a document itself says comes from its original, which is slow to read. So an entry is put at
once, with the text that an index has of it already, and what is lacking is read afterwards. A
document does not change: its text is read once.

A chart that cannot be put stops no other: it is returned, so that it is tried again.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import structlog
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from archive.access.scope import Scope
from archive.base.clock import vietnam_date
from archive.base.errors import KhoError
from archive.base.identifiers import ChartId, DocumentId, FacilityCode, FormCode
from archive.catalog import records
from archive.catalog.database import Catalog
from archive.catalog.entries import DocumentEntry
from archive.catalog.tables import ActRow, ChartRow, DocumentRow, RemovedChartRow
from search.contract import Entry, Index
from search.query import parse

_BATCH = 500  # charts
_TEXT_BATCH = 20  # charts; their texts are durable together
_LOOKED_UP = 200  # documents whose texts are taken from an index together
MOST_CHARACTERS = 4_000_000  # of texts; an engine holds what is put together in memory

_log = structlog.get_logger(__name__)

Bodies = Callable[[Sequence[DocumentId]], Mapping[DocumentId, str]]
ReadTexts = Callable[[Sequence[DocumentEntry]], Iterable[tuple[DocumentId, str]]]
Progress = Callable[[int, int], None]  # charts that are done, and all


@dataclass(slots=True)
class Fed:
    """What was fed."""

    documents: int = 0  # that were put
    unread: set[str] = field(default_factory=set)  # charts with a document that has no text yet
    left: set[str] = field(default_factory=set)  # charts that could not be put


class IndexFeeder:
    """Keeps an index in step with the catalogue of one facility.

    `sensitive` are the forms whose text only a person with the right may search. `bodies` returns
    the texts that are known already, by default those that the index has.
    """

    def __init__(
        self,
        catalog: Catalog,
        index: Index,
        facility: FacilityCode,
        sensitive: frozenset[str],
        bodies: Bodies | None = None,
    ) -> None:
        self._catalog, self._index, self._facility = catalog, index, facility
        self._sensitive, self._bodies = sensitive, bodies or index.bodies

    def feed(self, chart_ids: Iterable[str], progress: Progress | None = None) -> Fed:
        """Put the documents of these charts into the index.

        Documents of a chart that the archive no longer has leave the index.
        """
        wanted, fed = sorted(chart_ids), Fed()

        def put(some: Sequence[str]) -> int:
            with self._catalog.read() as session:
                removed = select(RemovedChartRow.id).where(RemovedChartRow.id.in_(some))
                gone = list(session.scalars(removed))
            for chart_id in gone:
                self._drop(chart_id)
            return self._put(some, fed)

        fed.left = _apart(wanted, _BATCH, put, progress)
        return fed

    def _put(self, some: Sequence[str], fed: Fed) -> int:
        """Put the documents of the first of these charts, as many as may be put together.

        Returns how many charts these are.
        """
        count, documents, unread = len(some), 0, set[str]()

        def read() -> Iterator[Entry]:
            nonlocal count, documents
            with self._catalog.read() as session:
                every = sorted(self._entries(session, some), key=lambda entry: entry.chart_id)
            characters, chart_id, known = 0, "", dict[DocumentId, str]()
            for place, entry in enumerate(every):
                if characters >= MOST_CHARACTERS and entry.chart_id != chart_id:
                    count = some.index(entry.chart_id)
                    return
                if place % _LOOKED_UP == 0:
                    ids = [each.document_id for each in every[place : place + _LOOKED_UP]]
                    known = dict(self._bodies(ids))
                chart_id, body = entry.chart_id, known.get(entry.document_id)
                if body is None:
                    unread.add(chart_id)
                documents += 1
                characters += len(body or "")
                yield replace(entry, body=body)

        # Read while it is put, not before: an engine with one writer has taken it then.
        self._index.put(read())
        fed.documents += documents
        fed.unread |= unread
        return count

    def feed_texts(self, chart_ids: Iterable[str], read: ReadTexts) -> set[str]:
        """Read what the documents of these charts say, where the index does not have it yet.

        Returns the charts of which a text is still lacking: `read` may leave out a document.
        """
        lacking: set[str] = set()

        def put(some: Sequence[str]) -> int:
            with self._catalog.read() as session:
                charts = records.charts(session, Scope(self._facility), some)
                documents = [DocumentEntry.of(row) for chart in charts for row in chart.documents]
            unread = {DocumentId(document.id): document for document in documents}
            # An index that is being made has none of them: so the known ones are put as well.
            texts = dict(self._bodies(list(unread)))
            for document_id in texts:
                del unread[document_id]
            for document_id, text in read(list(unread.values())):
                if sum(map(len, texts.values())) >= MOST_CHARACTERS:
                    self._index.put(self._with_texts(some, texts))
                    texts = {}
                texts[document_id] = text
                del unread[document_id]
            self._index.put(self._with_texts(some, texts))
            lacking.update(document.chart_id for document in unread.values())
            return len(some)

        return lacking | _apart(sorted(chart_ids), _TEXT_BATCH, put)

    def _with_texts(self, some: Sequence[str], texts: Mapping[DocumentId, str]) -> Iterator[Entry]:
        with self._catalog.read() as session:
            for entry in self._entries(session, some):
                if entry.document_id in texts:
                    yield replace(entry, body=texts[entry.document_id])

    def _entries(self, session: Session, chart_ids: Iterable[str]) -> Iterator[Entry]:
        for entry in entries(session, Scope(self._facility), chart_ids):
            yield replace(entry, sensitive=entry.form in self._sensitive)

    def _drop(self, chart_id: str) -> None:
        """Remove every document of a chart: an entry is found by its chart's id."""
        query, scope = replace(parse(chart_id), limit=_BATCH), Scope(self._facility)
        while hits := [h for h in self._index.search(query, scope).hits if h.chart_id == chart_id]:
            self._index.remove(hit.document_id for hit in hits)

    def feed_all(self, progress: Progress | None = None) -> Fed:
        """Put every document of the catalogue into the index, which is empty."""
        with self._catalog.read() as session:
            every = records.chart_ids(session, Scope(self._facility))
        return self.feed(every, progress)


def _apart(
    wanted: Sequence[str],
    most: int,
    put: Callable[[Sequence[str]], int],
    progress: Progress | None = None,
) -> set[str]:
    """Put `most` charts at a time, and one after another where that fails; return those that fail.

    `put` returns how many of the charts that it gets it has put. An error of Kho's passes on: the
    index or the catalogue is away, and the next chart would fare no better.
    """
    start, alone_until, failed = 0, 0, set[str]()
    while start < len(wanted):
        some = wanted[start : start + (1 if start < alone_until else most)]
        try:
            start += put(some)
        except KhoError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever one chart holds, the others are found
            if len(some) > 1:
                alone_until = start + len(some)
                continue
            _log.error("index.chart_not_fed", chart=some[0], error=type(error).__name__)
            failed.add(some[0])
            start += 1
        if progress is not None:
            progress(start, len(wanted))
    return failed


def entries(session: Session, scope: Scope, chart_ids: Iterable[str]) -> Iterator[Entry]:
    """Yield an entry for every document of these charts, superseded ones too.

    They are still found by their id.
    """
    # Before the charts: they may be newer than it says, never older.
    version = (
        session.scalar(select(func.max(ActRow.index)).where(ActRow.facility == scope.facility)) or 0
    )
    for chart in records.charts(session, scope, chart_ids):
        for document in chart.documents:
            yield _entry(chart, document, version)


def _entry(chart: ChartRow, document: DocumentRow, version: int) -> Entry:
    patient = chart.patient
    known = (
        patient.local_id,
        patient.national_id,
        patient.social_insurance_number,
        *patient.insurance_cards,
    )
    return Entry(
        document_id=DocumentId(document.id),
        chart_id=ChartId(chart.id),
        facility=FacilityCode(chart.facility),
        department=chart.department,
        form=FormCode(document.form),
        title=document.title_vi,
        patient_name=patient.name,
        birth_date=patient.birth_date,
        identifiers=(*(value for value in known if value), chart.episode, chart.id, document.id),
        archive_number=chart.archive_number,
        kind=chart.kind,
        outcome=chart.outcome or "",
        icd10=tuple(d["icd10"] for d in chart.diagnoses if d["icd10"]),
        admitted=vietnam_date(chart.admitted_at) if chart.admitted_at else None,
        discharged=vietnam_date(chart.discharged_at) if chart.discharged_at else None,
        diagnoses=tuple(d["text"] for d in chart.diagnoses if d["text"]),
        body=None,
        version=version,
    )
