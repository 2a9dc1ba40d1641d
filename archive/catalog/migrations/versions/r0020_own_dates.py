"""The catalogue keeps what a paper says of itself: its date and the number of its sheet.

Acts of before state the date of finished files only.
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the revision."""
    op.add_column("document", sa.Column("dated", sa.String(), nullable=True))
    op.add_column("document", sa.Column("sheet", sa.String(), nullable=True))
    document = sa.table(
        "document", sa.column("dated", sa.String()), sa.column("original", sa.JSON())
    )
    stated = document.c.original["dated"].as_string()
    op.execute(sa.update(document).values(dated=stated).where(stated.is_not(None)))
