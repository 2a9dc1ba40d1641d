"""`kho packet …`: makes referral packets, verifies and imports them, and archives receipts that
come back.
"""

from collections.abc import Iterable
from pathlib import Path

import click

from api.cli.context import Caller, command_options, trusted
from api.cli.partner import show_identity
from api.cli.verdict_line import verdict_line
from archive.base.errors import Fault
from archive.base.identifiers import record_id

EXIT_CODES = {"valid": 0, "indeterminate": 5, "invalid": 6, "unsigned": 6, "not_of_this_archive": 6}
_MARKS = {"valid": "✓", "indeterminate": "?", "invalid": "✗", "unsigned": "✗"}


@click.group("packet")
def command() -> None:
    """Gói chuyển tuyến: lập, kiểm tra, nhận, biên nhận.

    Referral packets: make, verify, receive, receipts.
    """


@command.command("create")
@click.option(
    "--chart",
    "chart_id",
    required=True,
    metavar="CHART",
    type=record_id,
    help="Mã hồ sơ / the chart's id.",
)
@click.option(
    "--to",
    "recipient",
    required=True,
    metavar="FACILITY",
    help="Mã cơ sở nhận / the receiving facility's code.",
)
@click.option("--reason", required=True, help="Lý do chuyển / why it is handed over.")
@click.option(
    "--document",
    "documents",
    multiple=True,
    metavar="DOCUMENT",
    type=record_id,
    help="Chỉ giấy này; dùng được nhiều lần / only this document; may be repeated.",
)
@click.option("-o", "--output", required=True, type=click.Path(dir_okay=False, path_type=Path))
@command_options
def create(
    caller: Caller,
    chart_id: str,
    recipient: str,
    reason: str,
    documents: tuple[str, ...],
    output: Path,
) -> int:
    """Lập gói có chữ ký số từ các bản gốc còn hiệu lực của một hồ sơ.

    Make a signed packet of a chart's originals in force.
    """
    from api.sharing.order import parse_order
    from archive.files.atomic_file import AtomicFile
    from archive.process import crash

    order = parse_order(chart_id, recipient, reason, documents or None)
    with caller.open() as home, AtomicFile(output) as file:
        archive = home.open_for_writing()
        packet = archive.packets.create(order, caller.actor, home.scope, file.write)
        file.publish()
        crash.point("packet.given")
        archive.follow_up()
    manifest = packet.manifest
    caller.answer(
        {
            "packet_id": manifest.packet_id,
            "documents": len(manifest.documents),
            "sha256": packet.sha256,
        }
    )
    caller.say(
        f"{output}: {len(manifest.documents)} tài liệu / documents, {len(packet.data)} byte, "
        f"SHA-256 {packet.sha256}"
    )
    return 0


@command.command("list")
@click.option("--received", is_flag=True, help="Gói đã nhận / packets that were received.")
@click.option(
    "--state",
    type=click.Choice(["awaited", "came"]),
    help="Biên nhận của gói đã gửi: còn chờ, đã có / receipt awaited, or came.",
)
@click.option("--limit", type=click.IntRange(1, 10_000), default=100, show_default=True)
@command_options
def list_packets(caller: Caller, received: bool, state: str | None, limit: int) -> int:
    """Liệt kê gói đã gửi hoặc đã nhận, mới nhất trước. List packets, newest first."""
    from typing import Any, cast

    from api.reading.packet_register import State
    from archive.base.clock import for_people

    with caller.open() as home:
        register, page = home.open_for_reading().packet_register, cast("Any", None)
        if received:
            page = register.received(limit, caller.actor, home.scope)
        else:
            page = register.sent(cast("State | None", state), limit, caller.actor, home.scope)
    for each in page.packets:
        packet = each.packet
        caller.answer(each.as_json())
        at, other = (
            (packet.received_at, packet.sender) if received else (packet.sent_at, packet.recipient)
        )
        came = "" if received else ("✓" if packet.receipts else "…")
        caller.say(f"{packet.packet_id}  {for_people(at)}  {other}  {each.chart.id}  {came}")
    return 0


@command.command("verify")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--trust",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="PEM: gốc tin cậy / roots.",
)
@command_options
def verify(caller: Caller, file: Path, trust: Path | None) -> int:
    """Kiểm tra một gói, không cần mạng. Verify a packet, offline."""
    from api.reading.incoming import JudgedPacket
    from api.regular_file import read_regular
    from api.sharing.verification import verify_packet
    from signing.asic.container import MAX_CONTAINER

    def progress(done: int, of: int) -> None:
        caller.progress(f"{done}/{of}")

    data = read_regular(file, MAX_CONTAINER)
    with caller.open() as home:
        roots = trusted(home, trust)
        if home.has_archive:
            judged = home.open_for_reading().incoming.packet(data, roots, progress)
        else:
            judged = JudgedPacket(verify_packet(data, roots, progress=progress), None)
    caller.progress_done()
    report, verdict = judged.report, judged.verdict.value
    caller.answer(judged.as_json())
    caller.say(verdict_line(verdict, report.reasons))
    if report.signature:
        for signature in report.signature.signatures:
            caller.say(f"  Ký bởi / signed by: {signature['subject']}, {signature['sealed_at']}")
    if report.identity:
        show_identity(caller, report.identity, judged.standing and judged.standing.value)
    for part in report.documents:
        ledger = (
            "có trong sổ / in ledger" if part.in_ledger else "KHÔNG có trong sổ / NOT in ledger"
        )
        title = getattr(part.listed.title, caller.language) if part.listed else ""
        caller.say(f"  {_MARKS[part.verdict.value]} {part.name}  {title} ({ledger})")
        if part.verdict.value != "valid":
            caller.say(f"      {part.reasons.to(caller.language)}")
    _show_warnings(caller, judged.warnings)
    return EXIT_CODES[verdict]


_TRUST = click.option(
    "--trust",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="PEM: gốc tin cậy thêm / further roots.",
)


@command.command("import")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@_TRUST
@click.option(
    "--department",
    metavar="CODE",
    help="Mã khoa tiếp nhận / the department that receives the chart.",
)
@click.option(
    "--undecided-signers",
    is_flag=True,
    help="Nhận cả giấy do nơi khác ký mà chưa kết luận được / import also documents that others "
    "signed and that have no verdict yet.",
)
@click.option(
    "-o",
    "--receipt",
    "output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Biên nhận / the receipt.",
)
@command_options
def receive(
    caller: Caller,
    file: Path,
    trust: tuple[Path, ...],
    department: str | None,
    undecided_signers: bool,
    output: Path | None,
) -> int:
    """Nhận một gói: lưu nguyên từng bản gốc, lập biên nhận có ký.

    Import a packet: archive its originals unchanged, and make a signed receipt.
    """
    from api import handing
    from api.regular_file import read_regular
    from archive.files.atomic_file import AtomicFile
    from archive.files.folders import make_folder
    from archive.process import crash
    from signing.asic.container import MAX_CONTAINER

    data = read_regular(file, MAX_CONTAINER)
    with caller.open() as home:
        roots, archive = handing.widened(home, trust), home.open_for_writing()
        received = archive.reception.receive(
            data,
            roots,
            archive.examiner_with(roots),
            caller.actor,
            home.scope,
            department=department,
            undecided_signers=undecided_signers,
            progress=lambda done, of: caller.progress(f"{done}/{of}"),
        )
        warnings = (*received.warnings, *archive.reading.claims.warnings(data, roots))
        caller.progress_done()
        place = (output or home.folder / "receipts" / f"{received.packet_id}.asice").absolute()
        if output is None:
            make_folder(place.parent)
        with AtomicFile(place) as receipt_file:
            receipt_file.write(received.receipt)
            receipt_file.publish()
        crash.point("receipt.given")
        archive.follow_up()
    caller.answer(
        {
            "packet_id": received.packet_id,
            "chart_id": received.chart_id,
            "documents": list(received.documents),
            "receipt": str(place),
            "identity": received.identity.as_json(),
            "again": received.again,
            "warnings": [warning.as_json() for warning in warnings],
        }
    )
    for document in received.documents:
        caller.say(
            f"✓ {document['document_id']}  {document['form']:<12} {document['title']}  "
            f"#{document['ledger_index']}"
        )
    _show_warnings(caller, warnings)
    show_identity(caller, received.identity)
    before = " (đã nhận trước đó / received before)" if received.again else ""
    caller.say(f"Hồ sơ / chart {received.chart_id}{before}; biên nhận / receipt: {place}")
    return 0


@command.command("receipt")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@_TRUST
@command_options
def receipt(caller: Caller, file: Path, trust: tuple[Path, ...]) -> int:
    """Nhận biên nhận do cơ sở nhận gửi lại. Archive the receipt that the receiver sent back."""
    from api import handing
    from api.regular_file import read_regular
    from api.sharing.receipt import MAX_FILE
    from archive.base.clock import for_people

    data = read_regular(file, MAX_FILE)
    with caller.open() as home:
        archive = home.open_for_writing()
        returned = archive.returns.accept(
            data, handing.widened(home, trust), caller.actor, home.scope
        )
        archive.follow_up()
    caller.answer(returned.as_json())
    caller.say(
        f"Gói / packet {returned.packet_id}: đã được cơ sở {returned.receiver} nhận lúc "
        f"{for_people(returned.received_at)} ({returned.documents} tài liệu / documents)"
    )
    show_identity(caller, returned.identity)
    _show_warnings(caller, returned.warnings)
    return 0


def _show_warnings(caller: Caller, warnings: Iterable[Fault]) -> None:
    """Print the warnings: a person should know them, but they stop nothing."""
    for warning in warnings:
        caller.say(f"! {warning.path}: {warning.message.to(caller.language)}")
