"""What charts lack: the facility's requirements, asked of entries of the catalogue."""

from collections.abc import Iterable

from archive.base.clock import Clock, vietnam_date
from archive.catalog.entries import ChartEntry, DocumentEntry
from retention.required import Requirements, missing_of


class RequiredPapers:
    """The papers that a facility asks for before it deposits a chart."""

    def __init__(self, requirements: Requirements, clock: Clock) -> None:
        self.requirements, self._clock = requirements, clock

    def missing(self, chart: ChartEntry, documents: Iterable[DocumentEntry]) -> Requirements:
        """Return the requirements that a chart does not fulfil; superseded papers do not count."""
        held = {document.form for document in documents if document.superseded_by is None}
        return missing_of(chart.facts, held, vietnam_date(self._clock.now()), self.requirements)
