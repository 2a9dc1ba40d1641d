"""`kho check`: holds catalogue, vault, ledger and locks against each other; only reads."""

import click

from api.cli.context import Caller, command_options


@click.command("check")
@click.option("--read-data", is_flag=True, help="Đọc và băm mọi đối tượng / read and hash every object.")
@command_options
def command(caller: Caller, read_data: bool) -> int:
    """Kiểm tra sức khỏe kho; không sửa gì. Check the archive's health; changes nothing."""
    with caller.open() as home:
        report = home.checker.check(read_data=read_data, progress=caller.progress)
    caller.progress_done()
    caller.answer(report.as_json())
    for fault in report.faults:
        mark = "✗" if fault.kind.severity == "error" else "!"
        kind = fault.kind
        caller.say(
            f"{mark} {kind.code}  {fault.object}\n  {kind.what.to(caller.language)}. {kind.remedy.to(caller.language)}."
        )
    checked = ", ".join(f"{name}: {count}" for name, count in report.checked.items())
    caller.say(f"{'✓ Kho lành lặn / sound' if report.ok else '✗ Có lỗi / faults found'} ({checked})")
    return 0 if report.ok else 8
