"""The names of departments in the catalogue, and the codes that charts have."""

from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from archive.base.departments import DepartmentName
from archive.catalog.tables import ChartDepartmentRow, DepartmentNameRow

_MOST = 500  # codes of charts


def stated_names(session: Session, facility: str) -> list[DepartmentName]:
    """Return every name that the facility stated, in order of code and day."""
    columns = (DepartmentNameRow.code, DepartmentNameRow.name, DepartmentNameRow.since)
    query = select(*columns).where(DepartmentNameRow.facility == facility)
    ordered = query.order_by(DepartmentNameRow.code, DepartmentNameRow.since)
    return [
        DepartmentName(code, name, date.fromisoformat(since))
        for code, name, since in session.execute(ordered)
    ]


def codes_of_charts(session: Session, facility: str) -> list[str]:
    """Return the codes that the facility's charts have, in order; 500 at most.

    It goes from each code to the next by the index, so it does not read every chart.
    """
    mine, code_of = ChartDepartmentRow.facility == facility, ChartDepartmentRow.code
    codes = select(func.min(code_of).label("code")).where(mine).cte(recursive=True)
    following = select(func.min(code_of)).where(mine, code_of > codes.c.code).scalar_subquery()
    codes = codes.union_all(select(following).where(codes.c.code.is_not(None)))
    listed = session.scalars(select(codes.c.code).where(codes.c.code.is_not(None)).limit(_MOST))
    return [code for code in listed if code is not None]
