"""The sequencer: gives every act its place, writes it ahead into the vault, then applies it.

Start, retry, catching up with a newer vault and rebuilding from nothing are one loop: apply the next act.
An act whose PUT got no answer stays *pending*: the same bytes are put again before anything else may take its index,
so that a write that happened late can never become a fork. What the vault once held it must still hold: a missing act
stops everything.
"""

import secrets
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from importlib.metadata import version
from itertools import groupby

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive import crash
from archive.acts.apply import apply_act, ledger_key
from archive.acts.envelope import Act, Draft, act_key, act_prefix, parse_act
from archive.acts.signature import require_signed, signed
from archive.bilingual import Text
from archive.catalog import projection
from archive.catalog.database import Catalog
from archive.catalog.observations import observe
from archive.catalog.operations import PendingActRow
from archive.catalog.tables import ActRow, FacilityRow
from archive.clock import Clock, iso
from archive.errors import Damaged
from archive.identifiers import FacilityCode, ObjectKey
from archive.leases import Leases
from archive.ledger.checkpoint import CheckpointSigner, VerifierKey, open_checkpoint
from archive.placement import relocate
from archive.vault.contract import ObjectMissing, Stored, Vault, VaultError
from archive.vault.policy import rolling_until

MEDIA_TYPE = "application/json"
Maker = Callable[[Session], tuple[Draft, datetime] | None]
_FORGET_EVERY = 200  # acts; a long rebuild does not hold every row in memory


class Fork(Damaged):
    """Two different histories: acts that cannot both be true. Kho writes nothing more until a person has looked."""

    code = "acts.fork"
    what = Text("Sổ nghiệp vụ bị rẽ nhánh tại {object}.", "The acts fork at {object}.")
    remedy = Text("Không ghi thêm; gọi hỗ trợ.", "Do not write anything; call for help.")


class ActsMissing(Damaged):
    """The vault has lost acts that it once held. Kho neither writes nor rebuilds over the gap."""

    code = "acts.missing"
    what = Text("Kho đối tượng thiếu nghiệp vụ: {object}.", "The vault has lost acts: {object}.")
    remedy = Text("Khôi phục kho đối tượng từ bản sao thứ hai.", "Restore the vault from the second copy.")


class Sequencer:
    """Appends and applies the acts of one facility; any number of processes may each have one.

    `signer` gives the ledger's key when an act is to be signed; a home without it raises there, and does not write.
    """

    def __init__(
        self,
        catalog: Catalog,
        vault: Vault,
        facility: FacilityCode,
        leases: Leases,
        clock: Clock,
        signer: Callable[[], CheckpointSigner],
    ) -> None:
        self._catalog, self._vault, self._facility = catalog, vault, facility
        self._leases, self._clock, self._signer = leases, clock, signer

    def append(self, make: Maker) -> Act | None:
        """Append the act that `make` drafts, and apply it.

        `make` gets a session on a catalogue that has seen every earlier act; it checks all that could refuse the act,
        and returns the draft with the end of its lock, or None where nothing is to be done. What it raises passes on.
        The act is rehearsed before it is written: what cannot be applied never reaches the vault.
        Raises VaultError where the vault refused (nothing happened) or did not answer (OutcomeUnknown: try again),
        ActsMissing and Fork.
        """
        signer = self._signer()
        with self._leases.hold(self._lease):
            self._catch_up()
            self._require_last_act()
            with self._catalog.write() as session:
                made = make(session)
                if made is None:
                    return None
                act, retain_until = self._place(session, made[0], signer), made[1]
                with session.begin_nested() as rehearsal:
                    apply_act(session, act, "")
                    rehearsal.rollback()
                session.add(
                    PendingActRow(
                        facility=self._facility,
                        object_key=act_key(act),
                        body=act.to_bytes(),
                        retain_until=retain_until,
                    )
                )
            crash.point("act.pending")
            self._finish_pending(first_try=True)
            return act

    def catch_up(self) -> int:
        """Apply every act that the vault holds and the catalogue does not; return how many.

        Raises Fork, ActsMissing, Damaged.
        """
        with self._leases.hold(self._lease):
            return self._catch_up()

    def rebuild(self) -> None:
        """Make the projection anew from the vault's acts, in one transaction: it is the old one or the new one.

        Raises Fork, ActsMissing or Damaged where the acts are not one unbroken chain; the old projection stays then.
        """
        with self._leases.hold(self._lease), self._catalog.write() as session:
            projection.empty(session)
            for act, stored in self._all_acts(session):
                self._apply_found(session, act, stored)
                if act.index % _FORGET_EVERY == 0:
                    session.flush()
                    session.expunge_all()
            self._require_nothing_later(session)

    @property
    def _lease(self) -> str:
        return f"sequencer/{self._facility}"

    def _place(self, session: Session, draft: Draft, signer: CheckpointSigner) -> Act:
        last = last_act(session, self._facility)
        return signed(
            {
                "schema": draft.schema_name,
                "facility": self._facility,
                "index": last.index + 1 if last else 0,
                "previous": last.digest if last else None,
                "time": iso(self._clock.now()),
                "actor": draft.actor,
                "chart": draft.chart,
                "facts": draft.facts,
                "objects": draft.objects,
                "salt": secrets.token_hex(16),
                "software": f"kho {version('kho')}",
            },
            signer,
        )

    def _finish_pending(self, *, first_try: bool = False) -> int:
        """Put and apply the pending act, if there is one; drop it if it was found in the vault and applied.

        Only a first try that the vault refused for certain is given up. An earlier one may have been written without
        an answer, and may still arrive.
        """
        with self._catalog.read() as session:
            pending = session.get(PendingActRow, self._facility)
            last = last_act(session, self._facility)
            if pending is None:
                return 0
            key = ObjectKey(pending.object_key)
            act = parse_act(pending.body, key)
            applied = session.get(ActRow, (self._facility, act.index))
        if applied is not None:
            if applied.digest != act.digest():
                raise Fork(object=f"act {act.index}")
            with self._catalog.write() as session:
                session.delete(pending)
            return 0
        self._require_next(act, last)
        try:
            until = max(pending.retain_until, rolling_until(self._clock.now()))  # it may have waited for long
            stored = self._vault.put(key, pending.body, retain_until=until, media_type=MEDIA_TYPE)
        except VaultError as error:
            if first_try and not error.outcome_unknown:
                with self._catalog.write() as session:
                    session.delete(pending)
            raise
        crash.point("act.put")
        with self._catalog.write() as session:
            apply_act(session, act, stored.version)
            observe(session, [stored], self._clock.now())
            session.delete(pending)
        crash.point("act.applied")
        return 1

    def _catch_up(self) -> int:
        count = 0
        while True:
            with self._catalog.read() as session:
                last = last_act(session, self._facility)
                found = self._find(session, last.index + 1 if last else 0)
            if found is None:
                break
            act, stored = found
            self._require_next(act, last)
            with self._catalog.write() as session:
                self._apply_found(session, act, stored)
            count += 1
        if count:
            with self._catalog.read() as session:
                self._require_nothing_later(session)
        return count + self._finish_pending()

    def _apply_found(self, session: Session, act: Act, stored: Stored) -> None:
        """Apply an act that the vault already held; see where its objects stand today."""
        apply_act(session, act, stored.version)
        observe(session, [stored], self._clock.now())
        for bound in act.objects:
            relocate(session, self._vault, bound)

    def _find(self, session: Session, index: int) -> tuple[Act, Stored] | None:
        """Return the act that the vault holds at `index`; of several versions, the one that is what its key says."""
        return self._chosen(session, index, self._vault.list(act_prefix(self._facility, index)))

    def _chosen(self, session: Session, index: int, versions: Iterable[Stored]) -> tuple[Act, Stored] | None:
        found: dict[str, tuple[Act, Stored]] = {}
        damaged: Damaged | None = None
        for stored in versions:
            try:
                act = parse_act(self._vault.read(stored.key, stored.version), stored.key)
                require_signed(act, ledger_key(session, act))
            except Damaged as error:
                damaged = error
                continue
            found.setdefault(act.digest(), (act, stored))
        if len(found) > 1:
            raise Fork(object=f"act {index}")
        if not found and damaged is not None:
            raise damaged
        return next(iter(found.values()), None)

    def _all_acts(self, session: Session) -> Iterator[tuple[Act, Stored]]:
        """Yield every act of the vault in order; raises ActsMissing at the first gap."""
        last: Act | None = None
        listed = self._vault.list(f"{self._facility}/acts/")
        for expected, (index, versions) in enumerate(groupby(listed, key=_index_of)):
            if index != expected:
                raise ActsMissing(object=f"act {expected}")
            chosen = self._chosen(session, index, versions)
            assert chosen is not None  # there is a version, and a damaged one has raised
            if chosen[0].previous != (last.digest() if last else None):
                raise Fork(object=f"act {index}")
            last = chosen[0]
            yield chosen

    def _require_next(self, act: Act, last: ActRow | None) -> None:
        expected = (last.index + 1, last.digest) if last else (0, None)
        if (act.index, act.previous) != expected or act.facility != self._facility:
            raise Fork(object=f"act {act.index}")

    def _require_last_act(self) -> None:
        """Raise ActsMissing unless the vault still holds the newest act that the catalogue knows."""
        with self._catalog.read() as session:
            last = last_act(session, self._facility)
        if last is None:
            return
        try:
            self._vault.stat(ObjectKey(last.object_key), last.object_version)
        except ObjectMissing as error:
            raise ActsMissing(object=f"act {last.index}") from error

    def _require_nothing_later(self, session: Session) -> None:
        """Raise ActsMissing where the vault holds a later act, or a checkpoint of ours, beyond what was applied."""
        last = last_act(session, self._facility)
        size = last.index + 1 if last else 0
        for stored in self._vault.list(f"{self._facility}/acts/"):
            if _index_of(stored) >= size:
                raise ActsMissing(object=f"act {size}")
        told = session.get(FacilityRow, self._facility)
        for stored in self._vault.list(f"{self._facility}/ledger/checkpoint/"):
            if told is not None and self._states_more(stored, VerifierKey.parse(told.ledger_key), size):
                raise ActsMissing(object=f"act {size} ({stored.key})")

    def _states_more(self, stored: Stored, key: VerifierKey, size: int) -> bool:
        stated = stored.key.rpartition("/")[2].partition("-")[0]
        if not stated.isdigit() or int(stated) <= size:
            return False
        try:
            return open_checkpoint(self._vault.read(stored.key, stored.version), key).size > size
        except (ValueError, Damaged):
            return False  # not ours: `kho check` tells of it


def _index_of(stored: Stored) -> int:
    number = stored.key.rpartition("/")[2].partition("-")[0]
    if not number.isdigit():
        raise Damaged(object=stored.key)
    return int(number)


def last_act(session: Session, facility: FacilityCode) -> ActRow | None:
    """Return the newest act that the catalogue knows."""
    return session.scalar(select(ActRow).where(ActRow.facility == facility).order_by(ActRow.index.desc()).limit(1))


def facilities_of(vault: Vault) -> Iterator[FacilityCode]:
    """Yield the facilities whose act 0 stands in `vault`."""
    for stored in vault.list(""):
        facility, _, rest = stored.key.partition("/")
        if rest.startswith("acts/000000000000-"):
            yield FacilityCode(facility)
