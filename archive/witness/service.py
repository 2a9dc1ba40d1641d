"""All witnesses of one archive: asked when writing starts and after each checkpoint.

What they confirm is kept.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta

import structlog
from sqlalchemy import select

from archive.acts.act_log_reader import ActsMissing
from archive.base.clock import Clock
from archive.base.errors import IntegrityError
from archive.base.identifiers import FacilityCode, ObjectKey
from archive.catalog.database import Catalog
from archive.catalog.operations import LedgerObjectRow, WitnessRow
from archive.catalog.upsert import upsert
from archive.ledger.history import History
from archive.ledger.keys import ledger_keys
from archive.ledger.nodes import node_reader
from archive.ledger.store import ledger_size
from archive.vault.contract import Stored, Vault, VaultError
from archive.witness.contract import Claim, HistoryContradicted, Witness, WitnessAway

# the history, its newest published checkpoint, and that one's size
Shown = tuple[History, bytes, int]
_LOOKS = 3  # at a history that others write on, before a contradiction is believed

log = structlog.get_logger(__name__)


class WitnessService:
    """Asks the witnesses of one facility's archive.

    `notice_after` is how long no confirmation may be missed.
    """

    def __init__(
        self,
        catalog: Catalog,
        vault: Vault,
        facility: FacilityCode,
        witnesses: Sequence[Witness],
        clock: Clock,
        notice_after: timedelta,
    ) -> None:
        self._catalog, self._vault, self._facility, self._clock = catalog, vault, facility, clock
        self.all, self._notice_after = tuple(witnesses), notice_after
        self._once = threading.Lock()
        self._asked = False
        self._contradiction: HistoryContradicted | None = None

    def require_uncontradicted(self) -> None:
        """Raise HistoryContradicted where a witness contradicts the history.

        Nothing may be written then.

        The first call in a process asks every witness. A witness that is away is logged, and stops
        nothing.
        """
        with self._once:
            if not self._asked:
                self._ask_all()
                self._asked = True
        if self._contradiction is not None:
            raise self._contradiction

    def confirm(self) -> None:
        """Show every witness the newest checkpoint.

        Raises HistoryContradicted; WitnessAway where one is away.
        """
        with self._once:
            away = self._ask_all()
            self._asked = True
        if self._contradiction is not None:
            raise self._contradiction
        if away is not None:
            raise away

    def kept(self, witness: Witness) -> Iterator[bytes]:
        """Yield the checkpoints that `witness` keeps.

        Raises WitnessAway, also for a store that is away.
        """
        try:
            yield from witness.kept()
        except VaultError as error:
            raise WitnessAway(component=witness.name, why=error.code) from error

    def confirmed(self) -> dict[str, WitnessRow]:
        """Return what each witness confirmed last, by its name."""
        mine = select(WitnessRow).where(WitnessRow.facility == self._facility)
        with self._catalog.read() as session:
            return {row.name: row for row in session.scalars(mine)}

    def is_overdue(self) -> bool:
        """Tell whether there are witnesses, and none confirmed a checkpoint for too long."""
        if not self.all:
            return False
        names = {witness.name for witness in self.all}
        times = [row.confirmed_at for name, row in self.confirmed().items() if name in names]
        newest: datetime | None = max(times, default=None)
        return newest is None or newest < self._clock.now() - self._notice_after

    def _ask_all(self) -> WitnessAway | None:
        """Ask every witness; keep a contradiction for good.

        Return the first witness that was away.
        """
        witnesses = self.all
        shown = self._newest() if witnesses else None
        if shown is None:
            return None
        away: WitnessAway | None = None
        confirmed = self.confirmed()
        for witness in witnesses:
            known = confirmed.get(witness.name)
            try:
                size, kept = _confirmed(witness, shown, known.size if known else 0, self._newest)
            except HistoryContradicted as error:
                log.error("history.contradicted", witness=witness.name, why=error.facts["why"])
                self._contradiction = error
            except (WitnessAway, VaultError) as error:
                log.warning("witness.away", witness=witness.name, why=error.explain("en"))
                away = away or WitnessAway(component=witness.name, why=error.code)
            else:
                self._remember(witness.name, size, kept)
        return away

    def _remember(self, name: str, size: int, note: bytes) -> None:
        row = {
            "facility": self._facility,
            "name": name,
            "size": size,
            "confirmed_at": self._clock.now(),
            "note": note,
        }
        with self._catalog.write() as session:
            upsert(session, WitnessRow, [row])

    def _newest(self) -> Shown | None:
        """Return the history, its newest published checkpoint and that checkpoint's size.

        Returns None before the first one.
        """
        with self._catalog.read() as session:
            keys, size = ledger_keys(session, self._facility), ledger_size(session, self._facility)
            row = session.scalar(
                select(LedgerObjectRow)
                .where(
                    LedgerObjectRow.facility == self._facility, LedgerObjectRow.kind == "checkpoint"
                )
                .order_by(LedgerObjectRow.size.desc())
                .limit(1)
            )
        if row is not None:
            key, version = ObjectKey(row.object_key), row.object_version
        else:  # a rebuilt catalogue has published none
            stored = max(self._published(), key=_size_of, default=None)
            if stored is None:
                return None
            key, version = stored.key, stored.version
        note = self._vault.read(key, version)
        try:
            published = keys.open(note).size
        except ValueError as error:
            raise IntegrityError(object=key) from error
        if published > size:
            raise ActsMissing(object=f"act {size} ({key})")
        return History(keys, size, self._read), note, published

    def _published(self) -> Iterator[Stored]:
        return self._vault.list(f"{self._facility}/ledger/checkpoint/")

    def _read(self, level: int, position: int) -> bytes:
        """Read a node in a transaction of its own.

        A witness may take long to answer, and nodes never change.
        """
        with self._catalog.read() as session:
            return node_reader(session, self._facility)(level, position)


def _confirmed(
    witness: Witness,
    shown: Shown,
    known: int,
    look: Callable[[], Shown | None],
    looks: int = _LOOKS,
) -> tuple[int, bytes]:
    """Return the size that `witness` confirms, and the checkpoint as it keeps it.

    Raises as `Witness.confirm`.

    Another process may write, hand the ledger over and show it to the witness after the history was
    `shown`. So a contradiction counts only against a history that has not grown since; `look` shows
    it again.
    """
    history, note, size = shown
    try:
        return size, witness.confirm(Claim(history, note, size, known))
    except HistoryContradicted:
        newer = look()
        if newer is None or newer[0].size <= history.size or looks == 1:
            raise
    return _confirmed(witness, newer, known, look, looks - 1)


def _size_of(stored: Stored) -> int:
    number = stored.key.rpartition("/")[2].partition("-")[0]
    return int(number) if number.isdecimal() and number.isascii() else -1
