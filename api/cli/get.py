"""`kho get DOCUMENT_ID -o FILE`: fetches a signed original, byte for byte."""

from pathlib import Path

import click

from api.cli.context import Caller, command_options
from api.retrieval import original


@click.command("get")
@click.argument("document_id")
@click.option("-o", "--output", required=True, type=click.Path(dir_okay=False, path_type=Path))
@command_options
def command(caller: Caller, document_id: str, output: Path) -> int:
    """Lấy bản gốc đã ký, đúng từng byte. Fetch a signed original, byte for byte."""
    with caller.open() as home:
        document, data = original(home, document_id, caller.actor, home.scope)
    temporary = output.with_name(f".{output.name}.part")
    temporary.write_bytes(data)
    temporary.replace(output)
    caller.answer({"sha256": document.sha256, "bytes": len(data)})
    caller.say(f"{output}: {len(data)} byte, SHA-256 {document.sha256}")
    return 0
