"""Partners, and from which ledger and seal packets and receipts came."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the revision.

    Packets and receipts of before did not record ledger and certificate: null.
    """
    op.create_table(
        "partner",
        sa.Column("facility", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("ledger_origin", sa.String(), nullable=False),
        sa.Column("ledger_key", sa.String(), nullable=False),
        sa.Column("seals", sa.JSON(), nullable=False),
        sa.Column("act_index", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("facility", "code", name=op.f("pk_partner")),
    )
    for table in ("received_packet", "packet_receipt"):
        with op.batch_alter_table(table) as changed:
            changed.add_column(sa.Column("ledger_key", sa.String(), nullable=True))
            changed.add_column(sa.Column("signer", sa.String(), nullable=True))
            changed.add_column(sa.Column("certificate", sa.String(), nullable=True))
