"""What charts lack: the facility's requirements, asked of entries of the catalogue."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sqlalchemy import ColumnElement

from archive.base.clock import Clock, vietnam_date
from archive.catalog.entries import ChartEntry, DocumentEntry
from retention.lacking import lacking
from retention.required import Requirements, missing_of


class RequiredPapers:
    """The papers that a facility asks for before it deposits a chart."""

    def __init__(self, requirements: Requirements, clock: Clock) -> None:
        self.requirements, self._clock = requirements, clock

    def missing(self, chart: ChartEntry, documents: Iterable[DocumentEntry]) -> Requirements:
        """Return the requirements that a chart does not fulfil; superseded papers do not count."""
        held = {document.form for document in documents if document.superseded_by is None}
        return self.missing_beside(chart, held)

    def missing_beside(self, chart: ChartEntry, forms: Collection[str]) -> Requirements:
        """Return the requirements that a chart does not fulfil; `forms`: those that it holds."""
        return missing_of(chart.facts, forms, vietnam_date(self._clock.now()), self.requirements)

    def lacking(self) -> ColumnElement[bool]:
        """Return the condition on charts that lack a paper."""
        return lacking(self.requirements, vietnam_date(self._clock.now()))


@dataclass(frozen=True, slots=True)
class ListedChart:
    """A chart in a table, and the required papers that it lacks."""

    chart: ChartEntry
    missing: Requirements


@dataclass(frozen=True, slots=True)
class ChartTable:
    """One page of a table of charts; `total`: how many charts match on all pages."""

    charts: tuple[ListedChart, ...]
    total: int
