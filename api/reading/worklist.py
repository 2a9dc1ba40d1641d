"""The worklist: counts of what waits for a person, each with its list and the filter of it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

from api.reading.papers import RequiredPapers
from api.reading.typed_filters import chart_filter
from api.refusals.kept import Refusals
from archive.access.actor import Actor, Permission
from archive.access.scope import Scope
from archive.base.bilingual import Text
from archive.base.clock import Clock, iso, vietnam_date
from archive.catalog import listings
from archive.catalog.database import Catalog


@dataclass(frozen=True, slots=True)
class Work:
    """One line of the worklist; `typed`: the filter of its list, as the page's address has it."""

    name: str
    permission: Permission  # of the roles that this work is for
    title: Text
    typed: Mapping[str, str]
    listed: Literal["charts", "refusals"] = "charts"


@dataclass(frozen=True, slots=True)
class CountedWork:
    """A line of the worklist, and how many it counts within the caller's scope."""

    work: Work
    count: int

    def as_json(self) -> dict[str, Any]:
        """Return the members for command line and API; `filter`: parameters of `GET /{list}`."""
        typed = self.work.typed
        wanted = asdict(chart_filter(typed)) if self.work.listed == "charts" else typed
        return {
            "name": self.work.name,
            "title": self.work.title.as_json(),
            "count": self.count,
            "list": self.work.listed,
            "filter": {name: _text(value) for name, value in wanted.items() if value is not None},
        }


class WorklistService:
    """Counts what waits. Safe for threads."""

    def __init__(
        self,
        catalog: Catalog,
        papers: Callable[[], RequiredPapers],
        refusals: Refusals,
        overdue_days: int,
        clock: Clock,
    ) -> None:
        self._catalog, self._papers, self._refusals = catalog, papers, refusals
        self._overdue_days, self._clock = overdue_days, clock

    def counted(self, actor: Actor, scope: Scope) -> tuple[CountedWork, ...]:
        """Return the worklist of the caller: two queries, however many charts there are.

        Work that the caller's role may not do is left out. Raises Denied.
        """
        actor.require(Permission.READ)
        lines = [work for work in self._lines() if actor.may(work.permission)]
        counted = list(map(CountedWork, lines, self._counts(lines, scope)))
        if actor.may(REFUSED.permission):
            counted.append(CountedWork(REFUSED, self._refusals.open_count(actor, scope)))
        return tuple(counted)

    def total(self, names: Iterable[str], actor: Actor, scope: Scope) -> int:
        """Return how many charts the lines `names` have together within the caller's scope.

        Work that the caller's role may not do counts nothing.
        """
        lines = [
            work for work in self._lines() if work.name in names and actor.may(work.permission)
        ]
        return sum(self._counts(lines, scope))

    def _lines(self) -> tuple[Work, ...]:
        return worklist(vietnam_date(self._clock.now()), self._overdue_days)

    def _counts(self, lines: Sequence[Work], scope: Scope) -> list[int]:
        filters = [chart_filter(work.typed) for work in lines]
        with self._catalog.read() as session:
            return listings.chart_counts(session, scope, filters, lambda: self._papers().lacking())


REFUSED = Work(
    "refused",
    Permission.INGEST,
    Text("Bị từ chối, chờ xử lý", "Refused, open"),
    {"state": "open"},
    "refusals",
)


def worklist(today: date, overdue_days: int) -> tuple[Work, ...]:
    """Return the lines of the worklist that count charts, of a day in Viet Nam.

    `overdue_days`: how many days after discharge a chart may stay open.
    """
    day, late = _typed(today), _typed(today - timedelta(days=overdue_days + 1))
    return (
        Work(
            "received_today",
            Permission.READ,
            Text("Hồ sơ vào kho hôm nay", "Charts received today"),
            {"received_from": day, "received_to": day},
        ),
        Work(
            "ready",
            Permission.DEPOSIT,
            Text("Đã ra viện, đủ giấy, chờ nộp lưu", "Discharged and complete, not deposited"),
            {"state": "open", "papers": "complete", "discharged_to": day},
        ),
        Work(
            "papers_missing",
            Permission.DEPOSIT,
            Text("Đã ra viện, còn thiếu giấy", "Discharged, papers missing"),
            {"state": "open", "papers": "missing", "discharged_to": day},
        ),
        Work(
            "overdue",
            Permission.DEPOSIT,
            Text(
                "Ra viện quá {days} ngày chưa nộp lưu",
                "Discharged more than {days} day(s) ago, not deposited",
            ).fill(days=overdue_days),
            {"state": "open", "discharged_to": late},
        ),
        Work(
            "receipts_awaited",
            Permission.PACKET,
            Text("Gói chuyển tuyến chờ biên nhận", "Referral packets without a receipt"),
            {"receipts": "awaited"},
        ),
    )


def _typed(day: date) -> str:
    return f"{day:%d/%m/%Y}"


def _text(value: datetime | str) -> str:
    return iso(value) if isinstance(value, datetime) else value
