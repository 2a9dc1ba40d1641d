"""Turns of take-aways in the server: few are made at a time, and a caller makes one at a time."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING

from api.access.concurrency_limit import ConcurrencyLimit
from api.inspection.sets import CollectedPaper
from archive.access.actor import Actor
from archive.access.scope import Scope
from archive.base.errors import KhoError

if TYPE_CHECKING:
    from api.inspection.take_away import TakeAway, TakeAwayService

_PATIENCE = 5.0  # seconds: a take-away of many papers takes minutes


class TakeAwayBusy(KhoError):
    """Other take-aways are being made, and this one's turn did not come in time."""

    code = "take_away.busy"


class TakeAwayTurns:
    """Limits the take-aways of one server. Pages and API share one of these. Safe for threads."""

    def __init__(self) -> None:
        self._turns = ConcurrencyLimit(2, 2, _PATIENCE, TakeAwayBusy)

    @property
    def most_threads(self) -> int:
        """How many callers may be at work or waiting, each on a thread of its own."""
        return self._turns.most

    def begin(
        self,
        service: Callable[[], "TakeAwayService"],
        papers: Sequence[CollectedPaper],
        actor: Actor,
        scope: Scope,
        caller: str,
    ) -> "TakeAway":
        """Return a take-away that holds a turn of `caller` until its pieces are read or closed.

        Raises TakeAwayBusy, else as :meth:`api.inspection.take_away.TakeAwayService.begin`.
        """
        from api.inspection.take_away import TakeAway

        with ExitStack() as turn:
            turn.enter_context(self._turns.held(caller))
            begun = service().begin(papers, actor, scope)
            return TakeAway(begun.name, _Held(begun.pieces, turn.pop_all()))


class _Held(Iterator[bytes]):
    """The pieces of a take-away and its turn, which ends with them, or when a server closes them.

    A generator would not do: one that was never begun does not run to its end when it is closed.
    """

    def __init__(self, pieces: Iterator[bytes], turn: ExitStack) -> None:
        self._pieces, self._turn = pieces, turn

    def __next__(self) -> bytes:
        try:
            return next(self._pieces)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """End the work and give the turn back; again: nothing."""
        with self._turn, closing(self._pieces):  # type: ignore[type-var] # it is a generator
            pass
