"""The one clock: UTC inside, `Asia/Ho_Chi_Minh` and dd/MM/yyyy for people."""

from datetime import UTC, date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")


class Clock(Protocol):
    """Tells the time; injected wherever time matters."""

    def now(self) -> datetime:
        """Return the present moment, aware, in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the present moment, aware, in UTC."""
        return datetime.now(UTC)


class FixedClock:
    """A clock that does not advance until it is set; for tests and for reproducible renderings."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment.astimezone(UTC)

    def now(self) -> datetime:
        """Return the moment that was set."""
        return self.moment


def iso(moment: datetime) -> str:
    """Return `moment` as ISO 8601 in UTC with milliseconds, e.g. `2026-11-22T07:00:00.000Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parse_iso(text: str) -> datetime:
    """Parse what :func:`iso` wrote (any ISO 8601 with an offset).

    Raises :class:`ValueError` for anything else.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a time needs its offset from UTC")
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:  # the first and last hours that Python knows, in another zone
        raise ValueError("a time lies outside of the years 1 to 9999") from error


def vietnam_date(moment: datetime) -> date:
    """Return the calendar day of `moment` in Viet Nam."""
    return moment.astimezone(VIETNAM).date()


def day_start(day: date) -> datetime:
    """Return the first moment of `day` in Viet Nam, in UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=VIETNAM).astimezone(UTC)


def for_people(moment: datetime) -> str:
    """Return `HH:mm dd/MM/yyyy`, Viet Nam time."""
    return moment.astimezone(VIETNAM).strftime("%H:%M %d/%m/%Y")
