"""`kho rebuild`: rebuilds the catalogue and the index from the vault alone."""

import click

from api.cli.context import Caller, command_options
from archive.base.bilingual import Text

SET_ASIDE = Text(
    "Danh mục bị hỏng được giữ lại tại {file}. Tài khoản và việc đang làm dở đã mất: tạo lại tài "
    "khoản, gửi lại hồ sơ.",
    "The damaged catalogue is kept as {file}. Accounts and unfinished work are lost: make "
    "accounts, send charts again.",
)


@click.command("rebuild")
@command_options
def command(caller: Caller) -> int:
    """Lập lại danh mục và chỉ mục chỉ từ kho đối tượng.

    Make catalogue and index again from the vault alone.
    """
    from api.upkeep.rebuilding import rebuild

    with caller.open() as home:
        rebuilt, aside = rebuild(home)
    if aside is not None:
        click.echo(SET_ASIDE.fill(file=aside).to(caller.language), err=True)
    caller.answer(rebuilt.as_json())
    caller.say(
        f"{rebuilt.acts} nghiệp vụ, {rebuilt.documents} tài liệu, {rebuilt.indexed} mục tìm kiếm"
    )
    return 0
