"""`kho deposit CHART`: ends a chart's open life, issues its archive number, locks it for its
statutory time.
"""

import click

from api.cli.context import Caller, command_options
from archive.base.bilingual import Text
from archive.base.clock import for_people
from archive.base.identifiers import record_id

_DEPOSITED = Text(
    "Số lưu trữ {number}; giữ đến {until} theo {rule}. {objects} đối tượng; {locked} khóa đọc lại "
    "đến ngày đó.",
    "Archive number {number}; kept until {until} by {rule}. {objects} objects; {locked} locks, "
    "read back, reach that day.",
)
_MISSING = Text("Hồ sơ còn thiếu giấy: {vi}.", "The chart lacks papers: {en}.")


@click.command("deposit")
@click.argument("chart_id", metavar="CHART", type=record_id)
@command_options
def command(caller: Caller, chart_id: str) -> int:
    """Nộp lưu một hồ sơ bệnh án và cấp số lưu trữ. Deposit a chart and issue its archive number."""
    with caller.open() as home:
        archive = home.open_for_writing()
        deposited = archive.deposits.deposit(chart_id, caller.actor, home.scope)
        archive.follow_up()
    caller.answer(deposited.as_json())
    caller.say(
        _DEPOSITED.fill(
            number=deposited.archive_number,
            until=for_people(deposited.retain_until),
            rule=deposited.rule,
            objects=deposited.objects,
            locked=deposited.locked,
        )
    )
    if deposited.missing:
        titles = [each.text for each in deposited.missing]
        caller.say(
            _MISSING.fill(
                vi="; ".join(title.vi for title in titles),
                en="; ".join(title.en for title in titles),
            )
        )
    return 0
