"""Work that failed waits, each time longer, while the rest of its topic goes on."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the revision."""
    # not as a batch: SQLite would make the table again, without AUTOINCREMENT
    op.add_column("outbox", sa.Column("tries", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("outbox", sa.Column("due_at", sa.DateTime(timezone=True), nullable=True))
