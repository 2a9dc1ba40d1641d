"""`kho correct DOCUMENT_ID FILE --reason R`: the right paper takes a document's place."""

from datetime import datetime
from pathlib import Path

import click

from api.cli.context import Caller, command_options
from api.regular_file import read_regular
from archive.base.identifiers import record_id

AWAY = 11  # exit code: a program that the file needs is away; the same command may be given again
_MOST_BYTES = 64 << 20


@click.command("correct")
@click.argument("document_id", type=record_id)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--reason", required=True, help="Lý do thay / why it is replaced.")
@click.option(
    "--dated",
    type=click.DateTime(["%d/%m/%Y", "%Y-%m-%d"]),
    help="Ngày trên giấy / the day on the paper.",
)
@command_options
def command(
    caller: Caller, document_id: str, file: Path, reason: str, dated: datetime | None
) -> int:
    """Thay một giấy bằng bản đúng; cả hai đều được giữ. Replace a document; both are kept."""
    from api.writing.bringing import BringingService
    from api.writing.intake import Intake

    data = read_regular(file, _MOST_BYTES)
    day = dated.date() if dated else None
    with caller.open() as home:
        archive = home.open_for_writing()
        intake = Intake(archive, caller.actor, home.scope)
        service = BringingService(intake, archive.reading.records, caller.actor, home.scope)
        result = service.correct(document_id, file.name, data, reason, day)
        archive.follow_up()
    for line in result.lines():
        caller.answer(line)
    for fault in result.faults:
        caller.say(f"✗ {fault.path} {fault.message.to(caller.language)}")
    for receipt in result.receipts:
        caller.say(f"✓ {receipt.document_id}  {receipt.form}  #{receipt.ledger_index}")
    if result.waits is not None:
        caller.say(f"… {result.waits.explain(caller.language)}")
        return AWAY
    return 3 if result.faults else 0
