"""`kho set …`: the papers that a person collects, to read them or to take them away."""

import click

from api.cli.context import Caller, command_options
from archive.base.bilingual import Text
from archive.base.identifiers import record_id

_ADDED = Text(
    "Đã thêm {new} giấy ({known} giấy đã có); tập có {total} giấy.",
    "{new} paper(s) added ({known} were there); the set holds {total}.",
)
_COUNT = Text("Tập có {count} giấy.", "The set holds {count} paper(s).")


@click.group("set")
def command() -> None:
    """Tập kiểm tra của bạn: thêm, xem, bỏ giấy. Your set of papers: add, list, remove."""


@command.command("add")
@click.argument("ids", metavar="ID...", nargs=-1, required=True, type=record_id)
@command_options
def add(caller: Caller, ids: tuple[str, ...]) -> int:
    """Thêm hồ sơ (mọi giấy) hoặc từng giấy, theo mã. Add charts (all papers) or papers, by id."""
    from api.inspection.sets import InspectionSets

    with caller.open() as home:
        home.catch_up()
        added = InspectionSets.of_home(home).add(ids, caller.actor, home.scope)
    caller.answer(added.as_json())
    caller.say(_ADDED.fill(new=added.new, known=added.known, total=added.total))
    return 0


@command.command("list")
@command_options
def list_papers(caller: Caller) -> int:
    """Liệt kê các giấy trong tập. List the papers of the set."""
    from api.inspection.sets import InspectionSets
    from api.reading.own_dates import own_date

    with caller.open() as home:
        home.catch_up()
        papers = InspectionSets.of_home(home).papers(caller.actor, home.scope)
    for paper in papers:
        caller.answer(paper.as_json())
        document = paper.document
        title = document.title.to(caller.language)
        number = paper.chart.archive_number or paper.chart.facts.episode
        own = own_date(document.dated, document.sheet).to(caller.language)
        what = " – ".join(filter(None, (title, own)))
        caller.say(f"{document.id}  {number:<14} {document.form:<12} {what}")
    caller.say(_COUNT.fill(count=len(papers)))
    return 0


@command.command("remove")
@click.argument("ids", metavar="DOCUMENT...", nargs=-1, required=True, type=record_id)
@command_options
def remove(caller: Caller, ids: tuple[str, ...]) -> int:
    """Bỏ từng giấy khỏi tập. Take papers out of the set."""
    from api.inspection.sets import InspectionSets

    with caller.open() as home:
        home.catch_up()
        sets = InspectionSets.of_home(home)
        sets.remove(ids, caller.actor)
        count = sets.count(caller.actor, home.scope)
    caller.answer({"total": count})
    caller.say(_COUNT.fill(count=count))
    return 0


@command.command("clear")
@command_options
def clear(caller: Caller) -> int:
    """Xóa tập; giấy trong kho không đổi. Empty the set; the archive does not change."""
    from api.inspection.sets import InspectionSets

    with caller.open() as home:
        home.catch_up()
        InspectionSets.of_home(home).clear(caller.actor)
    caller.answer({"total": 0})
    caller.say(_COUNT.fill(count=0))
    return 0
