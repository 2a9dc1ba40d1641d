"""`kho ingest PATH...`: archives charts, and prints a receipt for each document as soon as it is durable."""

from pathlib import Path

import click

from api.cli.context import Caller, command_options
from api.intake import Intake


@click.command("ingest")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@command_options
def command(caller: Caller, paths: tuple[Path, ...]) -> int:
    """Đưa hồ sơ từ tệp hoặc thư mục vào lưu trữ. Archive charts from files or folders."""
    with caller.open() as home:
        intake = Intake(home, caller.actor, home.scope)
        archived = refused = 0
        for result in intake.run(paths):
            caller.progress_done()
            for line in result.lines():
                caller.answer(line)
            if result.faults:
                refused += 1
                caller.say(f"✗ {result.source}: " + "; ".join(f"{f.path} {f.message.vi}" for f in result.faults))
            for receipt in result.receipts:
                archived += 1
                caller.say(f"✓ {receipt.document_id}  {receipt.form:<12} {receipt.title}  #{receipt.ledger_index}")
            caller.progress(f"{archived} tài liệu, {refused} nguồn bị từ chối")
        caller.progress_done()
        caller.say(f"{archived} tài liệu đã lưu trữ / archived; {refused} nguồn bị từ chối / refused")
        return 3 if refused else 0
