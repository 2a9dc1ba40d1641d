"""Feeding the index from the catalogue: a chart becomes an entry for each document.

What a document itself says comes from its original, which is slow to read. So an entry is put at
once, with the text that an index has of it already, and what is lacking is read afterwards. A
document does not change: its text is read once.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from archive.access.scope import Scope
from archive.base.clock import vietnam_date
from archive.base.identifiers import ChartId, DocumentId, FacilityCode, FormCode
from archive.catalog import records
from archive.catalog.database import Catalog
from archive.catalog.entries import DocumentEntry
from archive.catalog.tables import ActRow, ChartRow, DocumentRow, RemovedChartRow
from search.contract import Entry, Index
from search.query import parse

_BATCH = 500  # charts
_TEXT_BATCH = 20  # charts; their texts are durable together


Bodies = Callable[[Sequence[DocumentId]], Mapping[DocumentId, str]]
ReadTexts = Callable[[Sequence[DocumentEntry]], Iterable[tuple[DocumentId, str]]]
Progress = Callable[[int, int], None]  # charts that are done, and all


@dataclass(slots=True)
class Fed:
    """How many documents were put, and the charts that have one whose text was not read yet."""

    documents: int
    unread: set[str]


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
        wanted, fed = sorted(chart_ids), Fed(0, set())
        with self._catalog.read() as session:
            removed = select(RemovedChartRow.id).where(RemovedChartRow.id.in_(wanted))
            gone = list(session.scalars(removed))
        for chart_id in gone:
            self._drop(chart_id)

        def read(some: Sequence[str]) -> Iterator[Entry]:
            with self._catalog.read() as session:
                read_entries = list(self._entries(session, some))
            known = self._bodies([entry.document_id for entry in read_entries])
            for entry in read_entries:
                body = known.get(entry.document_id)
                if body is None:
                    fed.unread.add(entry.chart_id)
                fed.documents += 1
                yield replace(entry, body=body)

        for start in range(0, len(wanted), _BATCH):
            # Read while it is put, not before: an engine with one writer has taken it then.
            self._index.put(read(wanted[start : start + _BATCH]))
            if progress is not None:
                progress(min(start + _BATCH, len(wanted)), len(wanted))
        return fed

    def feed_texts(self, chart_ids: Iterable[str], read: ReadTexts) -> int:
        """Read what the documents of these charts say, where the index does not have it yet.

        Returns how many were read. `read` may leave out a document whose original is not to be had:
        it stays without a text.
        """
        wanted, count = sorted(chart_ids), 0
        for start in range(0, len(wanted), _TEXT_BATCH):
            some = wanted[start : start + _TEXT_BATCH]
            with self._catalog.read() as session:
                charts = records.charts(session, Scope(self._facility), some)
                documents = [DocumentEntry.of(row) for chart in charts for row in chart.documents]
            known = self._bodies([DocumentId(document.id) for document in documents])
            texts = dict(read([each for each in documents if each.id not in known]))
            if texts:
                self._index.put(self._with_texts(some, texts))
                count += len(texts)
        return count

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
