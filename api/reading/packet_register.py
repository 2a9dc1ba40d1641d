"""The register of referral packets: those that were sent and received, newest first, each with its
chart, within a scope.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

from sqlalchemy import ColumnElement, Select, exists, func, not_, select
from sqlalchemy.orm import Session

from api.reading.packets import SentPacket, TakenPacket, as_members, receipts_of, sent, taken
from archive.access.actor import Actor, Permission
from archive.access.scope import Scope
from archive.acts.handover import Handover
from archive.acts.packet_receipt import GIVEN, RETURNED
from archive.acts.signed_acts import CatalogueAltered, SignedActs
from archive.base.errors import NotFound
from archive.base.identifiers import FacilityCode, ObjectKey, Sha256
from archive.catalog import records
from archive.catalog.database import Catalog
from archive.catalog.entries import ChartEntry, DocumentEntry
from archive.catalog.tables import (
    ActRow,
    ChartRow,
    DocumentRow,
    HandoverRow,
    PacketReceiptRow,
    ReceivedPacketRow,
)
from archive.vault.contract import Vault

State = Literal["awaited", "came"]  # of a sent packet's receipt
P = TypeVar("P", SentPacket, TakenPacket)


@dataclass(frozen=True, slots=True)
class Listed(Generic[P]):
    """One packet of the register, and its chart as it is now."""

    packet: P
    chart: ChartEntry

    def as_json(self) -> dict[str, Any]:
        """Return the members for command line and API; nothing of the patient."""
        return {"chart_id": self.chart.id, **as_members(self.packet)}


@dataclass(frozen=True, slots=True)
class Page(Generic[P]):
    """Some packets of the register, and how many there are in all."""

    packets: tuple[Listed[P], ...]
    total: int


@dataclass(frozen=True, slots=True)
class SentInDetail:
    """A packet that was sent, what it holds, and which person made it."""

    packet: SentPacket
    chart: ChartEntry
    # in the order of the act, without papers that are removed or hidden from the caller
    documents: tuple[DocumentEntry, ...]
    sent_by: str


class PacketRegister:
    """Reads the packets of one facility. Safe for threads.

    A packet whose chart lies outside of the caller's scope does not exist: NotFound.
    """

    def __init__(
        self, catalog: Catalog, vault: Vault, signed: SignedActs, facility: FacilityCode
    ) -> None:
        self._catalog, self._vault, self._signed, self._facility = catalog, vault, signed, facility

    def sent(
        self,
        state: State | None,
        limit: int,
        actor: Actor,
        scope: Scope,
        *,
        offset: int = 0,
        before: int | None = None,
    ) -> Page[SentPacket]:
        """Return at most `limit` sent packets behind the first `offset`: three queries.

        `before`: only those whose act lies before this index of the ledger. Raises Denied.
        """
        actor.require(Permission.READ)
        conditions = [HandoverRow.facility == self._facility, *_in_state(state)]
        with self._catalog.read() as session:
            rows, total = _page(session, HandoverRow, conditions, scope, limit, offset, before)
            receipts = receipts_of(
                session, PacketReceiptRow.packet_id.in_([row.packet_id for row, _, _ in rows])
            )
            packets = tuple(
                Listed(sent(row, act, tuple(receipts[row.packet_id])), ChartEntry.of(chart))
                for row, act, chart in rows
            )
        return Page(packets, total)

    def received(
        self,
        limit: int,
        actor: Actor,
        scope: Scope,
        *,
        offset: int = 0,
        before: int | None = None,
    ) -> Page[TakenPacket]:
        """Return at most `limit` received packets behind the first `offset`: two queries.

        `before` as in :meth:`sent`. Raises Denied.
        """
        actor.require(Permission.READ)
        conditions = [ReceivedPacketRow.facility == self._facility]
        with self._catalog.read() as session:
            rows, total = _page(
                session, ReceivedPacketRow, conditions, scope, limit, offset, before
            )
            packets = tuple(
                Listed(taken(row, act), ChartEntry.of(chart)) for row, act, chart in rows
            )
        return Page(packets, total)

    def awaited(self, actor: Actor, scope: Scope) -> int:
        """Return how many sent packets wait for their receipt: one query. Raises Denied."""
        actor.require(Permission.READ)
        query = (
            select(func.count())
            .select_from(HandoverRow)
            .join(ChartRow, ChartRow.id == HandoverRow.chart_id)
            .where(
                HandoverRow.facility == self._facility,
                records.within(scope),
                *_in_state("awaited"),
            )
        )
        with self._catalog.read() as session:
            return session.scalar(query) or 0

    def sent_packet(self, packet_id: str, actor: Actor, scope: Scope) -> SentInDetail:
        """Return one sent packet. Raises Denied, NotFound, CatalogueAltered, VaultError."""
        actor.require(Permission.READ)
        wanted = [HandoverRow.facility == self._facility, HandoverRow.packet_id == packet_id]
        with self._catalog.read() as session:
            (row, act, chart), receipts = (
                _single(session, HandoverRow, wanted, scope),
                receipts_of(session, PacketReceiptRow.packet_id == packet_id),
            )
            facts = self._signed.facts(row.act_index)
            if not isinstance(facts, Handover) or facts.packet != packet_id:
                raise CatalogueAltered(object=f"packet {packet_id}")
            rows = session.scalars(
                select(DocumentRow)
                .join(DocumentRow.chart)
                .where(DocumentRow.id.in_(facts.documents), records.documents_within(scope))
            )
            documents = {document.id: DocumentEntry.of(document) for document in rows}
            return SentInDetail(
                sent(row, act, tuple(receipts[packet_id])),
                ChartEntry.of(chart),
                tuple(documents[each] for each in facts.documents if each in documents),
                act.actor_name,
            )

    def received_packet(self, packet_id: str, actor: Actor, scope: Scope) -> Listed[TakenPacket]:
        """Return one received packet. Raises Denied, NotFound."""
        actor.require(Permission.READ)
        wanted = [
            ReceivedPacketRow.facility == self._facility,
            ReceivedPacketRow.packet_id == packet_id,
        ]
        with self._catalog.read() as session:
            row, act, chart = _single(session, ReceivedPacketRow, wanted, scope)
            return Listed(taken(row, act), ChartEntry.of(chart))

    def given_receipt(self, packet_id: str, actor: Actor, scope: Scope) -> bytes:
        """Return the receipt that this facility gave for a received packet.

        Raises Denied, NotFound, CatalogueAltered, IntegrityError, VaultError.
        """
        self.received_packet(packet_id, actor, scope)
        return self._receipt(PacketReceiptRow.direction == GIVEN, packet_id)

    def returned_receipt(self, packet_id: str, actor: Actor, scope: Scope) -> bytes:
        """Return the first receipt that came back for a sent packet; raises as
        :meth:`given_receipt`.
        """
        self.sent_packet(packet_id, actor, scope)
        return self._receipt(PacketReceiptRow.direction == RETURNED, packet_id)

    def _receipt(self, direction: ColumnElement[bool], packet_id: str) -> bytes:
        query = (
            select(PacketReceiptRow)
            .where(
                PacketReceiptRow.facility == self._facility,
                PacketReceiptRow.packet_id == packet_id,
                direction,
            )
            .order_by(PacketReceiptRow.act_index)
            .limit(1)
        )
        with self._catalog.read() as session:
            row = session.scalar(query)
        if row is None:
            raise NotFound
        self._signed.bound(row)
        return self._vault.read(ObjectKey(row.object_key), row.object_version, Sha256(row.sha256))


def _in_state(state: State | None) -> list[ColumnElement[bool]]:
    """Return the conditions on sent packets whose receipt is awaited, or came."""
    if state is None:
        return []
    came = exists().where(
        PacketReceiptRow.packet_id == HandoverRow.packet_id,
        PacketReceiptRow.direction == RETURNED,
    )
    return [came if state == "came" else not_(came)]


def _rows(
    table: Any,  # HandoverRow or ReceivedPacketRow
    conditions: Sequence[ColumnElement[bool]],
    scope: Scope,
) -> Select[tuple[Any, ActRow, ChartRow]]:
    """Return the query of packets within `scope`, newest first, each with its act and chart."""
    its_act = (ActRow.facility == table.facility) & (ActRow.index == table.act_index)
    return (
        select(table, ActRow, ChartRow)
        .join(ActRow, its_act)
        .join(ChartRow, ChartRow.id == table.chart_id)
        .where(records.within(scope), *conditions)
        .order_by(table.act_index.desc())
    )


def _page(
    session: Session,
    table: Any,  # HandoverRow or ReceivedPacketRow
    conditions: Sequence[ColumnElement[bool]],
    scope: Scope,
    limit: int,
    offset: int,
    before: int | None,
) -> tuple[list[tuple[Any, ActRow, ChartRow]], int]:
    query = _rows(table, conditions, scope)
    counted = query.order_by(None).with_only_columns(func.count())
    if before is not None:
        query = query.where(table.act_index < before)
    rows = session.execute(query.limit(limit).offset(offset))
    return [(row[0], row[1], row[2]) for row in rows], session.scalar(counted) or 0


def _single(
    session: Session,
    table: Any,  # HandoverRow or ReceivedPacketRow
    conditions: Sequence[ColumnElement[bool]],
    scope: Scope,
) -> tuple[Any, ActRow, ChartRow]:
    """Return the only packet that matches, the oldest of several; raises NotFound."""
    query = _rows(table, conditions, scope).order_by(None).order_by(table.act_index)
    row = session.execute(query).first()
    if row is None:
        raise NotFound
    return row[0], row[1], row[2]
