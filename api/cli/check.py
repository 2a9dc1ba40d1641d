"""`kho check`: compares catalogue, vault, ledger and locks with each other; it only reads, except
with `--repair`, and notes what it found for `kho status`.
"""

from typing import TYPE_CHECKING

import click

from api.cli.context import Caller, command_options
from archive.access.actor import Permission

if TYPE_CHECKING:
    from retention.health.check import CheckReport
    from retention.health.repair import RepairOutcome


@click.command("check")
@click.option(
    "--read-data", is_flag=True, help="Đọc và băm mọi đối tượng / read and hash every object."
)
@click.option("--repair", is_flag=True, help="Sửa những gì sửa được / repair what can be repaired.")
@click.option(
    "--checkpoint",
    "places",
    multiple=True,
    metavar="FILE|URL",
    help="Điểm kiểm đã giữ ở nơi khác / a checkpoint that was kept elsewhere.",
)
@command_options
def command(caller: Caller, read_data: bool, repair: bool, places: tuple[str, ...]) -> int:
    """Kiểm tra sức khỏe kho; không sửa gì nếu không có --repair. Check the archive's health."""
    from api.upkeep.kept_checkpoint import kept_checkpoint
    from api.upkeep.maintenance import checker, repairer
    from api.upkeep.status.memory import keep_check
    from archive.base.errors import Misconfigured
    from retention.health.repair import RepairOutcome

    if repair and places:
        raise Misconfigured(
            why_vi="--checkpoint không dùng cùng --repair",
            why_en="--checkpoint and --repair exclude each other",
        )
    kept = [kept_checkpoint(place) for place in places]
    with caller.open() as home:
        if not repair:
            report = checker(home).check(read_data=read_data, kept=kept, progress=caller.progress)
            keep_check(home, report)
            return _tell(caller, report)
        caller.actor.require(Permission.MAINTAIN)
        home.catch_up()
        for step in repairer(home).run(read_data=read_data, progress=caller.progress):
            caller.progress_done()
            if isinstance(step, RepairOutcome):
                _print_outcome(caller, step)
            else:
                keep_check(home, step)
                code = _tell(caller, step)
    return code


def _print_outcome(caller: Caller, outcome: "RepairOutcome") -> None:
    caller.answer(outcome.as_json())
    kind = outcome.fault.kind
    caller.say(f"{'✓' if outcome.left is None else '–'} {kind.code}  {outcome.fault.object}")
    if outcome.left is not None:
        caller.say(f"  {outcome.left.to(caller.language)}")


def _tell(caller: Caller, report: "CheckReport") -> int:
    caller.progress_done()
    caller.answer(report.as_json())
    for fault in report.faults:
        mark = "✗" if fault.kind.severity == "error" else "!"
        kind = fault.kind
        caller.say(
            f"{mark} {kind.code}  {fault.object}\n  {kind.what.to(caller.language)}. "
            f"{kind.remedy.to(caller.language)}."
        )
    checked = ", ".join(f"{name}: {count}" for name, count in report.checked.items())
    caller.say(
        f"{'✓ Kho nguyên vẹn / sound' if report.ok else '✗ Có lỗi / faults found'} ({checked})"
    )
    return 0 if report.ok else 8
