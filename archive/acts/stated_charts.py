"""Charts as their signed acts state them: these are the basis of all that Kho writes about a chart.

The catalogue says which acts concern a chart. An act or a lock is permanent. So before Kho writes
another act, seals a paper or extends a lock by what the catalogue says of a chart, the newest acts
must say the same.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.acts import accession, deposit, partner
from archive.acts.accession import Accession
from archive.acts.apply import stored_rows
from archive.acts.deposit import Deposit
from archive.acts.partner import Partner, PartnerRemoved
from archive.acts.signed_acts import SignedActs, differences
from archive.base.clock import parse_iso
from archive.base.departments import codes_of
from archive.base.errors import KhoError
from archive.base.facts import Strict
from archive.catalog import records
from archive.catalog.tables import (
    ActRow,
    ChartRow,
    DocumentRow,
    NumberRow,
    PartnerRow,
    StoredObjectRow,
)

_PARTNERS = (partner.SCHEMA, partner.SCHEMA_REMOVED)


def require_stated(signed: SignedActs, session: Session, chart: ChartRow) -> None:
    """Return if chart, patient, deposit and ledger are what the chart's newest acts state.

    Raises CatalogueAltered, else as :meth:`archive.acts.signed_acts.SignedActs.act`.
    """
    newest = _newest(signed, session, chart, accession.SCHEMAS)
    if not isinstance(newest, Accession) or (newest.chart, newest.patient) != records.stated(chart):
        raise _altered(signed, chart)
    if records.departments_of(session, chart.id) != frozenset(codes_of(chart.department)):
        raise _altered(signed, chart)
    retention(signed, session, chart)
    came_from = newest.received.came_from if newest.received else None
    stated = {came_from.ledger_key if came_from else None} if newest.received else set[str | None]()
    ledgers = records.ledgers_of(session, chart.id)
    if not stated <= ledgers or (ledgers and not stated):
        raise _altered(signed, chart)


def retention(signed: SignedActs, session: Session, chart: ChartRow) -> datetime | None:
    """Return until when the chart's deposit keeps it; None where it is open.

    Raises as :func:`require_stated`.

    No store removes or shortens a lock, so Kho does not trust the catalogue alone for its date.
    """
    row = chart.state, chart.archive_number, chart.retain_until, chart.rule
    facts = _newest(signed, session, chart, (deposit.SCHEMA,))
    if not isinstance(facts, Deposit):
        if row != ("open", None, None, None):
            raise _altered(signed, chart)
        return None
    until = parse_iso(facts.retain_until)
    if row != ("deposited", facts.archive_number, until, facts.rule):
        raise _altered(signed, chart)
    return until


def require_every_document(signed: SignedActs, session: Session, chart: ChartRow) -> None:
    """Return if the catalogue has every document that the chart's acts state.

    Raises as :func:`require_stated`.
    """
    of_chart = (ActRow.chart_id == chart.id) & ActRow.schema.in_(accession.SCHEMAS)
    indices = session.scalars(
        select(ActRow.index).where(ActRow.facility == chart.facility, of_chart)
    ).all()
    stated = {document.id for index in indices for document in signed.facts(index).documents}  # type: ignore[attr-defined]
    if stated != set(
        session.scalars(select(DocumentRow.id).where(DocumentRow.chart_id == chart.id))
    ):
        raise _altered(signed, chart)


def require_every_object(signed: SignedActs, session: Session, chart: ChartRow) -> None:
    """Return if the catalogue has just the chart's acts and the objects that they brought.

    Raises CatalogueAltered, else as `SignedActs.act`.
    """
    mine = (ActRow.facility == chart.facility) & (ActRow.chart_id == chart.id)
    acts = [signed.act(index) for index in session.scalars(select(ActRow.index).where(mine))]
    stated = {row["object_key"]: row for act in acts for row in stored_rows(act)}
    of_chart = select(StoredObjectRow).where(StoredObjectRow.chart_id == chart.id)
    rows = {row.object_key: row for row in session.scalars(of_chart)}
    if stated.keys() != rows.keys() or any(
        differences(rows[key], said) for key, said in stated.items()
    ):
        raise _altered(signed, chart)


def last_number(signed: SignedActs, session: Session, facility: str, year: int) -> int:
    """Return the last archive number of `year`, 0 before the first.

    No number is issued twice.

    Raises CatalogueAltered where the catalogue says another than the newest deposit, else as
    `SignedActs.act`.
    """
    last = (
        session.scalar(
            select(NumberRow.last).where(NumberRow.facility == facility, NumberRow.year == year)
        )
        or 0
    )
    deposits = (ActRow.facility == facility) & (ActRow.schema == deposit.SCHEMA)
    newest = session.scalar(
        select(ActRow.index).where(deposits).order_by(ActRow.index.desc()).limit(1)
    )
    facts = signed.facts(newest) if newest is not None else None
    if isinstance(facts, Deposit) and facts.year == year and facts.sequence != last:
        raise signed.altered(f"archive number {year}")
    return last


def stated_partner(
    signed: SignedActs, session: Session, facility: str, code: str
) -> Partner | None:
    """Return the partner of this code as the newest act about it states it.

    Returns None where there is none, or it ended.

    Raises CatalogueAltered where the catalogue says otherwise, else as `SignedActs.act`.
    """
    row = session.get(PartnerRow, (facility, code))
    said = signed.partner(row) if row is not None else None
    about = (ActRow.facility == facility) & ActRow.chart_id.is_(None) & ActRow.schema.in_(_PARTNERS)
    for index in session.scalars(select(ActRow.index).where(about).order_by(ActRow.index.desc())):
        facts = signed.facts(index)
        if isinstance(facts, Partner | PartnerRemoved) and facts.code == code:
            newest = facts if isinstance(facts, Partner) else None
            if newest != said:
                raise signed.altered(f"partner {code}")
            return newest
    if said is not None:
        raise signed.altered(f"partner {code}")
    return None


def _newest(
    signed: SignedActs, session: Session, chart: ChartRow, schemas: tuple[str, ...]
) -> Strict | None:
    """Return what the newest act of these schemas about the chart states.

    Returns None where there is none.
    """
    of_chart: Any = (ActRow.chart_id == chart.id) & ActRow.schema.in_(schemas)
    query = (
        select(ActRow.index)
        .where(ActRow.facility == chart.facility, of_chart)
        .order_by(ActRow.index.desc())
    )
    index = session.scalar(query.limit(1))
    return signed.facts(index) if index is not None else None


def _altered(signed: SignedActs, chart: ChartRow) -> KhoError:
    return signed.altered(f"chart {chart.id}")
