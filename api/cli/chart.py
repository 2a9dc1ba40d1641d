"""`kho chart`: what a chart lacks, and a chart for another system."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from api.cli.context import Caller, command_options
from archive.base.bilingual import Text
from archive.files.atomic_file import AtomicFile

if TYPE_CHECKING:
    from api.inspection.chart_export import ChartExport, ExportFormat
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
_LEFT_OUT = Text(
    "{group}/{element}: dài hơn {longest} ký tự nên không ghi.",
    "{group}/{element}: longer than {longest} characters, so it is left out.",
)


@click.group("chart")
def command() -> None:
    """Một hồ sơ: còn thiếu gì, kết xuất. One chart: what it lacks; its export."""


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


@command.command("export")
@click.argument("chart", metavar="CHART")
@click.option(
    "--format",
    "wanted",
    type=click.Choice(["hosobenhan-json", "hosobenhan-xml"]),
    required=True,
    help="HoSoBenhAn (CV 365/TTYQG-GPQLCL).",
)
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(path_type=Path),
    help="Thư mục, tệp .zip, hay tệp dữ liệu / a folder, a .zip, or the data's file.",
)
@command_options
def export(caller: Caller, chart: str, wanted: "ExportFormat", output: Path) -> int:
    """Kết xuất dữ liệu một hồ sơ cho hệ thống khác, kèm các bản gốc đã ký.

    Export a chart's data for another system, with its signed originals. CHART as in `check`.
    """
    from api.inspection.chart_export import ChartExportService

    with caller.open() as home:
        exports = ChartExportService(home.open_for_reading())
        exported = exports.export(chart, wanted, caller.actor, home.scope)
        _write(exported, output)
    caller.answer(exported.report)
    for group in exported.report["groups"]:
        forms = sorted({paper["form"] for paper in group["papers"]})
        caller.say(f"{group['group']:<24} {group['values']:>4}  {', '.join(forms)}")
    for left_out in exported.report["left_out"]:
        caller.say(_LEFT_OUT.fill(**left_out))
    return 0


def _write(exported: "ChartExport", output: Path) -> None:
    """Write a folder, a ZIP, or the data alone, as the name of `output` says."""
    files: Iterable[tuple[Path, Iterator[bytes]]]
    if output.suffix.lower() == ".zip":
        files = [(output, exported.zipped())]
    elif output.suffix and not output.is_dir():
        files = [(output, iter([exported.data]))]
    else:
        (output / "documents").mkdir(parents=True, exist_ok=True)
        files = ((output / name, iter([data])) for name, data in exported.files())
    for path, pieces in files:
        with AtomicFile(path) as file:
            file.write(pieces)
            file.publish()


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
