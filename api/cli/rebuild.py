"""`kho rebuild`: rebuilds the catalogue and the index from the vault alone."""

import click

from api.cli.context import Caller, command_options
from archive.base.bilingual import Text

SET_ASIDE = Text(
    "Kho giữ lại danh mục bị hỏng tại {file}. Tài khoản và việc đang làm dở đã mất: tạo lại tài "
    "khoản (kho user create), gửi lại hồ sơ.",
    "Kho kept the damaged catalogue as {file}. Accounts and unfinished work are lost: create the "
    "accounts again (kho user create) and resubmit the charts.",
)


@click.command("rebuild")
@command_options
def command(caller: Caller) -> int:
    """Lập lại danh mục và chỉ mục chỉ từ kho đối tượng.

    Rebuild the catalogue and the index from the vault alone.
    """
    from api.upkeep.rebuilding import rebuild

    with caller.open() as home:
        rebuilt, aside = rebuild(home)
    if aside is not None:
        click.echo(SET_ASIDE.fill(file=aside).to(caller.language), err=True)
    caller.answer(rebuilt.as_json())
    caller.say(
        f"{rebuilt.acts} nghiệp vụ / acts, {rebuilt.documents} tài liệu / documents, "
        f"{rebuilt.indexed} mục tìm kiếm / index entries"
    )
    return 0
