"""`kho deposit CHART`: ends a chart's open life, issues its archive number, locks it for its
statutory time.
"""

import click

from api.cli.context import Caller, command_options
from archive.base.clock import for_people
from archive.base.identifiers import record_id


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
        f"Số lưu trữ {deposited.archive_number}; giữ đến {for_people(deposited.retain_until)} "
        f"theo {deposited.rule}; {deposited.objects} đối tượng, {deposited.locked} khóa đọc lại "
        "đến ngày đó "
        "/ locks read back that reach it."
    )
    return 0
