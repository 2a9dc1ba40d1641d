"""Wrong passwords, counted over all processes, and the places from which people have signed in."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the revision."""
    op.create_table(
        "sign_in_tries",
        sa.Column("counted", sa.String(), nullable=False),
        sa.Column("times", sa.JSON(), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("counted", name=op.f("pk_sign_in_tries")),
    )
    op.create_index(op.f("ix_sign_in_tries_ends_at"), "sign_in_tries", ["ends_at"], unique=False)
    op.create_table(
        "known_place",
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("account", "place", name=op.f("pk_known_place")),
    )
    op.create_index(op.f("ix_known_place_seen_at"), "known_place", ["seen_at"], unique=False)
