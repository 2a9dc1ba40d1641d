"""`kho list`: charts by state, kind, outcome, department, dates and missing papers."""

from collections.abc import Callable
from datetime import datetime

import click

from api.cli.context import Caller, command_options
from archive.base.bilingual import Text
from archive.base.facts import ChartKind, Outcome

_PAGE = 200
_TOTAL = Text("{count} hồ sơ.", "{count} chart(s).")


class _Day(click.ParamType[datetime]):
    """A day, month or year as people type it; its moment is the value."""

    name = "day"

    def __init__(self, *, after: bool) -> None:
        self._after = after

    def convert(
        self, value: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        from api.reading.typed_filters import first_moment, moment_after

        moment = moment_after(value) if self._after else first_moment(value)
        if moment is None:
            self.fail("31/12/2026, 2026-12-31, 12/2026, 2026", param, ctx)
        return moment


def _day(name: str, member: str, words: str, *, after: bool) -> Callable[..., Callable[..., int]]:
    return click.option(name, member, type=_Day(after=after), metavar="DAY", help=words)


@click.command("list")
@click.option("--state", type=click.Choice(["open", "deposited"]), help="mở, đã nộp lưu / state")
@click.option(
    "--kind", type=click.Choice([*ChartKind]), help="nội trú, ban ngày, ngoại trú, khám bệnh / kind"
)
@click.option("--outcome", type=click.Choice([*Outcome]), help="kết quả điều trị / outcome")
@click.option("--department", help="mã khoa / department")
@click.option("--archive-number", help="số lưu trữ / archive number")
@click.option(
    "--papers", type=click.Choice(["missing", "complete"]), help="thiếu, đủ giấy / papers"
)
@click.option("--receipts", type=click.Choice(["awaited"]), help="gói chờ biên nhận / receipts")
@_day("--discharged-from", "discharged_from", "ra viện từ ngày / since", after=False)
@_day("--discharged-to", "discharged_until", "ra viện đến hết ngày / to", after=True)
@_day("--received-from", "opened_from", "vào kho từ ngày / since", after=False)
@_day("--received-to", "opened_until", "vào kho đến hết ngày / to", after=True)
@click.option("--limit", type=click.IntRange(1), help="nhiều nhất bao nhiêu hồ sơ / charts at most")
@command_options
def command(caller: Caller, limit: int | None, **filters: str | datetime | None) -> int:
    """Liệt kê hồ sơ, mới vào kho trước. List charts, the newest in the archive first."""
    from api.reading.views import chart_summary
    from archive.base.clock import vietnam_date
    from archive.catalog.listings import ChartFilter

    wanted = ChartFilter(**filters)  # type: ignore[arg-type] # Click's options have its types
    listed, after = 0, None
    with caller.open() as home:
        archive = home.open_for_reading()
        records, departments = archive.records, archive.departments.names()
        while limit is None or listed < limit:
            size = _PAGE if limit is None else min(_PAGE, limit - listed)
            charts = records.charts(wanted, size, after, caller.actor, home.scope)
            for chart in charts:
                caller.answer(chart_summary(chart))
                ended = chart.facts.discharged_at
                number, day = chart.archive_number or "–", ended and vietnam_date(ended)
                said = f"{day:%d/%m/%Y}" if day else "–"
                where = departments.title(chart.facts.department) or "–"
                caller.say(f"{chart.id}  {number:<12} {said:<10}  {chart.patient.name}  {where}")
            listed += len(charts)
            if len(charts) < size:
                break
            after = (charts[-1].opened_at, charts[-1].id)
    caller.say(_TOTAL.fill(count=listed))
    return 0
