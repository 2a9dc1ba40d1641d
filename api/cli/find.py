"""`kho find QUERY...`: finds documents by names, numbers, codes and dates."""

from dataclasses import asdict

import click

from api.cli.context import Caller, command_options
from archive.base.bilingual import Text

_TOO_LONG = Text(
    "Câu tìm quá dài: {count} từ cuối không được xét.",
    "The search is too long: Kho ignored its last {count} word(s).",
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

    Bộ lọc / filters: mẫu: khoa: icd: từ: đến: (form: department: icd: from: to:)
    """
    with caller.open() as home:
        search = home.open_for_reading().search
        results = search.find(" ".join(query), caller.actor, home.scope, limit=limit)
        if results.ignored_words:
            caller.say(_TOO_LONG.fill(count=results.ignored_words))
        if results.behind:
            caller.say(_BEHIND)
        caller.answer(
            {
                "total": results.total,
                "ignored_words": results.ignored_words,
                "behind": results.behind,
                "hits": [
                    {
                        "chart_id": hit.chart_id,
                        "document_id": hit.document_id,
                        "form": hit.form,
                        "title": hit.title,
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
            caller.say(f"{hit.document_id}  {hit.form:<12} {hit.patient_name}")
            for passage in (each.text for each in hit.highlights if each.field == "body"):
                caller.say(f"    {passage}")
        caller.say(f"{results.total} tài liệu / documents")
    return 0
