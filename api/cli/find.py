"""`kho find QUERY...`: finds documents by names, numbers, codes and dates."""

from dataclasses import asdict

import click

from api.cli.context import Caller, command_options
from archive.base.bilingual import Text

_TOO_LONG = Text(
    "Câu tìm quá dài: {count} từ cuối không được xét.",
    "The search is too long: Kho ignored its last {count} word(s).",
)
_READ = Text(
    "Kho hiểu là bộ lọc: {filters}. Đặt trong ngoặc kép để tìm như chữ.",
    "Kho read these as filters: {filters}. Words in quotes are no filter.",
)
_BEHIND = Text(
    "Chỉ mục chưa theo kịp: có thể thiếu tài liệu mới nhất.",
    "The index is behind: the newest documents may be missing.",
)


@click.command("find")
@click.argument("query", nargs=-1, required=True)
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True)
@command_options
def command(caller: Caller, query: tuple[str, ...], limit: int) -> int:
    """Tìm tài liệu: tên, mã, số, ICD-10, ngày. Find documents by name, number, code or date.

    Bộ lọc / filters: mẫu: khoa: icd: từ: đến: (form: department: icd: from: to:), khoa K03, tử vong
    """
    from api.reading.own_dates import own_date
    from search.query import parse

    with caller.open() as home:
        search = home.open_for_reading().search
        asked = parse(" ".join(query), limit=limit)
        results = search.answer(asked, caller.actor, home.scope)
        filters = [
            {"filter": each.filter, "value": each.value, "typed": each.typed} for each in asked.read
        ]
        if filters:
            read = ", ".join(f"{each.filter}={each.value}" for each in asked.read)
            caller.say(_READ.fill(filters=read))
        if results.ignored_words:
            caller.say(_TOO_LONG.fill(count=results.ignored_words))
        if results.behind:
            caller.say(_BEHIND)
        caller.answer(
            {
                "total": results.total,
                "ignored_words": results.ignored_words,
                "behind": results.behind,
                "filters": filters,
                "hits": [
                    {
                        "chart_id": hit.chart_id,
                        "document_id": hit.document_id,
                        "form": hit.form,
                        "title": hit.title,
                        "dated": hit.dated,
                        "sheet": hit.sheet,
                        "patient_name": hit.patient_name,
                        "score": hit.score,
                        "why": list(hit.why),
                        "highlights": [asdict(highlight) for highlight in hit.highlights],
                    }
                    for hit in results.hits
                ],
            }
        )
        for hit in results.hits:
            own = own_date(hit.dated, hit.sheet).to(caller.language)
            what = " – ".join(filter(None, (hit.title, own)))
            caller.say(f"{hit.document_id}  {hit.form:<12} {hit.patient_name}  {what}")
            for passage in (each.text for each in hit.highlights if each.field == "body"):
                caller.say(f"    {passage}")
        caller.say(f"{results.total} tài liệu / documents")
    return 0
