"""`kho chart`: what a chart lacks."""

from typing import TYPE_CHECKING

import click

from api.cli.context import Caller, command_options
from archive.base.bilingual import Text

if TYPE_CHECKING:
    from api.reading.chart_check import CheckedChart
    from retention.completeness import Finding

_COMPLETE = Text("✓ {chart}: đủ giấy, đủ nội dung, đủ người ký.", "✓ {chart}: complete and signed.")
_MISSING = Text("  Thiếu: {vi} ({source})", "  Missing: {en} ({source})")
_KINDS = {
    "incomplete": Text(
        "  Chưa đủ: {paper}: {vi} ({source})", "  Not said: {paper}: {en} ({source})"
    ),
    "unsigned": Text(
        "  Chưa ký: {paper}: {vi} ({source})", "  Not signed: {paper}: {en} ({source})"
    ),
}
_NOT_JUDGED = Text(
    "  {count} giấy không có dữ liệu để xét nội dung.",
    "  {count} paper(s) have no data to judge.",
)


@click.group("chart")
def command() -> None:
    """Một hồ sơ: còn thiếu gì. One chart: what it lacks."""


@command.command("check")
@click.argument("charts", metavar="CHART...", nargs=-1, required=True)
@command_options
def check(caller: Caller, charts: tuple[str, ...]) -> int:
    """Hồ sơ còn thiếu giấy nào, giấy nào chưa đủ nội dung, chưa ký.

    Say which papers a chart lacks, and which are not complete or not signed. CHART: an id, an
    archive number or the HIS's key (MA_LK).
    """
    with caller.open() as home:
        checks = home.open_for_reading().chart_checks
        checked = [checks.check(chart, caller.actor, home.scope) for chart in charts]
    for chart in checked:
        caller.answer(chart.as_json())
        _tell(caller, chart)
    return 0 if all(chart.is_complete for chart in checked) else 1


def _tell(caller: Caller, checked: "CheckedChart") -> None:
    name = checked.chart.archive_number or checked.chart.id
    if checked.is_complete:
        caller.say(_COMPLETE.fill(chart=name))
    else:
        caller.say(Text(f"✗ {name}", f"✗ {name}"))
    for paper in checked.missing:
        caller.say(_MISSING.fill(vi=paper.title.vi, en=paper.title.en, source=paper.source))
    for finding in checked.lacking.findings:
        caller.say(
            _KINDS[finding.kind].fill(
                paper=_paper(finding),
                vi=finding.label.vi,
                en=finding.label.en,
                source=finding.source,
            )
        )
    if checked.lacking.not_judged:
        caller.say(_NOT_JUDGED.fill(count=len(checked.lacking.not_judged)))


def _paper(finding: "Finding") -> str:
    document = finding.document
    return " ".join(filter(None, (document.form, document.key, document.id)))
