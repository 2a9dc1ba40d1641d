"""`kho get DOCUMENT_ID -o FILE`: fetches a signed original, or the file as received,
byte for byte.
"""

from pathlib import Path

import click

from api.cli.context import Caller, command_options
from api.reading.received import as_received
from archive.base.identifiers import record_id, sha256
from archive.files.atomic_file import AtomicFile


@click.command("get")
@click.argument("document_id", type=record_id)
@click.option("-o", "--output", required=True, type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--as-received", "received", is_flag=True, help="Tệp như khi nhận / the file as received."
)
@command_options
def command(caller: Caller, document_id: str, output: Path, received: bool) -> int:
    """Lấy bản gốc đã ký, đúng từng byte. Fetch a signed original, byte for byte."""
    with caller.open() as home, AtomicFile(output) as file:
        originals = home.open_for_reading().originals
        document, data = originals.original(document_id, caller.actor, home.scope)
        if received:
            data = as_received(document, data)
        file.write(data)
        file.publish()
    digest = sha256(data)
    caller.answer({"sha256": digest, "bytes": len(data)})
    caller.say(f"{output}: {len(data)} byte, SHA-256 {digest}")
    return 0
