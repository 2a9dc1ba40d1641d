"""`kho refusals`: what the intake refused, and what is settled of it."""

import click

from api.cli.context import Caller, command_options

MOST = 200


@click.command("refusals")
@click.option(
    "--all", "every", is_flag=True, help="Cả những lần đã xử lý / also those that are settled."
)
@click.option(
    "--source",
    type=click.Choice(["rest", "watch", "command", "page"]),
    help="Chỉ những gì đến bằng cách này / only what came this way.",
)
@click.option(
    "--limit",
    type=click.IntRange(1, MOST),
    default=MOST,
    show_default=True,
    help="Nhiều nhất chừng này / at most so many.",
)
@click.option("--settle", metavar="ID", help="Đánh dấu đã xử lý / mark one as settled.")
@command_options
def command(caller: Caller, every: bool, source: str | None, limit: int, settle: str | None) -> int:
    """Những gì bị từ chối và việc cần làm. List what the intake refused, and what to do."""
    from api.refusals.kept import RefusalFilter, RefusalPage, Source
    from api.refusals.remedies import refusal_view, remedies

    with caller.open() as home:
        refusals = home.open_for_reading().refusals
        if settle is not None:
            settled = refusals.settle(settle, caller.actor, home.scope)
            listed = RefusalPage((settled,), 1)
        else:
            wanted = RefusalFilter(None if every else "open", Source(source) if source else None)
            listed = refusals.listed(wanted, limit, 0, caller.actor, home.scope)
    for refusal in listed.refusals:
        caller.answer(refusal_view(refusal))
        mark = "✓" if refusal.settled_at else "✗"
        times = f" ×{refusal.times}" if refusal.times > 1 else ""
        caller.say(f"{mark} {refusal.id}  {refusal.source} {refusal.sender}: {refusal.name}{times}")
        for fault in refusal.faults:
            caller.say(f"    {fault.path} {fault.message.to(caller.language)}")
        if refusal.fault_count > len(refusal.faults):
            caller.say(f"    … ({refusal.fault_count})")
        for remedy in remedies(refusal):
            caller.say(f"    → {remedy.to(caller.language)}")
    if listed.total > len(listed.refusals):
        caller.say(f"{len(listed.refusals)} / {listed.total}")
    return 0
