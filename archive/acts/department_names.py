"""`kho/act/department-names/1`: the facility names departments.

A name holds from its day on. Earlier names stay, so that people find a record by each of them.
"""

from datetime import date
from typing import Annotated

from pydantic import AfterValidator, Field
from sqlalchemy import delete
from sqlalchemy.orm import Session

from archive.acts.envelope import Act
from archive.base.facts import Strict
from archive.catalog.rows import insert_rows, table_of
from archive.catalog.tables import DepartmentNameRow

SCHEMA = "kho/act/department-names/1"
MOST = 1000  # names in one act
LONGEST_CODE, LONGEST_NAME = 50, 200  # characters


def _day(text: str) -> str:
    if date.fromisoformat(text).isoformat() != text:
        raise ValueError("a day is YYYY-MM-DD")
    return text


class NamedDepartment(Strict):
    """The department of a code has this name from a day (`YYYY-MM-DD`, in Viet Nam) on."""

    code: Annotated[str, Field(min_length=1, max_length=LONGEST_CODE)]
    name: Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)]
    since: Annotated[str, AfterValidator(_day)]


class DepartmentNames(Strict):
    """Names of departments, each code and day once."""

    names: Annotated[tuple[NamedDepartment, ...], Field(min_length=1, max_length=MOST)]


def apply(session: Session, act: Act, facts: DepartmentNames) -> None:
    """Write the names; one of the same code and day takes the place of the earlier one."""
    table = table_of(DepartmentNameRow)
    for named in facts.names:
        same = (table.c.facility == act.facility) & (table.c.code == named.code)
        session.execute(delete(table).where(same, table.c.since == named.since))
        insert_rows(
            session,
            DepartmentNameRow,
            {"facility": act.facility, "act_index": act.index, **named.model_dump()},
        )
