"""The clock with which one home writes: it checks the machine's time against the last act and the
TSA.
"""

import hashlib
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from archive.base.clock import Clock, SystemClock
from archive.base.identifiers import FacilityCode
from archive.base.settings import ClockSettings
from archive.catalog.database import Catalog
from archive.coordination.sequencer_session import last_act
from archive.coordination.writing_clock import WritingClock

if TYPE_CHECKING:
    from signing.timestamps import TimestampAuthority


def writing_clock(
    settings: ClockSettings,
    clock: Clock,
    *,
    catalog: Callable[[], Catalog | None],
    facility: Callable[[], FacilityCode],
    witness: Callable[[], datetime] | None,
    authority: "Callable[[], TimestampAuthority]",
) -> WritingClock:
    """Return the clock by which a home writes; the functions are called when it is first asked.

    `catalog` returns None where there is none yet. `witness` is its second source, by default the
    TSA `authority`. A `clock` in place of the system's is trusted: it is its own second source.
    """

    def last() -> datetime | None:
        there = catalog()
        if there is None:
            return None
        with there.read() as session:
            act = last_act(session, facility())
        return act.time if act is not None else None

    def tsa() -> datetime:
        return authority().timestamp(hashlib.sha256(secrets.token_bytes(32)).digest()).gen_time

    own = tsa if isinstance(clock, SystemClock) else clock.now
    return WritingClock(
        clock,
        last=last,
        witness=witness or own,
        span=timedelta(days=settings.unconfirmed_days),
        confirmed_day=settings.confirmed_day,
    )
