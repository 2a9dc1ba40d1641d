"""The names of departments as the signed acts state them: papers show them for ever."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.acts.department_names import SCHEMA, DepartmentNames
from archive.acts.signed_acts import SignedActs
from archive.base.departments import Departments
from archive.catalog.departments import stated_names
from archive.catalog.tables import ActRow


def stated_departments(
    signed: SignedActs, session: Session, facility: str, today: date
) -> Departments:
    """Return the names that the acts state.

    Raises CatalogueAltered where the catalogue says otherwise, else as `SignedActs.act`.
    """
    about = (ActRow.facility == facility) & ActRow.chart_id.is_(None) & (ActRow.schema == SCHEMA)
    stated: dict[tuple[str, str], str] = {}
    for index in session.scalars(select(ActRow.index).where(about).order_by(ActRow.index)):
        facts = signed.facts(index)
        if isinstance(facts, DepartmentNames):
            stated |= {(named.code, named.since): named.name for named in facts.names}
    names = stated_names(session, facility)
    if stated != {(named.code, named.since.isoformat()): named.name for named in names}:
        raise signed.altered("department names")
    return Departments(names, today)
