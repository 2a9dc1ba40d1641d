"""`kho worklist`: how many charts wait for what."""

import click

from api.cli.context import Caller, command_options


@click.command("worklist")
@command_options
def command(caller: Caller) -> int:
    """Việc đang chờ: hồ sơ mới, thiếu giấy, quá hạn. Count the charts that wait for something."""
    with caller.open() as home:
        counted = home.open_for_reading().worklist.counted(caller.actor, home.scope)
    caller.answer({"items": [each.as_json() for each in counted]})
    for each in counted:
        caller.say(f"{each.count:>7}  {each.work.title.to(caller.language)}")
    return 0
