"""`kho rebuild`: makes the catalogue and the index anew from the vault alone."""

import click

from api.cli.context import Caller, command_options


@click.command("rebuild")
@command_options
def command(caller: Caller) -> int:
    """Lập lại danh mục và chỉ mục chỉ từ kho đối tượng. Make catalogue and index anew from the vault alone."""
    with caller.open() as home:
        rebuilt = home.rebuild()
    caller.answer(rebuilt.as_json())
    caller.say(f"{rebuilt.acts} nghiệp vụ, {rebuilt.documents} tài liệu, {rebuilt.indexed} mục tìm kiếm")
    return 0
