"""`kho packet create` and `kho packet verify`: referral packets, made here and verified anywhere."""

from pathlib import Path

import click

from api.cli.context import Caller, command_options, trusted

EXIT_CODES = {"valid": 0, "indeterminate": 5, "invalid": 6, "unsigned": 6}
_MARKS = {"valid": "✓", "indeterminate": "?", "invalid": "✗", "unsigned": "✗"}


@click.group("packet")
def command() -> None:
    """Gói chuyển tuyến: lập và kiểm tra. Referral packets: make and verify them."""


@command.command("create")
@click.option("--chart", "chart_id", required=True, metavar="CHART", help="Mã hồ sơ / the chart's id.")
@click.option(
    "--to", "recipient", required=True, metavar="FACILITY", help="Mã cơ sở nhận / the receiving facility's code."
)
@click.option("--reason", required=True, help="Lý do chuyển / why it is handed over.")
@click.option("-o", "--output", required=True, type=click.Path(dir_okay=False, path_type=Path))
@command_options
def create(caller: Caller, chart_id: str, recipient: str, reason: str, output: Path) -> int:
    """Lập gói có chữ ký số từ các bản gốc còn hiệu lực của một hồ sơ. Make a signed packet of a chart's originals."""
    from api.held_file import HeldFile
    from api.sharing.order import parse_order
    from archive import crash

    order = parse_order(chart_id, recipient, reason)
    with caller.open() as home, HeldFile(output) as file:
        packet = home.packets.create(order, caller.actor, home.scope, file.keep)
        file.give()
        crash.point("packet.given")
        home.follow_up()
    told = packet.manifest
    caller.answer({"packet_id": told.packet_id, "documents": len(told.documents), "sha256": packet.sha256})
    caller.say(
        f"{output}: {len(told.documents)} tài liệu / documents, {len(packet.data)} byte, SHA-256 {packet.sha256}"
    )
    return 0


@command.command("verify")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--trust", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="PEM: gốc tin cậy / roots.")
@command_options
def verify(caller: Caller, file: Path, trust: Path | None) -> int:
    """Kiểm tra một gói, không cần mạng. Verify a packet, offline."""
    from api.regular_file import read_regular
    from api.sharing.container import MAX_PACKET
    from api.sharing.verification import verify_packet

    data = read_regular(file, MAX_PACKET)
    with caller.open() as home:
        roots = trusted(home, trust)
    report = verify_packet(data, roots, progress=lambda done, of: caller.progress(f"{done}/{of}"))
    caller.progress_done()
    caller.answer(report.as_json())
    caller.say(f"{report.verdict.value.upper()}: {report.reasons.to(caller.language)}")
    if report.signature:
        for one in report.signature.signatures:
            caller.say(f"  Ký bởi / signed by: {one['subject']}, {one['sealed_at']}")
    for part in report.documents:
        ledger = "có trong sổ / in ledger" if part.in_ledger else "KHÔNG có trong sổ / NOT in ledger"
        title = getattr(part.listed.title, caller.language) if part.listed else ""
        caller.say(f"  {_MARKS[part.verdict.value]} {part.name}  {title} ({ledger})")
        if part.verdict.value != "valid":
            caller.say(f"      {part.reasons.to(caller.language)}")
    return EXIT_CODES[report.verdict.value]
