"""The ground floor: finished files, packets, pending acts, API keys, idempotent requests."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the revision, subject by subject."""
    _finished_files()
    _received_packets()
    _packet_receipts()
    _leased_intents()
    _pending_acts()
    _api_keys()
    _idempotent_requests()


def _finished_files() -> None:
    with op.batch_alter_table("document") as document:
        # Every document of the first schema was rendered.
        document.add_column(
            sa.Column("origin", sa.String(), nullable=False, server_default="rendered")
        )
        document.add_column(sa.Column("original", sa.JSON(), nullable=True))
        document.add_column(sa.Column("original_sha256", sa.String(), nullable=True))
        document.create_index(
            document.f("ix_document_original_sha256"), ["original_sha256"], unique=False
        )
        document.alter_column("level", existing_type=sa.String(), nullable=True)
        document.alter_column("sealed_at", existing_type=sa.DateTime(timezone=True), nullable=True)
    with op.batch_alter_table("document") as document:
        document.alter_column("origin", existing_type=sa.String(), server_default=None)


def _received_packets() -> None:
    op.create_table(
        "received_packet",
        sa.Column("facility", sa.String(), nullable=False),
        sa.Column("act_index", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("packet_id", sa.String(), nullable=False),
        sa.Column("chart_id", sa.String(), nullable=False),
        sa.Column("sender", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("facility", "act_index", name=op.f("pk_received_packet")),
    )
    with op.batch_alter_table("received_packet") as packet:
        packet.create_index(packet.f("ix_received_packet_chart_id"), ["chart_id"], unique=False)
        packet.create_index(packet.f("ix_received_packet_packet_id"), ["packet_id"], unique=False)


def _packet_receipts() -> None:
    op.create_table(
        "packet_receipt",
        sa.Column("facility", sa.String(), nullable=False),
        sa.Column("act_index", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("direction", sa.String(), nullable=False),
        sa.Column("packet_id", sa.String(), nullable=False),
        sa.Column("chart_id", sa.String(), nullable=False),
        sa.Column("partner", sa.String(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("object_key", sa.String(), nullable=False),
        sa.Column("object_version", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("facility", "act_index", name=op.f("pk_packet_receipt")),
        sa.UniqueConstraint("object_key", name=op.f("uq_packet_receipt_object_key")),
    )
    with op.batch_alter_table("packet_receipt") as receipt:
        receipt.create_index(receipt.f("ix_packet_receipt_chart_id"), ["chart_id"], unique=False)
        receipt.create_index(receipt.f("ix_packet_receipt_packet_id"), ["packet_id"], unique=False)


def _leased_intents() -> None:
    with op.batch_alter_table("intent") as intent:
        # An intent of the first schema does not say under which lease it is worked on.
        intent.add_column(sa.Column("lease", sa.String(), nullable=True))


def _pending_acts() -> None:
    """Several acts of a facility may wait.

    The table is recreated, because SQLite cannot change a primary key.
    """
    rows = (
        op.get_bind()
        .execute(sa.text("SELECT facility, object_key, body, retain_until FROM pending_act"))
        .all()
    )
    op.drop_table("pending_act")
    op.create_table(
        "pending_act",
        sa.Column("facility", sa.String(), nullable=False),
        sa.Column("index", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("object_key", sa.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("retain_until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("facility", "index", name=op.f("pk_pending_act")),
    )
    for facility, key, body, until in rows:
        # {facility}/acts/{index:012}-{sha256}.json
        index = int(key.rpartition("/")[2].partition("-")[0])
        insert = sa.text("INSERT INTO pending_act VALUES (:facility, :index, :key, :body, :until)")
        op.get_bind().execute(
            insert, {"facility": facility, "index": index, "key": key, "body": body, "until": until}
        )


def _api_keys() -> None:
    op.create_table(
        "api_key",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("facility", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("departments", sa.JSON(), nullable=True),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_key")),
    )


def _idempotent_requests() -> None:
    op.create_table(
        "idempotent_request",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("request", sa.String(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("media_type", sa.String(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_idempotent_request")),
    )
    with op.batch_alter_table("idempotent_request") as request:
        request.create_index(
            request.f("ix_idempotent_request_expires_at"), ["expires_at"], unique=False
        )
