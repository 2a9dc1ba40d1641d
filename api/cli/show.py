"""`kho show ID`: everything known of a chart or document."""

import json

import click

from api.cli.context import Caller, command_options
from archive.base.errors import NotFound
from archive.base.identifiers import record_id


@click.command("show")
@click.argument("record_id", metavar="ID", type=record_id)
@command_options
def command(caller: Caller, record_id: str) -> int:
    """Xem mọi thông tin về một hồ sơ hay tài liệu.

    Show everything that Kho knows about a chart or document.
    """
    from api.reading.views import chart_view, document_view

    with caller.open() as home:
        archive, who = home.open_for_reading(), (caller.actor, home.scope)
        try:
            document = archive.records.document(record_id, *who)
            shown = document_view(document, archive.letterhead)
        except NotFound:
            history = archive.records.chart(record_id, *who)
            shown = chart_view(history, archive.letterhead, archive.papers)
            shown |= {"packets": archive.records.packets(record_id, *who).as_json()}
    caller.answer(shown)
    if not caller.as_json:
        for line in json.dumps(shown, ensure_ascii=False, indent=2).split("\n"):
            caller.say(line)
    return 0
