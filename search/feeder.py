"""Feeding the index from the catalogue: charts become entries, one for each document that is in force."""

from collections.abc import Iterable, Iterator

from sqlalchemy.orm import Session

from archive.access.scope import Scope
from archive.catalog import records
from archive.catalog.database import Catalog
from archive.catalog.tables import ChartRow, DocumentRow
from archive.clock import vietnam_date
from archive.identifiers import ChartId, DocumentId, FacilityCode, FormCode
from search.contract import Entry, Index

_BATCH = 500  # charts


class IndexFeeder:
    """Keeps an index in step with the catalogue of one facility."""

    def __init__(self, catalog: Catalog, index: Index, facility: FacilityCode) -> None:
        self._catalog, self._index, self._facility = catalog, index, facility

    def feed(self, chart_ids: Iterable[str]) -> int:
        """Put the documents of these charts into the index; return how many."""
        wanted = sorted(chart_ids)
        count = 0
        for start in range(0, len(wanted), _BATCH):
            with self._catalog.read() as session:
                found = list(entries(session, Scope(self._facility), wanted[start : start + _BATCH]))
            self._index.put(found)
            count += len(found)
        return count

    def feed_all(self) -> int:
        """Empty the index and put every document of the catalogue into it; return how many."""
        self._index.clear()
        with self._catalog.read() as session:
            return self.feed(records.chart_ids(session, Scope(self._facility)))


def entries(session: Session, scope: Scope, chart_ids: Iterable[str]) -> Iterator[Entry]:
    """Yield an entry for every document of these charts, superseded ones too: they are still found by their id."""
    for chart in records.charts(session, scope, chart_ids):
        for document in chart.documents:
            yield _entry(chart, document)


def _entry(chart: ChartRow, document: DocumentRow) -> Entry:
    patient = chart.patient
    known = (patient.local_id, patient.national_id, patient.social_insurance_number, *patient.insurance_cards)
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
    )
