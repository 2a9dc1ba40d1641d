"""`kho demo`: a demonstration archive of 20 invented charts, made once, found again, and shown in
the browser.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from api.cli.context import Caller, command_options

CHARTS = 20


@click.command("demo")
@click.option("--once", is_flag=True, help="Không mở trang web / do not serve the pages.")
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True)
@command_options
def command(caller: Caller, once: bool, port: int) -> int:
    """Kho trình diễn: 20 hồ sơ giả định, PKI thử.

    A demonstration with 20 invented charts and a test PKI.
    """
    from api.server import serve
    from api.upkeep.demo_accounts import DEMO_ADMINISTRATOR, DEMO_READER, demo_password
    from api.upkeep.demo_life import give_life
    from api.upkeep.setup import init_demo
    from api.writing.intake import Intake

    with _services_end_with(caller.folder), init_demo(caller.folder, caller.actor) as home:
        archive = home.open_for_writing()
        caller.say(
            f"{archive.reading.facility.name} ({home.code}) – TEST, không có giá trị pháp lý / "
            "no legal value"
        )
        samples = _samples(home.folder / "samples", home.code)
        charts, documents, refused = set(), 0, 0
        for result in Intake(archive, caller.actor, home.scope).run([samples]):
            caller.progress_done()
            for line in result.lines():
                caller.answer(line)
            refused += bool(result.faults)
            documents += len(result.receipts)
            charts |= {receipt.chart_id for receipt in result.receipts}
            forms = " ".join(receipt.form for receipt in result.receipts)
            caller.say(f"{'✗' if result.faults else '✓'} {Path(result.source).name:<34} {forms}")
        caller.progress_done()
        give_life(home, caller.actor, samples)
        caller.say(
            f"{len(charts)} hồ sơ, {documents} tài liệu trong kho / charts and documents in "
            f"{home.folder}"
        )
        if not once:
            name, password = demo_password(home)
            caller.say(f"Đăng nhập / sign in: {name} / {password}")
            caller.say(f"Người đọc / reader: {DEMO_READER} / {password}")
            caller.say(f"Quản trị / administrator: {DEMO_ADMINISTRATOR} / {password}")
            serve(home, "127.0.0.1", port, caller.say, other_port=True)
    return 3 if refused else 0


@contextmanager
def _services_end_with(folder: Path) -> Iterator[None]:
    """End the services of the test PKI with the block: they would outlive the command."""
    try:
        yield
    finally:
        pki = folder / "testpki"
        if (pki / "testpki.json").exists():
            from signing.testpki.running import stop

            stop(pki)


def _samples(folder: Path, facility: str) -> Path:
    """Return the folder of sample charts; they are made once, so that a second run finds the same
    ones archived.
    """
    from archive.base.clock import SystemClock, vietnam_date
    from archive.base.identifiers import FacilityCode
    from archive.files.durable import create_file, write_synced
    from ingest.samples.generate import generate

    complete = folder / ".complete"
    if not complete.exists():
        folder.mkdir(parents=True, exist_ok=True)
        today = vietnam_date(SystemClock().now())
        for name, data in generate(CHARTS, seed=1, facility=FacilityCode(facility), today=today):
            write_synced(folder / name, data)
        create_file(complete, b"")  # its sync makes the names of the others durable, too
    return folder
