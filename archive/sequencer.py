"""The sequencer: gives every act its place, writes it ahead into the vault, then applies it.

Start, retry, catching up with a newer vault and rebuilding from nothing are one loop: apply the next act.
An act whose PUT got no answer stays *pending*: the same bytes are put again before anything else may take its index,
so that a write that happened late can never become a fork. What the vault once held it must still hold: a missing act
stops everything.

One process at a time has its turn (:mod:`archive.turn`), under the facility's lease. A transaction with the catalogue
that got no answer may have been committed or not; the next turn sees which, for it begins when the old session is over.
So an append is tried again whole: its act, known by its digest, is either found there or drafted anew.
"""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from importlib.metadata import version

from sqlalchemy.orm import Session

from archive.acts.envelope import Act, Draft
from archive.acts.signature import signed
from archive.catalog.database import Catalog
from archive.catalog.errors import TransactionLost
from archive.clock import Clock, iso
from archive.errors import Unavailable
from archive.identifiers import FacilityCode
from archive.leases import LeaseHeld, Leases
from archive.ledger.checkpoint import CheckpointSigner
from archive.turn import Head, Turn
from archive.vault.contract import Vault

Maker = Callable[[Session], tuple[Draft, datetime] | None]
TRIES = 3  # of an append whose transaction was lost


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
        It may be asked again: it writes by its session only.
        Raises VaultError where the vault refused (nothing happened) or did not answer (OutcomeUnknown: try again),
        TransactionLost where the catalogue did not answer (try again), Unavailable, LeaseHeld, ActsMissing and Fork.
        """
        signer = self._signer()
        drafted: list[Act] = []

        def draft(session: Session, head: Head | None) -> tuple[Act, datetime] | None:
            made = make(session)
            if made is None:
                return None
            drafted.append(self._signed(made[0], head, signer))
            return drafted[-1], made[1]

        lost: TransactionLost | None = None
        for _ in range(TRIES):
            try:
                with self._turn() as turn:
                    turn.catch_up()
                    if drafted and turn.holds(drafted[-1]):
                        return drafted[-1]
                    turn.require_last_act()
                    return turn.append(draft)
            except TransactionLost as error:
                lost = error
            except (Unavailable, LeaseHeld) as error:
                raise lost or error from error  # what was not answered once is not known, whatever comes after
        assert lost is not None
        raise lost

    def catch_up(self) -> int:
        """Apply every act that the vault holds and the catalogue does not; return how many.

        Raises Fork, ActsMissing, Damaged, Unavailable.
        """
        with self._turn() as turn:
            return turn.catch_up()

    def rebuild(self) -> None:
        """Make the projection anew from the vault's acts, in one transaction: it is the old one or the new one.

        Raises Fork, ActsMissing or Damaged where the acts are not one unbroken chain; the old projection stays then.
        """
        with self._turn() as turn:
            turn.rebuild()

    @contextmanager
    def _turn(self) -> Iterator[Turn]:
        with self._leases.hold(f"sequencer/{self._facility}") as lease:
            yield Turn(self._catalog.under(lease), self._vault, self._facility, self._clock)

    def _signed(self, draft: Draft, head: Head | None, signer: CheckpointSigner) -> Act:
        return signed(
            {
                "schema": draft.schema_name,
                "facility": self._facility,
                "index": head.index + 1 if head else 0,
                "previous": head.digest if head else None,
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


def facilities_of(vault: Vault) -> Iterator[FacilityCode]:
    """Yield the facilities whose act 0 stands in `vault`."""
    for stored in vault.list(""):
        facility, _, rest = stored.key.partition("/")
        if rest.startswith("acts/000000000000-"):
            yield FacilityCode(facility)
