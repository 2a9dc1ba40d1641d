"""Full validation: Kho and pyHanko say of the same B-LTA files that they are good."""

from collections.abc import Iterator
from datetime import UTC, datetime

from bench.context import OWN_CORE, Context
from bench.ours.sealing import sealer
from bench.programs import running, side_by_side
from bench.report import Figure
from bench.rows.sealing import figure

FILES = 8


def measure(context: Context) -> Iterator[Figure]:
    """Yield the time of a validation; several files, so that nothing is gained by having seen one
    before.
    """
    names = []
    does = sealer(*map(str, context.seal))
    for number in range(FILES):
        file = context.folder / f"sealed-{number}.pdf"
        file.write_bytes(does.seal(context.paper().read_bytes(), claimed_at=datetime.now(UTC)).data)
        names.append(file)
    arguments = (context.services.pki.trust_path, *names)
    with (
        running("bench.ours.validating", *arguments, core=OWN_CORE) as ours,
        running("bench.peers.validating", *arguments, core=OWN_CORE) as peer,
    ):
        yield figure(
            "validation",
            side_by_side(ours, peer, context.pick(5, 20), (8, 4)),
            lambda run: run.seconds,
        )
