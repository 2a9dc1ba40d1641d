"""The referral packets of a chart: sent, acknowledged and received ones."""

from collections import defaultdict
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from archive.acts.packet_receipt import RETURNED
from archive.base.clock import iso
from archive.catalog.tables import ActRow, HandoverRow, PacketReceiptRow, ReceivedPacketRow


@dataclass(frozen=True, slots=True)
class ReturnedReceipt:
    """A receipt that came back. The names are the JSON members.

    `ledger_key`, `signer`, `certificate`: whose ledger and certificate vouch for it; None where an
    older act stated neither.
    """

    receiver: str
    ledger_key: str | None
    signer: str | None
    certificate: str | None
    received_at: datetime
    sha256: str
    object_key: str
    ledger_index: int


@dataclass(frozen=True, slots=True)
class SentPacket:
    """A packet that was made of the chart, and the receipts that came back."""

    packet_id: str
    recipient: str
    reason: str
    sha256: str
    sent_at: datetime
    ledger_index: int
    receipts: tuple[ReturnedReceipt, ...]


@dataclass(frozen=True, slots=True)
class TakenPacket:
    """A packet that brought documents of the chart; the rest as in :class:`ReturnedReceipt`."""

    packet_id: str
    sender: str
    ledger_key: str | None
    signer: str | None
    certificate: str | None
    sha256: str
    received_at: datetime
    ledger_index: int


@dataclass(frozen=True, slots=True)
class ChartPackets:
    """The packets of one chart, oldest first."""

    sent: tuple[SentPacket, ...]
    received: tuple[TakenPacket, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the members for command line and API; times as ISO 8601."""
        members: dict[str, Any] = _with_text_times(asdict(self))
        return members


def packets_of(session: Session, chart_id: str) -> ChartPackets:
    """Return the packets of a chart that the caller may see."""
    receipts = receipts_of(session, PacketReceiptRow.chart_id == chart_id)
    return ChartPackets(
        tuple(
            sent(row, act, tuple(receipts[row.packet_id]))
            for row, act in _with_acts(session, HandoverRow, chart_id)
        ),
        tuple(taken(row, act) for row, act in _with_acts(session, ReceivedPacketRow, chart_id)),
    )


def receipts_of(
    session: Session, which: ColumnElement[bool]
) -> defaultdict[str, list[ReturnedReceipt]]:
    """Return the receipts that came back and match `which`, by packet, oldest first."""
    receipts = defaultdict[str, list[ReturnedReceipt]](list)
    query = select(PacketReceiptRow).where(which, PacketReceiptRow.direction == RETURNED)
    for row in session.scalars(query.order_by(PacketReceiptRow.act_index)):
        receipts[row.packet_id].append(_receipt(row))
    return receipts


def as_members(packet: SentPacket | TakenPacket) -> dict[str, Any]:
    """Return the members of a packet for command line and API; times as ISO 8601."""
    members: dict[str, Any] = _with_text_times(asdict(packet))
    return members


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


def _receipt(row: PacketReceiptRow) -> ReturnedReceipt:
    return ReturnedReceipt(
        receiver=row.partner,
        ledger_key=row.ledger_key,
        signer=row.signer,
        certificate=row.certificate,
        received_at=row.received_at,
        sha256=row.sha256,
        object_key=row.object_key,
        ledger_index=row.act_index,
    )


def sent(row: HandoverRow, act: ActRow, receipts: tuple[ReturnedReceipt, ...]) -> SentPacket:
    """Return the entry of a packet that was sent."""
    return SentPacket(
        packet_id=row.packet_id,
        recipient=row.recipient,
        reason=row.reason,
        sha256=row.sha256,
        sent_at=act.time,
        ledger_index=row.act_index,
        receipts=receipts,
    )


def taken(row: ReceivedPacketRow, act: ActRow) -> TakenPacket:
    """Return the entry of a packet that was received."""
    return TakenPacket(
        packet_id=row.packet_id,
        sender=row.sender,
        ledger_key=row.ledger_key,
        signer=row.signer,
        certificate=row.certificate,
        sha256=row.sha256,
        received_at=act.time,
        ledger_index=row.act_index,
    )


def _with_text_times(value: Any) -> Any:
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, dict):
        return {name: _with_text_times(member) for name, member in value.items()}
    return [_with_text_times(each) for each in value] if isinstance(value, list | tuple) else value
