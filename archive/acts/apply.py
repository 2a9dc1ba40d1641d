"""Applying an act: the only code that writes the projected tables.

It reads the act and its chart, nothing else.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from pydantic import ValidationError
from sqlalchemy import bindparam, delete, func, select
from sqlalchemy.exc import IntegrityError as ConstraintViolated
from sqlalchemy.orm import Session

from archive.acts import (
    accession,
    department_names,
    deposit,
    facility,
    handover,
    ledger_key,
    packet_receipt,
    partner,
    removal,
    seal_chain,
)
from archive.acts.envelope import MEDIA_TYPE, Act, ActObject, act_key
from archive.acts.removal import RemovedAct, RemovedChart, gap_row
from archive.acts.signature import require_signed
from archive.base.clock import parse_iso
from archive.base.errors import IntegrityError
from archive.base.facts import SIGNED, STORED, Strict
from archive.base.identifiers import FacilityCode, Sha256
from archive.catalog.operations import IntentRow, OutboxRow
from archive.catalog.rows import insert_rows, table_of
from archive.catalog.tables import (
    ActRow,
    FacilityRow,
    LedgerKeyRow,
    LedgerNodeRow,
    RemovedActRow,
    StoredObjectRow,
)
from archive.ledger.checkpoint import VerifierKey
from archive.ledger.merkle import appended, entry, leaf_hash
from archive.ledger.nodes import node_reader

Facts = dict[str, Any]


def newest(facts: Facts) -> Facts:
    """Lift nothing: the schema is already the newest of its kind."""
    return facts


@dataclass(frozen=True, slots=True)
class ActKind:
    """One kind of act: its newest model, what it does, and how older facts are lifted to it.

    `brings` says what the act's objects are; None: the act brings none, and may name objects that
    others brought. `topics` are the outbox topics that follow the act.
    """

    model: type[Strict]
    apply: Callable[[Session, Act, Any], None]
    brings: str | None = None
    topics: tuple[str, ...] = ()
    lift: Callable[[Facts], Facts] = newest


_ACCESSION = ActKind(accession.Accession, accession.apply, brings="document", topics=("index",))
_GIVEN = ActKind(packet_receipt.PacketReceipt, packet_receipt.apply_given, brings="receipt")
_RETURNED = ActKind(packet_receipt.PacketReceipt, packet_receipt.apply_returned, brings="receipt")

KINDS: dict[str, ActKind] = {
    facility.SCHEMA: ActKind(facility.Facility, facility.apply),
    seal_chain.SCHEMA: ActKind(seal_chain.SealChain, seal_chain.apply),
    ledger_key.SCHEMA: ActKind(ledger_key.LedgerKey, ledger_key.apply),
    accession.SCHEMA: _ACCESSION,
    accession.SCHEMA_4: replace(_ACCESSION, lift=accession.lift_4),
    accession.SCHEMA_3: replace(_ACCESSION, lift=accession.lift_3),
    accession.SCHEMA_2: replace(_ACCESSION, lift=accession.lift_2),
    accession.SCHEMA_1: replace(_ACCESSION, lift=accession.lift_1),
    deposit.SCHEMA: ActKind(deposit.Deposit, deposit.apply, topics=("index",)),
    handover.SCHEMA: ActKind(handover.Handover, handover.apply),
    packet_receipt.SCHEMA_GIVEN: _GIVEN,
    packet_receipt.SCHEMA_GIVEN_1: replace(_GIVEN, lift=packet_receipt.lift_1),
    packet_receipt.SCHEMA_RETURNED: _RETURNED,
    packet_receipt.SCHEMA_RETURNED_1: replace(_RETURNED, lift=packet_receipt.lift_1),
    partner.SCHEMA: ActKind(partner.Partner, partner.apply),
    department_names.SCHEMA: ActKind(department_names.DepartmentNames, department_names.apply),
    removal.SCHEMA: ActKind(removal.Removal, removal.apply, topics=("removal",)),
    partner.SCHEMA_REMOVED: ActKind(partner.PartnerRemoved, partner.apply_removed),
}


def kind_of(act: Act) -> ActKind:
    """Return the kind of `act`; raises IntegrityError for one that this Kho does not know."""
    kind = KINDS.get(act.schema_name)
    if kind is None:
        raise IntegrityError(object=f"act {act.index} ({act.schema_name})")
    return kind


def facts_of(act: Act, *, own: bool = False) -> tuple[ActKind, Any]:
    """Return the kind of `act` and its facts in the newest schema.

    Raises IntegrityError for facts that do not fit.

    `own`: the act is of this archive's ledger, perhaps written by a version that took what intake
      refuses today.
    """
    kind = kind_of(act)
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
    """Return the key that must have signed `act`: the newest that earlier acts state.

    Act 0 states its own.

    Raises IntegrityError.
    """
    stated = (
        session.connection()
        .execute(_SIGNING_KEY, {"facility": act.facility, "index": act.index})
        .scalar()
    )
    try:
        return VerifierKey.parse(str(stated if stated is not None else act.facts.get("ledger_key")))
    except ValueError as error:
        raise IntegrityError(object=f"act {act.index}") from error


def act_row(act: Act) -> dict[str, Any]:
    """Return what the catalogue says of an act, without the store's version of it."""
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


def stored_rows(act: Act, version: str = "") -> list[dict[str, Any]]:
    """Return what the catalogue says of the objects that `act` brings.

    The act itself comes first, stored as `version` of its key.

    Raises IntegrityError for a kind of act that this Kho does not know.
    """
    kind = kind_of(act)
    itself = ActObject(
        key=act_key(act),
        version=version,
        sha256=act.digest(),
        size=len(act.to_bytes()),
        media_type=MEDIA_TYPE,
    )
    brought = [(kind.brings, each) for each in act.objects] if kind.brings is not None else []
    return [
        {
            "object_key": each.key,
            "object_version": each.version,
            "facility": act.facility,
            "act_index": act.index,
            "chart_id": act.chart,
            "kind": name,
            "sha256": each.sha256,
            "size": each.size,
            "media_type": each.media_type,
        }
        for name, each in [("act", itself), *brought]
    ]


def apply_act(session: Session, act: Act, version: str) -> None:
    """Write everything that `act`, stored as `version` of its key, says.

    Raises IntegrityError if it contradicts the others.

    The caller holds the sequencer and has checked that `act` is the next one.
    """
    try:
        _apply(session, act, version)
    except ConstraintViolated as error:
        raise IntegrityError(object=f"act {act.index}") from error


def _apply(session: Session, act: Act, version: str) -> None:
    kind, facts = facts_of(act, own=True)
    require_signed(act, signing_key(session, act))
    insert_rows(session, ActRow, act_row(act))
    insert_rows(session, StoredObjectRow, *stored_rows(act, version))
    kind.apply(session, act, facts)
    session.flush()
    _append_to_ledger(session, act.facility, act.index, act.digest())
    subjects = {
        "ledger": act.facility,
        **dict.fromkeys(("locks", *kind.topics), act.chart or act_key(act)),
    }
    due = [
        {"facility": act.facility, "topic": topic, "subject": subject}
        for topic, subject in subjects.items()
    ]
    insert_rows(session, OutboxRow, *due)
    if isinstance(facts, accession.Accession):
        # The intent is fulfilled, whichever process finished it.
        session.connection().execute(_FINISHED, {"submission": facts.submission})
    session.expire_all()  # what the session read before may be old now


def apply_gap(session: Session, removal_act: Act, removed: RemovedAct, chart: RemovedChart) -> None:
    """Write that the next act was removed, as `removal_act` says.

    The ledger goes on with its digest.

    The caller has verified that act, and applies a later act in the same transaction.
    """
    insert_rows(session, RemovedActRow, gap_row(removal_act, removed, chart))
    _append_to_ledger(session, removal_act.facility, removed.index, Sha256(removed.digest))


def _append_to_ledger(session: Session, facility: str, index: int, digest: Sha256) -> None:
    nodes = appended(index, leaf_hash(entry(digest)), node_reader(session, FacilityCode(facility)))
    rows = [
        {"facility": facility, "level": lev, "position": pos, "hash": value}
        for lev, pos, value in nodes
    ]
    insert_rows(session, LedgerNodeRow, *rows)
