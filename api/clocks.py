"""The clock with which one home writes: it checks the machine's time against the last act and the
TSA.
"""

import hashlib
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from archive.base.clock import Clock, SystemClock
from archive.base.settings import Settings
from archive.coordination.sequencer_session import last_act
from archive.coordination.writing_clock import WritingClock

if TYPE_CHECKING:
    from api.engines import Engines
    from api.seals import Seals
    from archive.base.identifiers import FacilityCode


class _Parts(Protocol):
    """The parts of a home that the clock needs."""

    settings: Settings
    clock: Clock

    @property
    def engines(self) -> "Engines": ...
    @property
    def code(self) -> "FacilityCode": ...
    @property
    def seals(self) -> "Seals": ...


def writing_clock(home: _Parts, witness: Callable[[], datetime] | None) -> WritingClock:
    """Return the clock by which `home` writes; `witness` is its second source, by default its TSA.

    A clock that the home got in place of the system's is trusted: it is its own second source.
    """
    settings = home.settings.clock

    def last() -> datetime | None:
        if not home.engines.has_catalogue:
            return None
        with home.engines.catalog.read() as session:
            act = last_act(session, home.code)
        return act.time if act is not None else None

    def tsa() -> datetime:
        return home.seals.authority.timestamp(
            hashlib.sha256(secrets.token_bytes(32)).digest()
        ).gen_time

    own = tsa if isinstance(home.clock, SystemClock) else home.clock.now
    span = timedelta(days=settings.unconfirmed_days)
    return WritingClock(
        home.clock,
        last=last,
        witness=witness or own,
        span=span,
        confirmed_day=settings.confirmed_day,
    )
