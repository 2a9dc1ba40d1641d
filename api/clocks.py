"""The clock by which one home writes: its last act and its TSA bear out what the machine says."""

import hashlib
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from archive.clock import Clock, SystemClock
from archive.settings import Settings
from archive.turn import last_act
from archive.writing_clock import WritingClock

if TYPE_CHECKING:
    from api.engines import Engines
    from api.seals import Seals
    from archive.identifiers import FacilityCode


class _Parts(Protocol):
    """What is asked of a home."""

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

    A clock that was given to the home instead of the system's is believed: it is its own witness.
    """
    settings = home.settings.clock

    def last() -> datetime | None:
        if not home.engines.has_catalogue:
            return None
        with home.engines.catalog.read() as session:
            act = last_act(session, home.code)
        return act.time if act is not None else None

    def tsa() -> datetime:
        return home.seals.authority.timestamp(hashlib.sha256(secrets.token_bytes(32)).digest()).gen_time

    own = tsa if isinstance(home.clock, SystemClock) else home.clock.now
    span = timedelta(days=settings.unconfirmed_days)
    return WritingClock(home.clock, last=last, witness=witness or own, span=span, confirmed_day=settings.confirmed_day)
