"""The later keys of the ledger. No archive of before has one, so the table is empty."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the revision."""
    op.create_table(
        "ledger_key",
        sa.Column("facility", sa.String(), nullable=False),
        sa.Column("act_index", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["facility"], ["facility.code"], name=op.f("fk_ledger_key_facility_facility")
        ),
        sa.PrimaryKeyConstraint("facility", "act_index", name=op.f("pk_ledger_key")),
    )
