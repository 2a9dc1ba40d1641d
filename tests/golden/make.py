"""Makes a golden archive of a new format version: `python -m tests.golden.make NAME [KIND]`.

It overwrites none. Without KIND it holds papers made from data.

- `files`: a document of each origin, made of finished files.
- `exchange`: a receiver's archive; a partner was confirmed, removed and confirmed again, and a
  packet of it was taken in.
- `handed`: the ledger was handed over to another key between two papers.
- `removed`: a chart was removed when its term was over.
- `named`: a department was named between two papers.
- `dated`: papers state their dates, the number of a sheet, and a title of their own.
- `corrected`: of an examination; a person replaced its paper by a scan, with a reason.
"""

import json
import shutil
import sys
import tempfile
from datetime import date, timedelta
from pathlib import Path

from api.home import Home
from api.upkeep.key_handover import hand_over
from api.upkeep.setup import init_demo
from api.writing.bringing import BringingService
from api.writing.intake import Intake, Result
from archive.base.clock import FixedClock, SystemClock
from archive.base.departments import DepartmentName
from archive.catalog import projection
from signing.testpki.running import stop
from tests.api.sharing.conftest import RECEIVER, an_order, confirm_partner, make_home, receive
from tests.fixtures.finished import paper_of
from tests.fixtures.home import CLERK, chart, paper, take
from tests.ingest.files.papers import image_file, plain_pdf, signed
from tests.retention.years_later import settings_of

HERE = Path(__file__).parent


def main(name: str, *kind: str) -> None:
    """Archive and deposit one chart, and keep the vault, the root and what the acts say."""
    kept = HERE / name
    kept.mkdir()
    if kind in {("exchange",), ("removed",)}:
        (keep_exchange if kind == ("exchange",) else keep_removed)(kept)
        return
    with tempfile.TemporaryDirectory() as folder:
        home_folder = Path(folder) / "home"
        with init_demo(home_folder, CLERK) as home:
            makers = {
                "files": take_files,
                "handed": take_and_hand_over,
                "named": take_and_name,
                "corrected": take_and_correct,
                "dated": take_dated,
            }
            (result,) = makers.get("".join(kind), take_twice)(home)
            home.open_for_writing().deposits.deposit(result.receipts[0].chart_id, CLERK, home.scope)
            home.follow_ups.run()
            keep(home, kept)
        stop(home_folder / "testpki")


def take_twice(home: Home) -> list[Result]:
    """Archive a paper and its successor."""
    take(home, chart())
    return take(home, chart(papers=[paper("1", "Viêm phổi nặng")]))


def take_and_hand_over(home: Home) -> list[Result]:
    """Archive a paper and publish the ledger, hand it over to another key, and archive the paper's
    successor.
    """
    take(home, chart())
    home.follow_ups.run()
    hand_over(home, CLERK)
    return take(home, chart(papers=[paper("1", "Viêm phổi nặng")]))


def take_and_name(home: Home) -> list[Result]:
    """Archive a paper, name a department, and archive the paper's successor."""
    take(home, chart())
    name = DepartmentName("K01", "Khoa Khám bệnh và Cấp cứu", date(2026, 7, 1))
    home.open_for_writing().departments.name([name], CLERK, home.scope)
    return take(home, chart(papers=[paper("1", "Viêm phổi nặng")]))


def take_and_correct(home: Home) -> list[Result]:
    """Archive the paper of an examination, and replace it by a scan with a reason."""
    taken = take(home, chart(chart={**chart()["chart"], "kind": "examination"}))
    archive = home.open_for_writing()
    intake = Intake(archive, CLERK, home.scope)
    service = BringingService(intake, archive.reading.records, CLERK, home.scope)
    scan = image_file("PNG", mode="1", resolution=100)
    document = taken[0].receipts[0].document_id
    return [service.correct(document, "dung.png", scan, "Scan nhầm giấy của người khác")]


def take_dated(home: Home) -> list[Result]:
    """Archive papers that state what lists show of them."""
    sheet = paper("2")
    sheet["data"]["to_so"] = 2
    sheet["data"]["dien_bien"][0]["thoi_gian"] = "2026-01-12T00:30:00+07:00"
    request = {"ten_tai_lieu": "Đơn xin ra viện", "ngay": "2026-01-19", "noi_dung": "Xin ra viện."}
    other = {"form": "KHAC", "key": "1", "data": request}
    return take(home, chart(papers=[paper("1"), sheet, other]))


def take_files(home: Home) -> list[Result]:
    """Archive a paper from data, and one finished file of every nature,
    each as small as it can be.
    """
    files = {
        "external.pdf": signed(home.open_for_writing().sealer, archival=True),
        "cover.pdf": signed(home.open_for_writing().sealer, archival=False),
        "converted.pdf": plain_pdf(),
        "scanned.png": image_file("PNG", mode="1", resolution=100),
    }
    record = chart(papers=[paper("1"), *(paper_of(name) for name in files)])
    return list(
        Intake(home.open_for_writing(), CLERK, home.scope).take(
            "chart.json", json.dumps(record).encode(), files
        )
    )


def keep_removed(kept: Path) -> None:
    """Archive two charts, remove the one whose term is over, and keep what is left."""
    with tempfile.TemporaryDirectory() as folder:
        home_folder = Path(folder) / "home"
        with init_demo(home_folder, CLERK) as home:
            dates = {
                "admitted_at": "2010-01-10T08:00:00+07:00",
                "discharged_at": "2010-01-20T09:00:00+07:00",
            }
            old = {**chart(2)["chart"], **dates}
            (result, _) = take(home, chart(2, chart=old), chart(1, papers=[paper("1"), paper("2")]))
            chart_id = result.receipts[0].chart_id
            home.open_for_writing().deposits.deposit(chart_id, CLERK, home.scope)
            home.follow_ups.run()
        later = FixedClock(SystemClock().now().replace(microsecond=0) + timedelta(days=100))
        with Home(settings_of(home_folder, later), later) as home:
            home.follow_ups.removals.append([chart_id], CLERK)
            home.follow_ups.run()
            keep(home, kept)
        stop(home_folder / "testpki")


def keep_exchange(kept: Path) -> None:
    """Hand a chart from one demonstration to another, and keep the receiver's archive with the
    roots of both.
    """
    with tempfile.TemporaryDirectory() as folder:
        ours = make_home(Path(folder) / "receiver", RECEIVER, "Bệnh viện Tuyến Trên Thử Nghiệm")
        with init_demo(Path(folder) / "sender", CLERK) as sender, Home.open(ours) as receiver:
            trust = sender.folder / "testpki" / "trust.pem"
            (result,) = take(sender, chart(papers=[paper("1"), paper("2")]))
            chart_id = result.receipts[0].chart_id
            sender.open_for_writing().deposits.deposit(chart_id, CLERK, sender.scope)
            packet = sender.open_for_writing().packets.create(
                an_order(chart_id), CLERK, sender.scope, lambda data: None
            )
            partner = confirm_partner(receiver, packet.data, trust)
            receiver.open_for_reading().partners.remove(partner.code, CLERK)
            confirm_partner(receiver, packet.data, trust)
            received = receive(receiver, packet.data, trust, of_partner=False)
            receiver.open_for_writing().deposits.deposit(received.chart_id, CLERK, receiver.scope)
            receiver.follow_ups.run()
            keep(receiver, kept)
            (kept / "root.pem").write_bytes((kept / "root.pem").read_bytes() + trust.read_bytes())
        for home in ("sender", "receiver"):
            stop(Path(folder) / home / "testpki")


def keep(home: Home, kept: Path) -> None:
    """Copy what a reader of later years will have: the vault, a trust root, and what was true of
    them.
    """
    shutil.copytree(home.folder / "vault", kept / "vault")
    shutil.copy(home.folder / "testpki" / "trust.pem", kept / "root.pem")
    with home.catalog.read() as session:
        (kept / "dump.jsonl").write_bytes(b"\n".join(sorted(projection.lines(session))) + b"\n")
    (kept / "made_at.txt").write_text(home.clock.now().isoformat() + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
