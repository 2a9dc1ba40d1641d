"""`kho show ID`: everything known of a chart or document."""

import json

import click

from api.cli.context import Caller, command_options
from archive.access.actor import Permission
from archive.base.errors import NotFound
from archive.base.identifiers import record_id


@click.command("show")
@click.argument("record_id", metavar="ID", type=record_id)
@command_options
def command(caller: Caller, record_id: str) -> int:
    """Xem mọi điều kho biết về một hồ sơ hay tài liệu.

    Show everything known of a chart or document.
    """
    from api.packet_views import as_json, packets_of
    from api.views import chart_view, document_view
    from archive.catalog import records

    caller.actor.require(Permission.READ)
    with caller.open() as home:
        letterhead, scope = home.open_for_reading().letterhead, home.scope
        with home.catalog.read() as session:
            try:
                shown = document_view(
                    session, records.document(session, record_id, scope), letterhead
                )
            except NotFound:
                shown = chart_view(session, records.chart(session, record_id, scope), letterhead)
                shown |= {"packets": as_json(packets_of(session, record_id))}
    caller.answer(shown)
    if not caller.as_json:
        for line in json.dumps(shown, ensure_ascii=False, indent=2).split("\n"):
            caller.say(line)
    return 0
