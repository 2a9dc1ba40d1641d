"""What a packet brings to prove its documents: the acts that speak of them, and each act's place in
the ledger.
"""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from archive.acts import accession, deposit, ledger_key, seal_chain
from archive.base.errors import IntegrityError, Unavailable
from archive.base.identifiers import FacilityCode, ObjectKey, Sha256
from archive.catalog.database import Catalog
from archive.catalog.operations import LedgerObjectRow
from archive.catalog.tables import ActRow, ChartRow
from archive.coordination.outbox import Outbox
from archive.ledger.checkpoint import parse_checkpoint
from archive.ledger.store import proof_text
from archive.vault.contract import Vault

_PATIENCE = 10.0  # seconds to wait for another process that is publishing the ledger


@dataclass(frozen=True, slots=True)
class PacketEvidence:
    """Acts exactly as the vault keeps them and their proofs under one checkpoint, by index; act 0
    is among them.

    `hands_over`: acts that hand the ledger over to another key are among them, all that the
      checkpoint counts.
    """

    acts: dict[int, bytes]
    proofs: dict[int, bytes]
    hands_over: bool


def gather(
    catalog: Catalog,
    vault: Vault,
    outbox: Outbox,
    facility: FacilityCode,
    chart: ChartRow,
    brought_by: Iterable[int],
) -> PacketEvidence:
    """Return the evidence for documents of `chart` that the acts `brought_by` brought.

    Raises :class:`archive.base.errors.IntegrityError`, :class:`archive.vault.contract.VaultError`,
    :class:`archive.base.errors.Unavailable` where no checkpoint covers the acts yet.
    """
    with catalog.read() as session:
        rows = _acts(session, facility, chart.id, set(brought_by))
    return _proven(catalog, vault, outbox, facility, rows, {row.index for row in rows})


def gather_place(
    catalog: Catalog, vault: Vault, outbox: Outbox, facility: FacilityCode, place: int
) -> PacketEvidence:
    """Return the acts that state the facility and its seals, their proofs, and the proof of the act
    at `place`.

    That act itself is not included, because it holds patient data. Raises as :func:`gather` does.
    """
    stating = or_(ActRow.index == 0, ActRow.schema == seal_chain.SCHEMA)
    with catalog.read() as session:
        rows = session.scalars(
            select(ActRow)
            .where(ActRow.facility == facility, stating, ActRow.index <= place)
            .order_by(ActRow.index)
        ).all()
    return _proven(catalog, vault, outbox, facility, rows, {place, *(row.index for row in rows)})


def _proven(
    catalog: Catalog,
    vault: Vault,
    outbox: Outbox,
    facility: FacilityCode,
    rows: Sequence[ActRow],
    proven: set[int],
) -> PacketEvidence:
    """Return the acts of `rows` and those that led to the checkpoint's key, and proofs of these and
    of `proven`.
    """
    checkpoint, size = newest_checkpoint(catalog, vault, outbox, facility, max(proven) + 1)
    mine = (
        (ActRow.facility == facility) & (ActRow.schema == ledger_key.SCHEMA) & (ActRow.index < size)
    )
    with catalog.read() as session:
        keys = session.scalars(select(ActRow).where(mine)).all()
        places = sorted({*proven, *(row.index for row in keys)})
        proofs = {
            index: proof_text(session, facility, index, checkpoint, size).encode()
            for index in places
        }
    brought = sorted([*rows, *keys], key=lambda row: row.index)
    acts = {
        row.index: vault.read(ObjectKey(row.object_key), row.object_version, Sha256(row.digest))
        for row in brought
    }
    return PacketEvidence(acts, proofs, hands_over=bool(keys))


def _acts(
    session: Session, facility: FacilityCode, chart_id: str, brought_by: set[int]
) -> Sequence[ActRow]:
    """Return act 0, every change of the seal, what brought the documents, and what states the chart
    as it is now.
    """
    mine = ActRow.facility == facility
    newest = (
        select(func.max(ActRow.index))
        .where(mine, ActRow.chart_id == chart_id, ActRow.schema.in_(accession.SCHEMAS))
        .scalar_subquery()
    )
    wanted = or_(
        ActRow.index.in_({0, *brought_by}),
        ActRow.index == newest,
        ActRow.schema == seal_chain.SCHEMA,
        (ActRow.chart_id == chart_id) & (ActRow.schema == deposit.SCHEMA),
    )
    return session.scalars(select(ActRow).where(mine, wanted).order_by(ActRow.index)).all()


def newest_checkpoint(
    catalog: Catalog, vault: Vault, outbox: Outbox, facility: FacilityCode, at_least: int
) -> tuple[bytes, int]:
    """Return the newest checkpoint in the vault and its size, once one covers `at_least` acts."""
    deadline, pause = time.monotonic() + _PATIENCE, 0.0
    while True:
        with catalog.read() as session:
            row = session.scalar(
                select(LedgerObjectRow)
                .where(LedgerObjectRow.facility == facility, LedgerObjectRow.kind == "checkpoint")
                .order_by(LedgerObjectRow.size.desc())
                .limit(1)
            )
        if row is not None and row.size >= at_least:
            digest = Sha256(row.object_key.rsplit("-", 1)[1])  # `checkpoint/{size}-{sha256}`
            note = vault.read(ObjectKey(row.object_key), row.object_version, digest)
            _require_size(note, row)
            return note, row.size
        if time.monotonic() > deadline:
            raise Unavailable(component="ledger", why="no checkpoint covers these acts yet")
        outbox.drain("ledger")
        time.sleep(pause)
        pause = 0.05


def _require_size(note: bytes, row: LedgerObjectRow) -> None:
    """Return if `note` is the checkpoint that the catalogue says; raises IntegrityError."""
    try:
        size = parse_checkpoint(note).size
    except ValueError as error:
        raise IntegrityError(object=row.object_key) from error
    if size != row.size:
        raise IntegrityError(object=row.object_key)
