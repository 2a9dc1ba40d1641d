"""The charts that lack a required paper, as a condition of a query.

It says of all charts at once what :func:`retention.required.missing` says of one.
"""

from collections.abc import Iterable
from datetime import date, timedelta

from sqlalchemy import ColumnElement, and_, exists, false, literal, not_, or_

from archive.base.clock import day_start
from archive.catalog.tables import ChartDepartmentRow, ChartRow, DocumentRow
from retention.required import Requirement, Requirements
from retention.schedule import Validity


def lacking(requirements: Requirements, today: date) -> ColumnElement[bool]:
    """Return the condition on charts that lack at least one of the required papers.

    `today`: the day in Viet Nam that counts for a chart whose treatment goes on.
    """
    return or_(false(), *(_lacks(each, today) for each in requirements))


def _lacks(each: Requirement, today: date) -> ColumnElement[bool]:
    conditions: list[ColumnElement[bool]] = [_in_force(each.valid, today)]
    conditions.append(not_(_holds(each.forms)))
    for name, allowed in each.when.items():
        column = getattr(ChartRow, name)
        conditions.append(and_(column.is_not(None), column.in_(allowed)))
    for name, excepted in each.unless.items():
        column = getattr(ChartRow, name)
        conditions.append(or_(column.is_(None), column.not_in(excepted)))
    if each.beside:
        conditions.append(_holds(each.beside))
    if each.departments:
        conditions.append(_names(each.departments))
    return and_(*conditions)


def _in_force(valid: Validity, today: date) -> ColumnElement[bool]:
    """Return the condition on charts whose treatment ended while a requirement was in force."""
    ended = ChartRow.discharged_at
    days: list[ColumnElement[bool]] = [ended.is_not(None)]
    if valid.since > date.min:
        days.append(ended >= day_start(valid.since))
    if valid.to is not None:
        days.append(ended < day_start(valid.to + timedelta(days=1)))
    goes_on = valid.since <= today and (valid.to is None or today <= valid.to)
    return or_(and_(*days), and_(ended.is_(None), literal(goes_on)))


def _holds(forms: Iterable[str]) -> ColumnElement[bool]:
    return exists().where(
        DocumentRow.chart_id == ChartRow.id,
        DocumentRow.superseded_by.is_(None),
        DocumentRow.form.in_(list(forms)),
    )


def _names(departments: Iterable[str]) -> ColumnElement[bool]:
    return exists().where(
        ChartDepartmentRow.chart_id == ChartRow.id,
        ChartDepartmentRow.code.in_(list(departments)),
    )
