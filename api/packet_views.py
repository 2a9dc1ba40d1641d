"""The referral packets of a chart, for command line, pages and API: sent, acknowledged and received
ones.
"""

from collections import defaultdict
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.acts.packet_receipt import RETURNED
from archive.base.clock import iso
from archive.catalog.tables import ActRow, HandoverRow, PacketReceiptRow, ReceivedPacketRow


def packets_of(session: Session, chart_id: str) -> dict[str, Any]:
    """Return `sent`, each with the receipts that came back, and `received`, of a chart that the
    caller may see.

    Times are aware datetimes; :func:`as_json` writes them for command line and API.
    """
    receipts = defaultdict[str, list[dict[str, Any]]](list)
    for row in session.scalars(
        select(PacketReceiptRow)
        .where(PacketReceiptRow.chart_id == chart_id, PacketReceiptRow.direction == RETURNED)
        .order_by(PacketReceiptRow.act_index)
    ):
        receipts[row.packet_id].append(
            {
                "receiver": row.partner,
                **_came_from(row),
                "received_at": row.received_at,
                "sha256": row.sha256,
                "object_key": row.object_key,
                "ledger_index": row.act_index,
            }
        )
    return {
        "sent": [
            _sent(row, act, receipts[row.packet_id])
            for row, act in _with_acts(session, HandoverRow, chart_id)
        ],
        "received": [
            _received(row, act) for row, act in _with_acts(session, ReceivedPacketRow, chart_id)
        ],
    }


def _with_acts(session: Session, table: Any, chart_id: str) -> list[tuple[Any, ActRow]]:
    """Return the rows of a chart, oldest first, each with its act."""
    its_act = (ActRow.facility == table.facility) & (ActRow.index == table.act_index)
    query = (
        select(table, ActRow)
        .join(ActRow, its_act)
        .where(table.chart_id == chart_id)
        .order_by(table.act_index)
    )
    return [(row[0], row[1]) for row in session.execute(query)]


def _sent(row: HandoverRow, act: ActRow, receipts: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "packet_id": row.packet_id,
        "recipient": row.recipient,
        "reason": row.reason,
        "sha256": row.sha256,
        "sent_at": act.time,
        "ledger_index": row.act_index,
        "receipts": receipts,
    }


def _received(row: ReceivedPacketRow, act: ActRow) -> dict[str, Any]:
    return {
        "packet_id": row.packet_id,
        "sender": row.sender,
        **_came_from(row),
        "sha256": row.sha256,
        "received_at": act.time,
        "ledger_index": row.act_index,
    }


def _came_from(row: ReceivedPacketRow | PacketReceiptRow) -> dict[str, str | None]:
    """Return whose ledger and certificate vouch for it; None: an act of before stated neither."""
    return {"ledger_key": row.ledger_key, "signer": row.signer, "certificate": row.certificate}


def as_json(told: dict[str, Any]) -> dict[str, Any]:
    """Return the result of :func:`packets_of` with its times as ISO 8601."""
    return {
        "sent": [
            {
                **packet,
                "sent_at": iso(packet["sent_at"]),
                "receipts": [
                    {**one, "received_at": iso(one["received_at"])} for one in packet["receipts"]
                ],
            }
            for packet in told["sent"]
        ],
        "received": [
            {**packet, "received_at": iso(packet["received_at"])} for packet in told["received"]
        ],
    }
