"""Applying an act: the only code that writes the projected tables.

It reads the act and its chart, nothing else.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from sqlalchemy import bindparam, delete, func, select
from sqlalchemy.exc import IntegrityError as ConstraintViolated
from sqlalchemy.orm import Session

from archive.acts import (
    accession,
    deposit,
    facility,
    handover,
    ledger_key,
    packet_receipt,
    partner,
    seal_chain,
)
from archive.acts.envelope import Act, act_key
from archive.acts.signature import require_signed
from archive.base.clock import parse_iso
from archive.base.errors import IntegrityError
from archive.base.facts import SIGNED, STORED, Strict
from archive.base.identifiers import FacilityCode
from archive.catalog.operations import IntentRow, OutboxRow
from archive.catalog.rows import insert_rows, table_of
from archive.catalog.tables import ActRow, FacilityRow, LedgerKeyRow, LedgerNodeRow
from archive.ledger.checkpoint import VerifierKey
from archive.ledger.merkle import appended, entry, leaf_hash
from archive.ledger.nodes import node_reader

Facts = dict[str, Any]


def newest(facts: Facts) -> Facts:
    """Lift nothing: the schema is already the newest of its kind."""
    return facts


@dataclass(frozen=True, slots=True)
class ActKind:
    """One kind of act: the newest schema's model, what it does, and how facts of older schemas are
    lifted to it.

    `topics` are the outbox topics that follow the act.
    """

    model: type[Strict]
    apply: Callable[[Session, Act, Any], None]
    topics: tuple[str, ...] = ()
    lift: Callable[[Facts], Facts] = newest


KINDS: dict[str, ActKind] = {
    facility.SCHEMA: ActKind(facility.Facility, facility.apply),
    seal_chain.SCHEMA: ActKind(seal_chain.SealChain, seal_chain.apply),
    ledger_key.SCHEMA: ActKind(ledger_key.LedgerKey, ledger_key.apply),
    accession.SCHEMA: ActKind(accession.Accession, accession.apply, topics=("index",)),
    accession.SCHEMA_2: ActKind(
        accession.Accession, accession.apply, topics=("index",), lift=accession.lift_2
    ),
    accession.SCHEMA_1: ActKind(
        accession.Accession, accession.apply, topics=("index",), lift=accession.lift_1
    ),
    deposit.SCHEMA: ActKind(deposit.Deposit, deposit.apply, topics=("index",)),
    handover.SCHEMA: ActKind(handover.Handover, handover.apply),
    packet_receipt.SCHEMA_GIVEN: ActKind(packet_receipt.PacketReceipt, packet_receipt.apply_given),
    packet_receipt.SCHEMA_GIVEN_1: ActKind(
        packet_receipt.PacketReceipt, packet_receipt.apply_given, lift=packet_receipt.lift_1
    ),
    packet_receipt.SCHEMA_RETURNED: ActKind(
        packet_receipt.PacketReceipt, packet_receipt.apply_returned
    ),
    packet_receipt.SCHEMA_RETURNED_1: ActKind(
        packet_receipt.PacketReceipt, packet_receipt.apply_returned, lift=packet_receipt.lift_1
    ),
    partner.SCHEMA: ActKind(partner.Partner, partner.apply),
    partner.SCHEMA_REMOVED: ActKind(partner.PartnerRemoved, partner.apply_removed),
}


def facts_of(act: Act, *, own: bool = False) -> tuple[ActKind, Any]:
    """Return the kind of `act` and its facts in the newest schema; raises IntegrityError for facts
    that do not fit.

    `own`: the act is of this archive's ledger, perhaps written by a version that took what intake
      refuses today.
    """
    kind = KINDS.get(act.schema_name)
    if kind is None:
        raise IntegrityError(object=f"act {act.index} ({act.schema_name})")
    try:
        return kind, kind.model.model_validate(
            kind.lift(act.facts), context=STORED if own else SIGNED
        )
    except ValidationError as error:
        raise IntegrityError(object=f"act {act.index}") from error


# Kept, so that SQLAlchemy knows again what it has compiled.
_LATER, _FIRST = table_of(LedgerKeyRow).c, table_of(FacilityRow).c
_NEWEST_BEFORE = (
    select(_LATER.key)
    .where(_LATER.facility == bindparam("facility"), _LATER.act_index < bindparam("index"))
    .order_by(_LATER.act_index.desc())
    .limit(1)
    .scalar_subquery()
)
_SIGNING_KEY = select(func.coalesce(_NEWEST_BEFORE, _FIRST.ledger_key)).where(
    _FIRST.code == bindparam("facility")
)
_FINISHED = delete(table_of(IntentRow)).where(
    table_of(IntentRow).c.submission_id == bindparam("submission")
)


def signing_key(session: Session, act: Act) -> VerifierKey:
    """Return the key that must have signed `act`: the newest that earlier acts state; act 0 states
    its own.

    Raises IntegrityError.
    """
    told = (
        session.connection()
        .execute(_SIGNING_KEY, {"facility": act.facility, "index": act.index})
        .scalar()
    )
    try:
        return VerifierKey.parse(str(told if told is not None else act.facts.get("ledger_key")))
    except ValueError as error:
        raise IntegrityError(object=f"act {act.index}") from error


def act_row(act: Act) -> dict[str, Any]:
    """Return what the catalogue says of an act,
    without the version under which a store keeps it.
    """
    return {
        "facility": act.facility,
        "index": act.index,
        "schema": act.schema_name,
        "digest": act.digest(),
        "time": parse_iso(act.time),
        "actor_name": act.actor.name,
        "actor_role": act.actor.role,
        "chart_id": act.chart,
        "object_key": act_key(act),
        "size": len(act.to_bytes()),
    }


def apply_act(session: Session, act: Act, version: str) -> None:
    """Write everything that `act`, stored as `version` of its key, says; raises IntegrityError if
    it contradicts the others.

    The caller holds the sequencer and has checked that `act` is the next one.
    """
    try:
        _apply(session, act, version)
    except ConstraintViolated as error:
        raise IntegrityError(object=f"act {act.index}") from error


def _apply(session: Session, act: Act, version: str) -> None:
    kind, facts = facts_of(act, own=True)
    require_signed(act, signing_key(session, act))
    insert_rows(session, ActRow, {**act_row(act), "object_version": version})
    kind.apply(session, act, facts)
    session.flush()
    _append_to_ledger(session, act)
    told = {"facility": act.facility, "subject": act.chart or act.facility}
    due = [{**told, "topic": topic} for topic in ("ledger", "locks", *kind.topics)]
    insert_rows(session, OutboxRow, *due)
    if isinstance(facts, accession.Accession):
        # The intent is fulfilled, whichever process finished it.
        session.connection().execute(_FINISHED, {"submission": facts.submission})
    session.expire_all()  # what the session read before may be old now


def _append_to_ledger(session: Session, act: Act) -> None:
    nodes = appended(
        act.index, leaf_hash(entry(act.digest())), node_reader(session, FacilityCode(act.facility))
    )
    rows = [
        {"facility": act.facility, "level": lev, "position": pos, "hash": value}
        for lev, pos, value in nodes
    ]
    insert_rows(session, LedgerNodeRow, *rows)
