"""`kho print`: labels and the handover list of charts, as PDF."""

from pathlib import Path

import click

from api.cli.context import Caller, command_options
from archive.base.identifiers import record_id

_CHARTS = click.argument("chart_ids", metavar="CHART...", type=record_id, nargs=-1, required=True)
_OUT = click.option(
    "-o",
    "out",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="Tệp PDF / the PDF file.",
)


@click.group("print")
def command() -> None:
    """In nhãn và biên bản bàn giao. Labels and handover lists of charts."""


@command.command("labels")
@_CHARTS
@_OUT
@click.option(
    "--sheet",
    type=click.Choice(["a4-3x8", "100x50"]),
    default="a4-3x8",
    show_default=True,
    help="Khổ nhãn / the sheet of labels.",
)
@command_options
def labels(caller: Caller, chart_ids: tuple[str, ...], out: Path, sheet: str) -> int:
    """In nhãn: số lưu trữ bằng Code 128 và QR. Print labels: archive number as Code 128 and QR."""
    with caller.open() as home:
        printing = home.open_for_reading().printing
        data = printing.labels(chart_ids, sheet, caller.actor, home.scope)
    return _write(caller, out, data, len(set(chart_ids)))


@command.command("handover")
@_CHARTS
@_OUT
@command_options
def handover(caller: Caller, chart_ids: tuple[str, ...], out: Path) -> int:
    """In biên bản bàn giao hồ sơ bệnh án. Print the handover list."""
    with caller.open() as home:
        printing = home.open_for_reading().printing
        data = printing.handover_list(chart_ids, caller.actor, home.scope)
    return _write(caller, out, data, len(set(chart_ids)))


def _write(caller: Caller, out: Path, data: bytes, charts: int) -> int:
    from archive.files.atomic_file import AtomicFile

    with AtomicFile(out) as file:
        file.write(data)
        file.publish()
    caller.answer({"charts": charts, "bytes": len(data)})
    caller.say(f"{out}: {charts} hồ sơ / charts")
    return 0
