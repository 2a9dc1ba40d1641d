"""`kho status`: what works now and what does not, since when, and what to do."""

import click

from api.cli.context import Caller, command_options


@click.command("status")
@command_options
def command(caller: Caller) -> int:
    """Xem từng thành phần có chạy không và phải làm gì.

    Show how each component is, and what to do.
    """
    from api.upkeep.status.asking import ask_all
    from api.upkeep.status.component import State, worst
    from api.upkeep.status.memory import with_since

    with caller.open() as home:
        components = with_since(home, ask_all(home))
    caller.answer({"components": [component.as_json() for component in components]})
    for component in components:
        for line in component.lines(caller.language):
            caller.say(line)
    return 11 if worst(components) is State.FAULT else 0
