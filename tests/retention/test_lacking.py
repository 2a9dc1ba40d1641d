"""The condition of a query lists exactly the charts that lack a paper by the pure function."""

from collections.abc import Iterator
from datetime import date, datetime
from itertools import product
from pathlib import Path

import pytest
from sqlalchemy import select

from archive.base.clock import day_start, vietnam_date
from archive.base.facts import ChartKind, Outcome
from archive.base.settings import DepositSettings
from archive.catalog.database import Catalog
from archive.catalog.tables import (
    ActRow,
    ChartDepartmentRow,
    ChartRow,
    DocumentRow,
    FacilityRow,
    PatientRow,
)
from retention.lacking import lacking
from retention.required import missing, required

TODAY = date(2026, 11, 30)
ENDS = (None, date(2025, 6, 30), date(2026, 1, 20))
HELD: tuple[tuple[str, ...], ...] = (
    (),
    ("01/BV1", "36/BV2", "XML7"),
    ("15/BV1",),
    ("01/BV1", "36/BV2", "XML1", "XML13"),
    ("01/BV1", "36/BV2", "28/BV2", "GBT/TT25"),
)
OWN = {"id": "own", "vi": "Giấy riêng", "en": "Own", "forms": ["R1"], "outcomes": ["worse"]}
OF_A_WARD = {"id": "ward", "vi": "Giấy khoa", "en": "Ward", "forms": ["R2"], "departments": ["K02"]}
NOW = datetime.fromisoformat("2026-01-01T00:00:00+00:00")


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    """A catalogue with a chart for each kind, outcome, end of treatment and set of papers."""
    catalog = Catalog.open(tmp_path / "catalog.db")
    cases = product(ChartKind, (None, *Outcome), ENDS, HELD)
    with catalog.write() as session:
        session.add(
            FacilityRow(
                code="99001",
                name="",
                authority="",
                address="",
                public_url=None,
                ledger_origin="",
                ledger_key="",
            )
        )
        session.add(
            ActRow(
                facility="99001",
                index=0,
                schema="",
                digest="",
                time=NOW,
                actor_name="",
                actor_role="",
                chart_id=None,
                object_key="",
                size=0,
            )
        )
        session.flush()
        for number, (kind, outcome, ended, held) in enumerate(cases):
            session.add(chart_row(str(number), kind, outcome, ended))
            session.flush()
            session.add_all(document_row(str(number), form, None) for form in held)
            session.add(document_row(str(number), "R1", "newer"))
            for code in _departments(number):
                session.add(ChartDepartmentRow(chart_id=str(number), code=code, facility="99001"))
    yield catalog
    catalog.close()


def _departments(number: int) -> list[str]:
    return ["K01", "K02"] if number % 2 else ["K01"]


def chart_row(
    chart_id: str, kind: ChartKind, outcome: Outcome | None, ended: date | None
) -> ChartRow:
    return ChartRow(
        id=chart_id,
        facility="99001",
        episode=chart_id,
        kind=kind.value,
        outcome=outcome and outcome.value,
        discharged_at=ended and day_start(ended),
        diagnoses=[],
        state="open",
        opened_at=NOW,
        patient=PatientRow(name="Mẫu", insurance_cards=[]),
    )


def document_row(chart_id: str, form: str, superseded_by: str | None) -> DocumentRow:
    key = f"{chart_id}/{form}"
    texts = ("form_definition", "title_vi", "title_en", "key", "content", "sha256", "origin")
    return DocumentRow(
        id=key,
        facility="99001",
        chart_id=chart_id,
        form=form,
        form_version=1,
        size=0,
        object_key=key,
        claimed_at=NOW,
        submission_id="",
        act_index=0,
        position=0,
        superseded_by=superseded_by,
        **dict.fromkeys(texts, ""),
    )


def test_the_query_and_the_function_agree_on_every_chart(catalog: Catalog) -> None:
    requirements = required(DepositSettings.model_validate({"papers": [OWN, OF_A_WARD]}))
    with catalog.read() as session:
        lacking_charts = set(
            session.scalars(select(ChartRow.id).where(lacking(requirements, TODAY)))
        )
        charts = session.scalars(select(ChartRow)).unique().all()
        expected = set()
        for row in charts:
            held = {each.form for each in row.documents if each.superseded_by is None}
            day = TODAY if row.discharged_at is None else vietnam_date(row.discharged_at)
            outcome = None if row.outcome is None else Outcome(row.outcome)
            named = _departments(int(row.id))
            if missing(ChartKind(row.kind), outcome, held, day, requirements, named):
                expected.add(row.id)
        complete = set(session.scalars(select(ChartRow.id).where(~lacking(requirements, TODAY))))
    assert lacking_charts == expected
    assert complete == {row.id for row in charts} - expected
    assert 0 < len(complete) < len(charts)


def test_where_nothing_is_required_no_chart_lacks_anything(catalog: Catalog) -> None:
    with catalog.read() as session:
        assert session.scalars(select(ChartRow.id).where(lacking((), TODAY))).all() == []
