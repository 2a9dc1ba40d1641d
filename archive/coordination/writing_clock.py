"""The clock by which Kho writes.

It gives no time that contradicts the acts, and no unconfirmed time far ahead of them.

The store keeps a lock that a wrong clock set, and an issued number stays issued. So the vault, the
desks and the sequencer use this clock. Code that only reads uses the machine's clock.
"""

import threading
from collections.abc import Callable
from datetime import date, datetime, timedelta

from archive.base.clock import Clock, for_people, vietnam_date
from archive.base.errors import KhoError

# as far as two honest clocks may differ (as with a TSA: signing/signing_context.py)
TOLERANCE = timedelta(minutes=5)


class ClockBehind(KhoError):
    """The machine's clock is before the time of the last act."""

    code = "clock.behind"


class ClockUnconfirmed(KhoError):
    """The machine's clock is far ahead of the last act, and no second source says the same time."""

    code = "clock.unconfirmed"


class WritingClock:
    """Returns the time of `clock` where it is plausible. Safe for threads.

    `last` returns the last act's time, None before act 0. A jump of more than `span` beyond it is
    accepted only where `witness`, a second source such as a TSA, gives the same time within 5
    minutes, or where a person has stated this day (`confirmed_day`, in Viet Nam).
    """

    def __init__(
        self,
        clock: Clock,
        *,
        last: Callable[[], datetime | None],
        witness: Callable[[], datetime],
        span: timedelta,
        confirmed_day: date | None = None,
    ) -> None:
        self._clock, self._last, self._witness = clock, last, witness
        self._span, self._day = span, confirmed_day
        self._guard = threading.Lock()
        # from and until when no question is needed
        self._fits: tuple[datetime, datetime] | None = None

    def now(self) -> datetime:
        """Return the present moment, aware, in UTC. Raises ClockBehind, ClockUnconfirmed."""
        now = self._clock.now()
        with self._guard:
            if self._fits is None or not self._fits[0] <= now <= self._fits[1]:
                self._fits = self._confirmed(now)
        return now

    def after(self, last: datetime) -> datetime:
        """Return the time of an act that follows one of the time `last`: not before it.

        Raises as :meth:`now`.
        """
        now = self.now()
        if now < last - TOLERANCE and not self._stated(now):
            raise ClockBehind(now=for_people(now), last=for_people(last))
        return now if self._stated(now) else max(now, last)

    def _confirmed(self, now: datetime) -> tuple[datetime, datetime]:
        """Return the span of time around `now` that fits; raises as :meth:`now`."""
        last = self._last()
        if last is None or self._stated(now):
            return now - TOLERANCE, now + self._span
        if now < last - TOLERANCE:
            raise ClockBehind(now=for_people(now), last=for_people(last))
        if now > last + self._span:
            self._ask(now, last)
            return now - TOLERANCE, now + self._span
        return last - TOLERANCE, last + self._span

    def _ask(self, now: datetime, last: datetime) -> None:
        times = {"now": for_people(now), "last": for_people(last)}
        try:
            witness = self._witness()
        except KhoError as error:
            raise ClockUnconfirmed(
                **times,
                why_vi=f"không hỏi được nguồn thứ hai ({error.code})",
                why_en=f"Kho cannot ask a second source ({error.code})",
            ) from error
        if abs(witness - now) > TOLERANCE:
            other = for_people(witness)
            raise ClockUnconfirmed(
                **times, why_vi=f"TSA chỉ {other}", why_en=f"the TSA says {other}"
            )

    def _stated(self, now: datetime) -> bool:
        return vietnam_date(now) == self._day


def time_after(clock: Clock, last: datetime | None) -> datetime:
    """Return the time of an act that follows one of the time `last`: not before it.

    Raises ClockBehind.
    """
    if last is None:
        return clock.now()
    return clock.after(last) if isinstance(clock, WritingClock) else max(clock.now(), last)
