"""`kho get DOCUMENT_ID -o FILE`: fetches a signed original, byte for byte."""

from pathlib import Path

import click

from api.cli.context import Caller, command_options
from api.held_file import HeldFile
from api.retrieval import original


@click.command("get")
@click.argument("document_id")
@click.option("-o", "--output", required=True, type=click.Path(dir_okay=False, path_type=Path))
@command_options
def command(caller: Caller, document_id: str, output: Path) -> int:
    """Lấy bản gốc đã ký, đúng từng byte. Fetch a signed original, byte for byte."""
    with caller.open() as home, HeldFile(output) as file:
        document, data = original(home, document_id, caller.actor, home.scope)
        file.keep(data)
        file.give()
    caller.answer({"sha256": document.sha256, "bytes": len(data)})
    caller.say(f"{output}: {len(data)} byte, SHA-256 {document.sha256}")
    return 0
