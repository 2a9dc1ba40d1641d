"""`kho watch DIR`: archives what is put into a folder, and moves it aside with a report."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from api.cli.context import Caller, command_options

if TYPE_CHECKING:
    from api.watching.watcher import Taken, Waiting


@click.command("watch")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--once", is_flag=True, help="Lưu các tệp đã đủ rồi dừng / archive complete files, then exit."
)
@click.option(
    "--settle",
    type=click.FloatRange(0, 3600),
    metavar="SECONDS",
    help="Số giây không thay đổi để coi tệp là đủ / seconds until a file is complete.",
)
@command_options
def command(caller: Caller, folder: Path, once: bool, settle: float | None) -> int:
    """Theo dõi một thư mục và lưu trữ những gì được đưa vào.

    Archive the files that arrive in a folder, until stopped.
    """
    from api.watching.rules import load_rules
    from api.watching.watcher import Watcher

    stop, code = caller.stopping(), 0
    rules = load_rules()
    rules = replace(rules, settle_seconds=rules.settle_seconds if settle is None else settle)
    with caller.open() as home:
        caller.say(f"Theo dõi / watching {folder}")
        archive = home.open_for_writing()
        for step in Watcher(archive, caller.actor, home.scope, folder, rules, stop).run(once=once):
            for line in step.lines():
                caller.answer(line)
            _say(caller, step)
            code = step.exit_code or code
    return code if once else 0


def _say(caller: Caller, step: "Taken | Waiting") -> None:
    from api.watching.watcher import Taken

    if isinstance(step, Taken):
        kept = sum(len(result.receipts) for result in step.results)
        caller.say(
            f"{'✓' if step.outcome == 'done' else '✗'} {step.moved_to}  {kept} tài liệu / documents"
        )
        for result in step.results:
            for fault in result.faults:
                caller.say(f"    {fault.path} {fault.message.to(caller.language)}")
    else:
        where = f"{step.file}: " if step.file else ""
        caller.say(f"… {where}{step.error.explain(caller.language)} ({step.seconds:g} s)")
