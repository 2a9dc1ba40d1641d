"""`kho/act/removal/1`: acts about charts whose term is over leave the archive with their objects.

The act holds ids only and belongs to no chart. It states index and digest of each act that it
removes: with both, the ledger and the chain of acts go on (the ledger's entry of an act is made of
its digest). A gap in the acts is lawful where a signed act of this kind lists it, and nowhere else.
Of a chart its id, archive number, rule and years stay. (Luật Lưu trữ 33/2024/QH15, Điều 16: expired
documents are destroyed completely and irrecoverably.)
"""

from functools import cached_property
from typing import Annotated, Any

from pydantic import Field
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from archive.acts.envelope import Act, Digest, UtcText, Uuid
from archive.base.clock import parse_iso
from archive.base.errors import IntegrityError
from archive.base.facts import Strict
from archive.catalog.operations import ObservationRow, OutboxRow
from archive.catalog.rows import insert_rows, table_of
from archive.catalog.tables import (
    PROJECTED,
    ActRow,
    ChartRow,
    NumberRow,
    RemovedActRow,
    RemovedChartRow,
    StoredObjectRow,
)

SCHEMA = "kho/act/removal/1"
MOST_CHARTS = 1000  # in one act

# What the acts of a chart wrote, children first: whatever table a new kind of act adds.
_STAYS = (ActRow, RemovedActRow)  # the acts go last; what was removed before stays
_OF_CHART = [
    table_of(row)
    for row in reversed(PROJECTED)
    if "chart_id" in table_of(row).c and row not in _STAYS
]


class RemovedAct(Strict):
    """One act that is removed: its place in the ledger and its digest."""

    index: Annotated[int, Field(ge=1, lt=10**12)]  # act 0 founds the archive and stays
    digest: Digest


class RemovedChart(Strict):
    """A chart that is removed: what stays of it, and all acts that concern it."""

    chart: Uuid
    archive_number: str
    year: int
    sequence: Annotated[int, Field(ge=1)]
    rule: str  # of retention/schedule.yaml, by which its term was counted
    retain_until: UtcText  # the end of its term
    acts: Annotated[tuple[RemovedAct, ...], Field(min_length=1)]  # in order of their indices


class Removal(Strict):
    """The charts that one decision removes."""

    charts: Annotated[tuple[RemovedChart, ...], Field(min_length=1, max_length=MOST_CHARTS)]

    @cached_property
    def by_index(self) -> dict[int, tuple[RemovedAct, RemovedChart]]:
        """Each act that is removed, and its chart, by index."""
        return {act.index: (act, chart) for chart in self.charts for act in chart.acts}


def apply(session: Session, act: Act, facts: Removal) -> None:
    """Delete what the removed acts wrote, and write what stays.

    Raises IntegrityError where the act contradicts the catalogue: an act that is not the chart's,
    another digest, an act of the chart that is not listed, a term that is not over, a chart that is
    removed twice.
    """
    listed = sum(len(chart.acts) for chart in facts.charts)
    removed = facts.by_index
    if act.chart is not None or act.objects or len(removed) != listed or max(removed) >= act.index:
        raise IntegrityError(object=f"act {act.index}")
    for chart in facts.charts:
        if parse_iso(chart.retain_until) > parse_iso(act.time) or not _fits(session, act, chart):
            raise IntegrityError(object=f"act {act.index}")
        _remove(session, act, chart)
        _remember(session, act, chart)


def gap_row(removal: Act, removed: RemovedAct, chart: RemovedChart) -> dict[str, Any]:
    """Return what the catalogue says of an act that `removal` removes."""
    return {
        "facility": removal.facility,
        "index": removed.index,
        "digest": removed.digest,
        "chart_id": chart.chart,
        "removed_by": removal.index,
    }


def _fits(session: Session, act: Act, chart: RemovedChart) -> bool:
    """Tell whether the catalogue agrees with the list of acts.

    Each listed act is the chart's or a gap, and no other act is the chart's.
    """
    mine = ActRow.facility == act.facility
    listed = {each.index: each.digest for each in chart.acts}
    known = {
        row.index: row.digest
        for row in session.scalars(select(ActRow).where(mine, ActRow.chart_id == chart.chart))
    }
    gaps = select(RemovedActRow).where(
        RemovedActRow.facility == act.facility, RemovedActRow.chart_id == chart.chart
    )
    skipped = {
        row.index: row.digest for row in session.scalars(gaps) if row.removed_by == act.index
    }
    if {**known, **skipped} != listed or len(known) + len(skipped) != len(listed):
        return False
    if skipped:  # the catalogue never had the whole chart: the acts that said more of it are gone
        return True
    row = session.get(ChartRow, chart.chart)
    stated = (chart.archive_number, chart.rule, parse_iso(chart.retain_until))
    return row is not None and (row.archive_number, row.rule, row.retain_until) == stated


def _remove(session: Session, act: Act, chart: RemovedChart) -> None:
    keys = select(StoredObjectRow.object_key).where(StoredObjectRow.chart_id == chart.chart)
    session.execute(delete(ObservationRow).where(ObservationRow.object_key.in_(keys)))
    for table in _OF_CHART:
        session.execute(delete(table).where(table.c.chart_id == chart.chart))
    session.execute(delete(ChartRow).where(ChartRow.id == chart.chart))
    session.execute(
        delete(ActRow).where(ActRow.facility == act.facility, ActRow.chart_id == chart.chart)
    )


def _remember(session: Session, act: Act, chart: RemovedChart) -> None:
    passed = select(RemovedActRow.index).where(RemovedActRow.chart_id == chart.chart)
    there = set(session.scalars(passed))
    insert_rows(
        session,
        RemovedActRow,
        *(gap_row(act, each, chart) for each in chart.acts if each.index not in there),
    )
    stays = {
        "id": chart.chart,
        "facility": act.facility,
        "archive_number": chart.archive_number,
        "rule": chart.rule,
        "retain_until": parse_iso(chart.retain_until),
        "act_index": act.index,
    }
    insert_rows(session, RemovedChartRow, stays)
    number = session.get(NumberRow, (act.facility, chart.year))
    if number is None:
        session.add(NumberRow(facility=act.facility, year=chart.year, last=chart.sequence))
    else:
        number.last = max(number.last, chart.sequence)
    session.flush()
    session.add(OutboxRow(facility=act.facility, topic="index", subject=chart.chart))
