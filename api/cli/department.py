"""`kho department`: what the departments are called."""

from datetime import date
from pathlib import Path

import click

from api.cli.context import Caller, command_options
from api.cli.day import Day
from archive.base.departments import DepartmentName


@click.group("department")
def command() -> None:
    """Tên khoa: mọi trang hiện tên thay cho mã. Names that people read in place of codes."""


@command.command("list")
@command_options
def list_departments(caller: Caller) -> int:
    """Liệt kê tên khoa, cả tên cũ và tên của Bộ Y tế.

    List the names of departments: the facility's, earlier ones too, and the Ministry's.
    """
    from api.reading.views import departments_view

    with caller.open() as home:
        names = home.open_for_reading().departments.names()
    caller.answer(departments_view(names))
    for code in names.codes:
        stated = ", ".join(f"{each.since:%d/%m/%Y}: {each.name}" for each in names.stated(code))
        caller.say(f"{code:<8} {names.name(code) or '–'}" + (f"  [{stated}]" if stated else ""))
    return 0


@command.command("name")
@click.argument("code")
@click.argument("name")
@click.option("--from", "since", type=Day(), metavar="DAY", help="Từ ngày / from; default: today.")
@command_options
def name_department(caller: Caller, code: str, name: str, since: date | None) -> int:
    """Đặt tên cho một khoa; tên cũ vẫn tìm được.

    Name a department. Records are found by its earlier names, too.
    """
    from archive.base.clock import vietnam_date

    with caller.open() as home:
        archive = home.open_for_writing()
        day = since or vietnam_date(home.clock.now())
        named = [DepartmentName(code, name, day)]
        changed = archive.departments.name(named, caller.actor, home.scope)
        archive.follow_up()
    caller.answer({"changed": changed})
    caller.say(f"{code}: {name} ({day:%d/%m/%Y})")
    return 0


@command.command("import")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@command_options
def import_table(caller: Caller, file: Path) -> int:
    """Đặt tên theo bảng CSV: mã khoa, tên khoa, từ ngày.

    Name departments by a CSV table with the columns code, name and from.
    """
    from api.regular_file import read_regular
    from api.writing.department_table import MOST_BYTES, read_table
    from archive.base.clock import vietnam_date

    data = read_regular(file, MOST_BYTES)
    with caller.open() as home:
        named = read_table(data, vietnam_date(home.clock.now()))
        archive = home.open_for_writing()
        changed = archive.departments.name(named, caller.actor, home.scope)
        archive.follow_up()
    caller.answer({"changed": changed})
    caller.say(f"Đã đổi {changed} trong {len(named)} tên / {changed} of {len(named)} changed")
    return 0
