"""A catalogue of before gets a row for each department of each of its charts."""

from pathlib import Path

import pytest
from sqlalchemy import select, text

from archive.base.departments import codes_of
from archive.catalog.database import Catalog, upgrade
from archive.catalog.operations import RefusalRow
from archive.catalog.postgresql import Postgres
from archive.catalog.sqlite import Sqlite
from archive.catalog.tables import ChartDepartmentRow

BEFORE = "0017"
FACILITY = text(
    "INSERT INTO facility (code, name, authority, address, ledger_origin, ledger_key)"
    " VALUES ('99001', '', '', '', '', '')"
)
CHART = text(
    "INSERT INTO chart (id, facility, episode, kind, department, diagnoses, state, opened_at)"
    " VALUES (:id, '99001', :id, 'inpatient', :department, '[]', 'open', '2026-11-22 05:00:00')"
)
REFUSAL = text(
    "INSERT INTO intake_refusal (id, facility, digest, source, sender, name, department, faults,"
    " fault_count, times, first_at, last_at) VALUES (:id, '99001', :id, 'rest', 'his', 'a.json',"
    " :department, '[]', 1, 1, '2026-11-22 05:00:00', '2026-11-22 05:00:00')"
)
STATED = {"a": "K03", "b": " K03; K19;;K03", "c": None, "d": ";"}


@pytest.mark.parametrize("make", ["sqlite", "postgresql"])
def test_the_departments_of_older_charts_and_refusals_are_read(
    make: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    database = (
        Sqlite(tmp_path / "catalog.db")
        if make == "sqlite"
        else Postgres(request.getfixturevalue("postgres_url"))
    )
    rows = [{"id": name, "department": stated} for name, stated in STATED.items()]
    with database.migrating() as connection:
        upgrade(connection, BEFORE)
        connection.execute(FACILITY)
        connection.execute(CHART, rows)
        connection.execute(REFUSAL, rows)
    catalog = Catalog.open(database)
    with catalog.read() as session:
        named = {(row.chart_id, row.code) for row in session.scalars(select(ChartDepartmentRow))}
        refusals = {row.id: row.department for row in session.scalars(select(RefusalRow))}
    catalog.close()
    assert named == {("a", "K03"), ("b", "K03"), ("b", "K19")}
    assert refusals == {"a": "K03", "b": "K03;K19", "c": None, "d": None}


@pytest.mark.parametrize(
    ("stated", "codes"),
    [
        (None, ()),
        ("", ()),
        ("K03", ("K03",)),
        (" K19 ; K03;;K19", ("K19", "K03")),
        ("Nội A, B", ("Nội A, B",)),
    ],
)
def test_a_text_is_split_at_semicolons_alone(stated: str | None, codes: tuple[str, ...]) -> None:
    assert codes_of(stated) == codes
