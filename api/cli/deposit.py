"""`kho deposit CHART...`: ends the open life of charts, issues their archive numbers, and locks
them for their statutory time.
"""

from typing import TYPE_CHECKING

import click

from api.cli.context import Caller, command_options
from api.error_answers import exit_code
from archive.base.bilingual import Text
from archive.base.clock import for_people
from archive.base.identifiers import record_id

if TYPE_CHECKING:
    from retention.deposit import Deposited

_DEPOSITED = Text(
    "Số lưu trữ {number}; giữ đến {until} theo {rule}. {objects} đối tượng; {locked} khóa đọc lại "
    "đến ngày đó.",
    "Archive number {number}; kept until {until} by {rule}. {objects} objects; {locked} locks, "
    "read back, reach that day.",
)
_MISSING = Text("Hồ sơ còn thiếu giấy: {vi}.", "The chart lacks papers: {en}.")
_LACKING = Text(
    "{count} mục còn trống hoặc chưa ký: kho chart check {chart}.",
    "{count} value(s) are empty or not signed: kho chart check {chart}.",
)
_REFUSED = Text("✗ {chart}: {vi}", "✗ {chart}: {en}")


@click.command("deposit")
@click.argument("chart_ids", metavar="CHART...", type=record_id, nargs=-1, required=True)
@command_options
def command(caller: Caller, chart_ids: tuple[str, ...]) -> int:
    """Nộp lưu hồ sơ bệnh án và cấp số lưu trữ. Deposit charts and issue their archive numbers."""
    with caller.open() as home:
        archive = home.open_for_writing()
        if len(chart_ids) == 1:
            _tell(caller, archive.deposits.deposit(chart_ids[0], caller.actor, home.scope))
            archive.follow_up()
            return 0
        from api.writing.deposit_many import deposit_many

        code = 0
        for result in deposit_many(archive.deposits, chart_ids, caller.actor, home.scope):
            if result.deposited is not None:
                _tell(caller, result.deposited)
            elif result.error is not None:
                caller.answer({"chart_id": result.chart_id, "error": result.error.as_json()})
                explained = {each: result.error.explain(each) for each in ("vi", "en")}
                caller.say(_REFUSED.fill(chart=result.chart_id, **explained))
                code = code or exit_code(result.error)
        archive.follow_up()
    return code


def _tell(caller: Caller, deposited: "Deposited") -> None:
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
    if deposited.lacking.findings:
        count = len(deposited.lacking.findings)
        caller.say(_LACKING.fill(count=count, chart=deposited.chart_id))
