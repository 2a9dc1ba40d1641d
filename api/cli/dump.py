"""`kho dump`: what the acts say, as sorted JSON lines; the same from the catalogue and from a
rebuilt one.
"""

import click

from api.cli.context import Caller, command_options
from api.cli.streams import write_out


@click.command("dump")
@command_options
def command(caller: Caller) -> int:
    """In nội dung các nghiệp vụ đã ghi, mỗi dòng một JSON. Print the acts as JSON lines."""
    from archive.catalog import projection

    with caller.open() as home:
        home.catch_up()
        home.sequencer.catch_up()
        with home.catalog.read() as session:
            lines = sorted(projection.lines(session))
    write_out(b"".join(line + b"\n" for line in lines))
    return 0
