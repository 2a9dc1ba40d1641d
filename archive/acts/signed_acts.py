"""Acts as the vault keeps them and the ledger's key signed them.

Kho attests only what it reads here.

Any user with write access to the database can change the catalogue. So the catalogue only says
where an act is. The act itself is authoritative, and a row that differs from it is refused.
"""

import threading
from collections import OrderedDict
from collections.abc import Iterator
from typing import Any

import structlog
from sqlalchemy import select

from archive.acts.accession import (
    SCHEMAS,
    Accession,
    ArchivedDocument,
    ReceivedPacket,
    document_row,
)
from archive.acts.act_log_reader import Fork
from archive.acts.apply import act_row, facts_of, signing_key
from archive.acts.envelope import Act, ActObject, act_prefix, parse_act
from archive.acts.facility import Facility
from archive.acts.ledger_key import LedgerKey, followed_by
from archive.acts.packet_receipt import GIVEN, RETURNED, SCHEMA_GIVEN, SCHEMA_GIVEN_1, PacketReceipt
from archive.acts.partner import Partner, came_from_columns
from archive.acts.removal import Removal
from archive.acts.seal_chain import SealChain
from archive.acts.signature import require_signed
from archive.base.clock import parse_iso
from archive.base.errors import IntegrityError
from archive.base.facts import Strict
from archive.base.identifiers import FacilityCode, ObjectKey, Sha256
from archive.catalog.database import Catalog
from archive.catalog.entries import FacilityEntry
from archive.catalog.tables import (
    ActRow,
    DocumentRow,
    PacketReceiptRow,
    PartnerRow,
    RemovedActRow,
    SealChainRow,
)
from archive.ledger.checkpoint import VerifierKey
from archive.ledger.keys import LedgerKeys, ledger_keys
from archive.vault.contract import Stored, Vault

_KEPT = 64  # acts in memory; each was read from the vault and its signature checked
# where a store keeps it today; its place in the chart
_NOT_STATED = frozenset({"object_version", "position"})

log = structlog.get_logger(__name__)


class CatalogueAltered(IntegrityError):
    """The catalogue differs from the signed act: Kho attests nothing from it."""

    code = "catalogue.altered"


class SignedActs:
    """The signed acts of one facility, read from its vault. Safe for threads."""

    def __init__(self, catalog: Catalog, vault: Vault, facility: FacilityCode) -> None:
        self._catalog, self._vault, self._facility = catalog, vault, facility
        self._guard = threading.Lock()
        self._kept: OrderedDict[Sha256, Act] = OrderedDict()
        self._first_key: VerifierKey | None = None
        self._keys: LedgerKeys | None = None

    def act(self, index: int) -> Act:
        """Return act `index`: read by its digest, its signature checked.

        Raises CatalogueAltered where the catalogue has no such act, or names another one or another
        ledger's key; IntegrityError, Forged, VaultError.
        """
        row = self._row(index)
        if row is None:
            raise self.altered(f"act {index}")
        return self._of_row(row)

    def _row(self, index: int) -> ActRow | None:
        with self._catalog.read() as session:
            return session.get(ActRow, (self._facility, index))

    def _of_row(self, row: ActRow) -> Act:
        index, digest = row.index, Sha256(row.digest)
        act = self._found(digest) or self._read(row)
        if differences(row, act_row(act)):
            raise self.altered(f"act {index}")
        with self._guard:
            self._kept[digest] = act
            self._kept.move_to_end(digest)
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return act

    def require_own(self, act: Act) -> None:
        """Return if the ledger's key signed `act`.

        Raises Forged, Fork, and CatalogueAltered for another ledger's key.

        Before there is an act 0, `act` states its key itself.
        """
        if act.index:
            key = self.keys().of_act(act.index)
        else:
            with self._catalog.read() as session:
                key = signing_key(session, act)
        require_signed(act, key)

    def keys(self) -> LedgerKeys:
        """Return the ledger's keys as the signed acts state them.

        Raises CatalogueAltered where the catalogue names a key that no act states, or an act that
        does not; Fork, IntegrityError, Forged, VaultError.
        """
        with self._catalog.read() as session:
            try:
                stated = ledger_keys(session, self._facility)
            except IntegrityError as error:
                raise self.altered("ledger key") from error
        if stated != self._keys:
            keys = LedgerKeys(stated.origin, ((0, self._first()),))
            for index, _ in stated.stated[1:]:
                keys = self._followed(keys, index)
            if stated != keys:
                raise self.altered("ledger key")
            self._keys = keys
        return stated

    def digests(self, first: int, end: int) -> Iterator[Sha256]:
        """Yield the digests of the acts from `first` up to `end`; raises as :meth:`act`.

        Each act names the act before it. An act that does not is CatalogueAltered, too: it belongs
        to another history. Of an act that was removed the signed act of removal states the digest.
        """
        before = self._place(first - 1)[0] if first else None
        for index in range(first, end):
            digest, act = self._place(index)
            if act is not None and act.previous != before:
                raise self.altered(f"act {index}")
            before = digest
            yield digest

    def _place(self, index: int) -> tuple[Sha256, Act | None]:
        """Return the digest of act `index`, and the act where it was not removed."""
        row = self._row(index)
        if row is None:
            return self._removed(index), None
        act = self._of_row(row)
        return act.digest(), act

    def _removed(self, index: int) -> Sha256:
        """Return the digest of an act that was removed, as the act of removal states it.

        Raises CatalogueAltered where no such act lists it; else as :meth:`act`.
        """
        with self._catalog.read() as session:
            row = session.get(RemovedActRow, (self._facility, index))
        facts = self.facts(row.removed_by) if row is not None else None
        removed = facts.by_index.get(index) if isinstance(facts, Removal) else None
        if row is None or removed is None or removed[0].digest != row.digest:
            raise self.altered(f"act {index}")
        return Sha256(row.digest)

    def facts(self, index: int) -> Strict:
        """Return what act `index` states, in the newest schema of its kind.

        Raises as :meth:`act`.
        """
        facts: Strict = facts_of(self.act(index), own=True)[1]
        return facts

    def facility(self, entry: FacilityEntry) -> FacilityEntry:
        """Return the facility's entry if act 0 states it so.

        Raises CatalogueAltered, else as :meth:`act`.
        """
        facts = self.facts(0)
        if not isinstance(facts, Facility) or differences(
            entry, facts.model_dump(exclude={"seal_chain"})
        ):
            raise self.altered("facility")
        return entry

    def document(self, row: DocumentRow) -> tuple[ArchivedDocument, ActObject]:
        """Return a document and its object as the signed act states them.

        Raises CatalogueAltered unless the row says the same in every column; else as :meth:`act`.
        """
        act = self.act(row.act_index)
        facts = facts_of(act)[1]
        if isinstance(facts, Accession) and len(facts.documents) == len(act.objects):
            for document, stored in zip(facts.documents, act.objects, strict=True):
                said = document_row(act, facts, document, stored, row.position)
                if document.id == row.id and differences(row, said) == []:
                    return document, stored
        raise self.altered(f"document {row.id}")

    def received(self, index: int, packet: ReceivedPacket) -> None:
        """Return if act `index` took in the referral packet `packet`.

        Raises CatalogueAltered, else as :meth:`act`.
        """
        facts = self.facts(index)
        stated = facts.received if isinstance(facts, Accession) else None
        if stated is not None and stated.came_from is None:  # an act of before did not state it
            packet = packet.model_copy(update={"came_from": None})
        if stated != packet:
            raise self.altered(f"packet {packet.packet}")

    def bound(self, row: PacketReceiptRow) -> None:
        """Return if a receipt is as its signed act binds it.

        Raises CatalogueAltered, else as :meth:`act`.
        """
        act = self.act(row.act_index)
        facts = facts_of(act)[1]
        given = act.schema_name in (SCHEMA_GIVEN, SCHEMA_GIVEN_1)
        said = {
            **came_from_columns(getattr(facts, "came_from", None)),
            "direction": GIVEN if given else RETURNED,
        }
        if not isinstance(facts, PacketReceipt) or differences(row, said):
            raise self.altered(f"receipt of packet {row.packet_id}")
        if [
            (
                act.chart,
                facts.packet,
                facts.partner,
                parse_iso(facts.received_at),
                each.sha256,
                each.size,
                each.key,
            )
            for each in act.objects
        ] != [
            (
                row.chart_id,
                row.packet_id,
                row.partner,
                row.received_at,
                row.sha256,
                row.size,
                row.object_key,
            )
        ]:
            raise self.altered(f"receipt of packet {row.packet_id}")

    def partner(self, row: PartnerRow) -> Partner:
        """Return the partner as its signed act states it.

        Raises CatalogueAltered, else as :meth:`act`.
        """
        facts = self.facts(row.act_index)
        if not isinstance(facts, Partner) or differences(row, facts.model_dump(mode="json")):
            raise self.altered(f"partner {row.code}")
        return facts

    def seal_chain(self, row: SealChainRow) -> str:
        """Return a seal's chain (PEM) as the signed act states it.

        Raises CatalogueAltered, else as :meth:`act`.
        """
        facts = self.facts(row.act_index)
        stated = facts.seal_chain if isinstance(facts, Facility) else getattr(facts, "pem", None)
        if not isinstance(facts, Facility | SealChain) or stated != row.pem:
            raise self.altered(f"seal chain of act {row.act_index}")
        return row.pem

    def successor(self, row: DocumentRow) -> str | None:
        """Return the id of the document that replaced this one, as the signed acts state it.

        Raises CatalogueAltered where the row says something else; else as :meth:`act`.
        """
        later = (ActRow.facility == self._facility) & (ActRow.chart_id == row.chart_id)
        later &= (ActRow.index > row.act_index) & ActRow.schema.in_(SCHEMAS)
        with self._catalog.read() as session:
            indices = session.scalars(
                select(ActRow.index).where(later).order_by(ActRow.index)
            ).all()
        stated = [
            document.id
            for facts in map(self.facts, indices)
            if isinstance(facts, Accession)
            for document in facts.documents
            if document.supersedes == row.id
        ]
        newest = stated[-1] if stated else None
        if newest != row.superseded_by:
            raise self.altered(f"document {row.id}")
        return newest

    def _found(self, digest: Sha256) -> Act | None:
        with self._guard:
            return self._kept.get(digest)

    def _read(self, row: ActRow) -> Act:
        data = self._vault.read(ObjectKey(row.object_key), row.object_version, Sha256(row.digest))
        act = parse_act(data, row.object_key)
        self.require_own(act)
        return act

    def _followed(self, keys: LedgerKeys, index: int) -> LedgerKeys:
        """Return `keys` and the key that act `index` hands over to."""
        with self._catalog.read() as session:
            row = session.get(ActRow, (self._facility, index))
        if row is None:
            raise self.altered("ledger key")
        act = parse_act(
            self._vault.read(ObjectKey(row.object_key), row.object_version), row.object_key
        )
        require_signed(act, keys.of_act(index))
        facts = facts_of(act)[1]
        if act.index != index or not isinstance(facts, LedgerKey):
            raise self.altered("ledger key")
        return followed_by(keys, act, facts)

    def _first(self) -> VerifierKey:
        """Return the key that act 0 in the vault states.

        Raises Fork where the vault holds two acts 0 that are signed.

        Each act 0 states its own key: with two of them only the catalogue could choose, and that
        may be altered.
        """
        if self._first_key is None:
            versions = list(self._vault.list(act_prefix(self._facility, 0)))
            keys = dict(filter(None, map(self._self_signed, versions)))
            if not keys:
                raise IntegrityError(object="act 0")
            if len(keys) > 1:
                raise Fork(object="act 0")
            (self._first_key,) = keys.values()
        return self._first_key

    def _self_signed(self, stored: Stored) -> tuple[Sha256, VerifierKey] | None:
        try:
            act = parse_act(self._vault.read(stored.key, stored.version), stored.key)
            key = VerifierKey.parse(str(act.facts.get("ledger_key")))
            require_signed(act, key)
        except (IntegrityError, ValueError):
            return None  # no act 0: `kho check` reports it
        return act.digest(), key

    def altered(self, what: str) -> CatalogueAltered:
        """Log that catalogue and acts differ about `what`, and return the error to raise."""
        log.error("catalogue.altered", object=what)
        return CatalogueAltered(object=what)


def differences(row: object, said: dict[str, Any]) -> list[str]:
    """Return the columns in which a row and its act differ."""
    return [
        name
        for name, value in said.items()
        if name not in _NOT_STATED and getattr(row, name) != value
    ]
