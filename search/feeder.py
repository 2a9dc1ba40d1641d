"""Feeding the index from the catalogue: a chart becomes an entry for each document in force."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from archive.access.scope import Scope
from archive.base.clock import vietnam_date
from archive.base.identifiers import ChartId, DocumentId, FacilityCode, FormCode
from archive.catalog import records
from archive.catalog.database import Catalog
from archive.catalog.tables import ActRow, ChartRow, DocumentRow, RemovedChartRow
from search.contract import Entry, Index
from search.query import parse

_BATCH = 500  # charts


class IndexFeeder:
    """Keeps an index in step with the catalogue of one facility."""

    def __init__(self, catalog: Catalog, index: Index, facility: FacilityCode) -> None:
        self._catalog, self._index, self._facility = catalog, index, facility

    def feed(self, chart_ids: Iterable[str]) -> int:
        """Put the documents of these charts into the index; return how many.

        Documents of a chart that the archive no longer has leave the index.
        """
        wanted, count = sorted(chart_ids), 0
        with self._catalog.read() as session:
            removed = select(RemovedChartRow.id).where(RemovedChartRow.id.in_(wanted))
            gone = list(session.scalars(removed))
        for chart_id in gone:
            self._drop(chart_id)

        def read(some: Sequence[str]) -> Iterator[Entry]:
            nonlocal count
            with self._catalog.read() as session:
                for entry in entries(session, Scope(self._facility), some):
                    count += 1
                    yield entry

        for start in range(0, len(wanted), _BATCH):
            # Read while it is put, not before: an engine with one writer has taken it then.
            self._index.put(read(wanted[start : start + _BATCH]))
        return count

    def _drop(self, chart_id: str) -> None:
        """Remove every document of a chart: an entry is found by its chart's id."""
        query, scope = replace(parse(chart_id), limit=_BATCH), Scope(self._facility)
        while hits := [h for h in self._index.search(query, scope).hits if h.chart_id == chart_id]:
            self._index.remove(hit.document_id for hit in hits)

    def feed_all(self) -> int:
        """Put every document of the catalogue into the index, which is empty; return how many."""
        with self._catalog.read() as session:
            every = records.chart_ids(session, Scope(self._facility))
        return self.feed(every)


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
        icd10=tuple(d["icd10"] for d in chart.diagnoses if d["icd10"]),
        admitted=vietnam_date(chart.admitted_at) if chart.admitted_at else None,
        discharged=vietnam_date(chart.discharged_at) if chart.discharged_at else None,
        diagnoses=tuple(d["text"] for d in chart.diagnoses if d["text"]),
        version=version,
    )
