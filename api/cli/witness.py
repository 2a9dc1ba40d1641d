"""`kho witness`: shows every witness the newest checkpoint now,
and says what each confirmed last.
"""

import click

from api.cli.context import Caller, command_options


@click.command("witness")
@command_options
def command(caller: Caller) -> int:
    """Hỏi mọi nhân chứng ngay bây giờ.

    Compare with every witness now, and hand over the newest checkpoint.
    """
    from archive.base.clock import for_people, iso
    from archive.witness.contract import WitnessAway

    with caller.open() as home:
        home.catch_up()
        away: WitnessAway | None = None
        try:
            home.witnesses.confirm()
        except WitnessAway as error:
            away = error
        if not home.witnesses.all:
            caller.say("Chưa đặt nhân chứng nào / no witness is configured (docs/witness.md)")
        confirmed = home.witnesses.confirmed()
        for witness in home.witnesses.all:
            row = confirmed.get(witness.name)
            at, note = (
                (None, None)
                if row is None
                else (row.confirmed_at, row.note.decode("utf-8", "replace"))
            )
            size = 0 if row is None else row.size
            caller.answer(
                {
                    "witness": witness.name,
                    "size": size,
                    "confirmed_at": iso(at) if at else None,
                    "checkpoint": note,
                }
            )
            caller.say(f"{witness.name}  {size}  {for_people(at) if at else '–'}")
    return 0 if away is None else caller.fail(away)
