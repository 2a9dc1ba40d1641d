"""`kho codes …`: the code lists that forms share, and those that a facility imports."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from api.cli.context import Caller, command_options
from api.cli.day import Day
from archive.base.bilingual import Text

if TYPE_CHECKING:
    from ingest.codes.shelf import CodeLists

_IMPORTED = Text(
    "Đã nhập {count} mã, tính từ {day}. Máy chủ đang chạy dùng danh mục này sau khi khởi động lại.",
    "{count} codes are imported; they count from {day}. Restart a running server.",
)
_BROKEN = Text(
    "✗ {file}: không phải danh mục do Kho nhập, nên không dùng.",
    "✗ {file}: it is no list that Kho imported, so Kho does not use it.",
)


class _List(click.ParamType[str]):
    """The name of a shared list."""

    name = "list"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        from ingest.codes.lists import shipped

        if value not in shipped():
            self.fail(", ".join(shipped()), param, ctx)
        return value


@click.group("codes")
def command() -> None:
    """Danh mục mã: xem, tra cứu, nhập. Code lists: show, look up, import."""


@command.command("list")
@command_options
def list_lists(caller: Caller) -> int:
    """Liệt kê các danh mục: nguồn, số mã hôm nay. List the code lists and their sources."""
    from archive.base.clock import vietnam_date

    with caller.open() as home:
        lists, today = home.codes, vietnam_date(home.clock.now())
    summaries = [_summary(lists, name, today) for name, _ in lists.all()]
    caller.answer({"lists": summaries, "broken": list(lists.broken)})
    for each in summaries:
        title = each["title"][caller.language]
        caller.say(f"{each['list']:<17} {each['codes']:>6}  {title}  [{each['source']}]")
    for file in lists.broken:
        caller.say(_BROKEN.fill(file=file))
    return 1 if lists.broken else 0


@command.command("show")
@click.argument("name", metavar="LIST", type=_List())
@click.option("--on", "day", type=Day(), metavar="DAY", help="Vào ngày / on; default: today.")
@click.option("--find", "text", metavar="TEXT", help="Tìm theo mã hay tên / a code or words.")
@command_options
def show_list(caller: Caller, name: str, day: date | None, text: str | None) -> int:
    """Xem mã của một danh mục vào một ngày. Show the codes of a list on a day."""
    from archive.base.clock import vietnam_date
    from ingest.codes.lists import shipped_on

    with caller.open() as home:
        lists, day = home.codes, day or vietnam_date(home.clock.now())
    shelf = lists.on(name, day)
    listing = shipped_on(name, day) if shelf is None else shelf.listing
    codes = dict(listing.words)
    if text is not None:
        codes = {} if shelf is None else {hit.code: hit.words for hit in shelf.search(text)}
    since = None if listing.since is None else listing.since.isoformat()
    title = listing.title.as_json()
    about = {"list": name, "title": title, "source": listing.source, "since": since}
    caller.answer({**about, "codes": codes})
    caller.say(f"{listing.title.to(caller.language)} · {listing.source}")
    for code, words in codes.items():
        caller.say(f"{code:<10} {words}")
    return 0


@command.command("import")
@click.argument("name", metavar="LIST", type=_List())
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--from", "since", type=Day(), metavar="DAY", help="Từ ngày / from; default: today.")
@click.option("--source", metavar="TEXT", help="Văn bản / the legal text that the list follows.")
@command_options
def import_list(
    caller: Caller, name: str, file: Path, since: date | None, source: str | None
) -> int:
    """Nhập danh mục từ bảng CSV có cột mã và cột tên, thay cho lần nhập của cùng ngày.

    Import a list from a CSV table with the columns code and name. An import for the same day is
    replaced; one for a later day takes its place from that day on.
    """
    from api.regular_file import read_regular
    from api.writing.code_table import MOST_BYTES, read_table
    from archive.base.clock import vietnam_date
    from ingest.codes.imported import Imported, importable, write_import
    from ingest.codes.lists import shipped_on

    if name not in importable():
        raise click.UsageError(f"LIST: {', '.join(importable())}")
    words = read_table(read_regular(file, MOST_BYTES), name)
    with caller.open() as home:
        day = since or vietnam_date(home.clock.now())
        imported = Imported(name, day, source or shipped_on(name, day).source, words)
        path = write_import(home.code_folder, imported)
    answer = {"list": name, "from": day.isoformat(), "source": imported.source}
    caller.answer({**answer, "codes": len(words), "file": str(path)})
    caller.say(_IMPORTED.fill(count=len(words), day=f"{day:%d/%m/%Y}"))
    return 0


def _summary(lists: "CodeLists", name: str, today: date) -> dict[str, Any]:
    from ingest.codes.lists import shipped_on

    shelf = lists.on(name, today)
    listing = shipped_on(name, today) if shelf is None else shelf.listing
    return {
        "list": name,
        "title": listing.title.as_json(),
        "source": listing.source,
        "codes": len(listing.words),
        "complete": shelf is not None,
        "imported": [
            {"from": each.since.isoformat(), "source": each.source, "codes": len(each.words)}
            for each in lists.imports.get(name, ())
        ],
    }
