"""The sequencer: gives every act its place, writes it ahead into the vault, then applies it.

Start, retry, catching up with a newer vault and rebuilding from nothing are one loop: apply the
next act. An act whose PUT got no answer stays *pending*: Kho puts the same bytes again before any
other act may take its index, so that a late write can never become a fork. The vault must still
hold every act that it once held: a missing act stops everything.

One process at a time has its turn (:mod:`archive.coordination.sequencer_session`), under the
facility's lease. A catalogue transaction that got no answer may have been committed or not; the
next turn sees which, for it begins when the old session is over. So an append is retried as a
whole: its act, known by its digest, is either found there or drafted again.

*Group commit.* Threads that want to append while another thread has the process's turn put their
requests in a queue. The next thread that has the turn appends them all: one lease, one listing of
the vault, two transactions.
"""

import secrets
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from importlib.metadata import version

from sqlalchemy.orm import Session

from archive.acts.envelope import Act, Draft
from archive.acts.signature import signed
from archive.acts.signed_acts import SignedActs
from archive.base.clock import Clock, iso
from archive.base.errors import Unavailable
from archive.base.identifiers import FacilityCode
from archive.base.leases import LeaseHeld, Leases
from archive.catalog.database import Catalog
from archive.catalog.errors import TransactionLost
from archive.catalog.tables import ActRow
from archive.coordination.sequencer_session import (
    DeferredToNextBatch,
    DraftedAct,
    Drafter,
    LogHead,
    SequencerSession,
)
from archive.coordination.writing_clock import time_after
from archive.ledger.checkpoint import CheckpointSigner
from archive.ledger.keys import KeyNotInForce, ledger_keys
from archive.process import recorded
from archive.vault.contract import Vault

Maker = Callable[[Session], tuple[Draft, datetime] | None]
TRIES = 3  # of an append whose transaction was lost
MOST = 64  # acts that are appended together


@dataclass(eq=False, slots=True)
class _Waiting:
    """What one thread wants to be appended, and what became of it."""

    make: Maker
    signer: CheckpointSigner
    drafted: list[Act] = field(default_factory=list)
    done: bool = False
    act: Act | None = None
    error: Exception | None = None

    def end(self, outcome: Act | Exception | None) -> None:
        """Note what became of it."""
        self.done = True
        if isinstance(outcome, Exception):
            self.error = outcome
        else:
            self.act = outcome
            if outcome is not None:
                recorded.note(outcome.index)


class Sequencer:
    """Appends and applies the acts of one facility; any number of processes may each have one.

    `signed` are the acts as the vault keeps them: code that attests something reads them, not the
    catalogue. `signer` returns the ledger's key when an act is to be signed; a home without it
    raises then, and does not write.
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
        self.signed = SignedActs(catalog, vault, facility)
        self._queue: deque[_Waiting] = deque()
        self._mine = threading.RLock()  # one thread at a time waits for a turn
        self._caught_up = False
        self._seen = 0  # acts that this process knows of

    def append(self, make: Maker) -> Act | None:
        """Append the act that `make` drafts, and apply it.

        `make` gets a session on a catalogue that has seen every earlier act; it checks all that
        could refuse the act, and returns the draft with the end of its lock, or None where nothing
        is to be done. What it raises passes on. It may be called again, and what it writes is
        rolled back: it must only read. Raises VaultError where the vault refused (nothing happened)
        or did not answer (OutcomeUnknown: try again), TransactionLost where the catalogue did not
        answer (try again), Unavailable, LeaseHeld, ActsMissing, Fork, and KeyNotInForce where this
        home has not the key to which the ledger was handed over.
        """
        try:
            return self._append(make)
        except KeyNotInForce:  # another process handed the ledger over since the signer was asked
            return self._append(make)

    def _append(self, make: Maker) -> Act | None:
        waiting = _Waiting(make, self._signer())
        self._queue.append(waiting)
        try:
            with self._mine:
                while not waiting.done:  # the thread that had the turn may have done it
                    self._append_group(
                        [self._queue.popleft() for _ in range(min(MOST, len(self._queue)))]
                    )
        finally:
            if not waiting.done:  # interrupted: no caller waits for it any more
                with suppress(ValueError):
                    self._queue.remove(waiting)
        if waiting.error is not None:
            raise waiting.error
        return waiting.act

    def _append_group(self, group: Sequence[_Waiting]) -> None:
        try:
            self._try_group(group)
        except Exception as error:  # noqa: BLE001 - each waiting thread gets it
            for waiting in group:
                if not waiting.done:
                    waiting.end(error)
        finally:  # a thread that is interrupted leaves the others' acts to the next
            self._queue.extendleft(waiting for waiting in reversed(group) if not waiting.done)

    def _try_group(self, group: Sequence[_Waiting]) -> None:
        lost: TransactionLost | None = None
        for _ in range(TRIES):
            try:
                with self._turn() as turn:
                    is_behind = turn.size < self._seen  # rows were removed behind Kho's back
                    turn.catch_up(
                        look=is_behind or not self._caught_up or self._catalog.may_go_back
                    )
                    for waiting in group:
                        if waiting.drafted and turn.holds(waiting.drafted[-1]):
                            waiting.end(waiting.drafted[-1])
                    left = [waiting for waiting in group if not waiting.done]
                    if not left:
                        return
                    turn.require_last_act()
                    for waiting, outcome in zip(
                        left, turn.append([self._drafter(waiting) for waiting in left]), strict=True
                    ):
                        # else it stays in the queue
                        if not isinstance(outcome, DeferredToNextBatch):
                            waiting.end(outcome)
                return
            except TransactionLost as error:
                lost = error
            except (Unavailable, LeaseHeld) as error:
                # an append without an answer stays unknown, whatever follows
                raise lost or error from error
        assert lost is not None
        raise lost

    def _drafter(self, waiting: _Waiting) -> Drafter:
        def draft(session: Session, head: LogHead | None) -> DraftedAct | None:
            prepared = waiting.make(session)
            if prepared is None:
                return None
            draft, lock_until = prepared
            if (
                head is not None
                and waiting.signer.verifier != ledger_keys(session, self._facility).newest
            ):
                raise KeyNotInForce
            act = self._signed(draft, head, self._time(session, head), waiting.signer)
            waiting.drafted.append(act)
            return DraftedAct(act, lock_until, draft.seen)

        return draft

    def catch_up(self) -> int:
        """Apply every act that the vault holds and the catalogue does not; return how many.

        Raises Fork, ActsMissing, IntegrityError, Unavailable.
        """
        with self._turn() as turn:
            return turn.catch_up()

    def catch_up_once(self) -> None:
        """Catch up, unless this process did already and every turn of its own has ended well since.

        For work that ends with an append, which catches up itself: it is seldom surprised there.
        Raises as `catch_up`.
        """
        if not self._caught_up:
            self.catch_up()

    def rebuild(self) -> None:
        """Rebuild the projection from the vault's acts, in one transaction.

        The result is the old projection or the new one.

        Raises Fork, ActsMissing or IntegrityError where the acts are not one unbroken chain; the
        old projection stays then.
        """
        with self._turn() as turn:
            turn.rebuild()

    @contextmanager
    def _turn(self) -> Iterator[SequencerSession]:
        with self._mine:
            try:
                with self._leases.hold(f"sequencer/{self._facility}") as lease:
                    under = self._catalog.under(lease)
                    turn = SequencerSession(
                        under, self._vault, self._facility, self._clock, self.signed
                    )
                    yield turn
            except BaseException:
                self._caught_up = False
                raise
            self._seen = max(self._seen, turn.size)
            self._caught_up = not turn.leaves_pending

    def _time(self, session: Session, head: LogHead | None) -> datetime:
        """Return the time of the act that follows `head`: acts are dated in their order.

        Raises ClockBehind.
        """
        last = session.get(ActRow, (self._facility, head.index)) if head is not None else None
        return time_after(self._clock, last.time if last is not None else None)

    def _signed(
        self, draft: Draft, head: LogHead | None, moment: datetime, signer: CheckpointSigner
    ) -> Act:
        return signed(
            {
                "schema": draft.schema_name,
                "facility": self._facility,
                "index": head.index + 1 if head else 0,
                "previous": head.digest if head else None,
                "time": iso(moment),
                "actor": draft.actor,
                "chart": draft.chart,
                "facts": draft.facts,
                "objects": draft.objects,
                "salt": secrets.token_hex(16),
                "software": f"kho {version('kho')}",
            },
            signer,
        )


def facilities_of(vault: Vault) -> Iterator[FacilityCode]:
    """Yield the facilities whose act 0 is in `vault`."""
    for stored in vault.list(""):
        facility, _, rest = stored.key.partition("/")
        if rest.startswith("acts/000000000000-"):
            yield FacilityCode(facility)
