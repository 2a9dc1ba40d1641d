"""The departments of charts, one row for each code: `K03;K19` is a chart of K03 and of K19."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0017"
branch_labels = None
depends_on = None

_PORTION = 5000  # charts that are read at a time

_CHART = sa.table("chart", sa.column("id"), sa.column("facility"), sa.column("department"))
_REFUSAL = sa.table("intake_refusal", sa.column("id"), sa.column("department"))
_DEPARTMENT = sa.table(
    "chart_department", sa.column("chart_id"), sa.column("code"), sa.column("facility")
)


def upgrade() -> None:
    """Apply the revision."""
    op.create_table(
        "chart_department",
        sa.Column("chart_id", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("facility", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["chart_id"], ["chart.id"], name=op.f("fk_chart_department_chart_id_chart")
        ),
        sa.PrimaryKeyConstraint("chart_id", "code", name=op.f("pk_chart_department")),
    )
    _fill()
    op.create_index(
        "ix_chart_department_code",
        "chart_department",
        ["facility", "code", "chart_id"],
        unique=False,
    )
    op.drop_index(op.f("ix_chart_department"), "chart")
    _refusals()


def _fill() -> None:
    connection, after = op.get_bind(), ""
    query = sa.select(_CHART.c.id, _CHART.c.facility, _CHART.c.department)
    while True:
        some = query.where(_CHART.c.id > after).order_by(_CHART.c.id).limit(_PORTION)
        charts = connection.execute(some).all()
        rows = [
            {"chart_id": chart_id, "code": code, "facility": facility}
            for chart_id, facility, stated in charts
            for code in _codes(stated)
        ]
        if rows:
            connection.execute(_DEPARTMENT.insert(), rows)
        if len(charts) < _PORTION:
            return
        after = charts[-1].id


def _refusals() -> None:
    """Write the departments of refusals as they are compared: codes with `;` alone between them."""
    connection = op.get_bind()
    stated = sa.select(_REFUSAL.c.id, _REFUSAL.c.department).where(
        _REFUSAL.c.department.is_not(None)
    )
    for refusal, department in connection.execute(stated).all():
        if (joined := ";".join(_codes(department))) != department:
            mine = _REFUSAL.c.id == refusal
            connection.execute(_REFUSAL.update().where(mine).values(department=joined or None))


def _codes(stated: str | None) -> list[str]:
    codes = (code.strip() for code in (stated or "").split(";"))
    return list(dict.fromkeys(code for code in codes if code))
