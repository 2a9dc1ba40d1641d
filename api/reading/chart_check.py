"""What a chart lacks: papers, values in its papers, and names of who signs them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from api.reading.papers import RequiredPapers
from archive.access.actor import Actor
from archive.access.scope import Scope
from archive.catalog.entries import ChartEntry

if TYPE_CHECKING:
    from api.reading.records import RecordService
    from retention.completeness import Completeness, PaperJudge
    from retention.required import Requirements


@dataclass(frozen=True, slots=True)
class CheckedChart:
    """A chart, the papers that it lacks, and what its papers lack."""

    chart: ChartEntry
    missing: "Requirements"
    lacking: "Completeness"

    @property
    def is_complete(self) -> bool:
        """Return whether nothing is missing, incomplete or unsigned."""
        return not self.missing and not self.lacking.findings

    def as_json(self) -> dict[str, Any]:
        """Return what `kho chart check` prints; no value of a paper is in it."""
        return {
            "chart_id": self.chart.id,
            "archive_number": self.chart.archive_number,
            "complete": self.is_complete,
            "missing": [each.as_json() for each in self.missing],
            **self.lacking.as_json(),
        }


class ChartCheckService:
    """Checks charts for command line, pages and API alike. Safe for threads."""

    def __init__(
        self,
        records: "RecordService",
        papers: Callable[[], RequiredPapers],
        judge: Callable[[], "PaperJudge"],
    ) -> None:
        self._records, self._papers, self._judge = records, papers, judge

    def check(self, named: str, actor: Actor, scope: Scope) -> CheckedChart:
        """Check a chart that is named by its id, its archive number or the HIS's key.

        Papers outside of the scope are not judged, and not mentioned. Raises Denied, NotFound,
        VaultUnreachable, Unavailable.
        """
        held = self._records.named(named, actor, scope)
        missing = self._papers().missing(held.chart, held.documents)
        lacking = self._judge().judge(held.chart.facts, held.documents)
        return CheckedChart(held.chart, missing, lacking)
