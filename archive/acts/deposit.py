"""`kho/act/deposit/1`: a chart's open life has ended and its statutory time runs (nộp lưu)."""

from typing import Annotated

from pydantic import Field
from sqlalchemy.orm import Session

from archive.acts.envelope import Act, UtcText
from archive.base.clock import parse_iso
from archive.base.errors import IntegrityError
from archive.base.facts import Strict
from archive.catalog.tables import ChartRow, NumberRow

SCHEMA = "kho/act/deposit/1"


class Deposit(Strict):
    """The archive number, and until when by which rule.

    `act.objects` lists every object whose lock must reach it.
    """

    archive_number: str
    year: int
    sequence: Annotated[int, Field(ge=1)]
    retain_until: UtcText
    rule: str  # of retention/schedule.yaml, e.g. "TT33/2025:44"
    rule_source: str  # the circular and item, as it is to be read in ten years
    counted_from: int  # the year in which treatment ended


def apply(session: Session, act: Act, facts: Deposit) -> None:
    """Write the chart's deposit and remember the number for ever."""
    chart = session.get(ChartRow, act.chart)
    if chart is None or chart.state != "open":
        raise IntegrityError(object=f"act {act.index}")
    chart.state = "deposited"
    chart.archive_number = facts.archive_number
    chart.deposited_at = parse_iso(act.time)
    chart.retain_until = parse_iso(facts.retain_until)
    chart.rule = facts.rule
    number = session.get(NumberRow, (act.facility, facts.year)) or NumberRow(
        facility=act.facility, year=facts.year, last=0
    )
    if facts.sequence <= number.last:
        raise IntegrityError(object=f"act {act.index}")
    number.last = facts.sequence
    session.add(number)
