"""The seal alone: Kho and pyHanko seal the same paper, with the same certificates and services."""

from collections.abc import Callable, Iterator

from bench.context import OWN_CORE, Context
from bench.programs import Round, median, ratio, running, side_by_side
from bench.report import Figure


def measure(context: Context) -> Iterator[Figure]:
    """Yield the seal's time, with and without the services', and its bytes."""
    arguments = (context.paper(), *context.seal)
    cpu = context.services.cpu
    with (
        running("bench.ours.sealing", *arguments, core=OWN_CORE, services_cpu=cpu) as ours,
        running("bench.peers.sealing", *arguments, core=OWN_CORE, services_cpu=cpu) as peer,
    ):
        pairs = side_by_side(ours, peer, context.pick(5, 20), (12, 4))
    yield figure("seal", pairs, lambda run: run.without_services)
    yield figure("seal-with-services", pairs, lambda run: run.seconds)
    added, theirs = (median([pair[side].bytes for pair in pairs]) for side in (0, 1))
    yield Figure("seal-bytes", added / theirs, f"{added / 1000:.1f} kB", f"{theirs / 1000:.1f} kB")


def figure(budget: str, pairs: list[tuple[Round, Round]], of: Callable[[Round], float]) -> Figure:
    """Return a ratio of times, with both sides in milliseconds,
    and what the services took of each.
    """
    ours, theirs = (median([of(pair[side]) * 1000 for pair in pairs]) for side in (0, 1))
    services = [median([pair[side].services_cpu * 1000 for pair in pairs]) for side in (0, 1)]
    cpu = [median([pair[side].own_cpu * 1000 for pair in pairs]) for side in (0, 1)]
    return Figure(
        budget,
        ratio(pairs, of),
        f"{ours:.1f} ms",
        f"{theirs:.1f} ms",
        f"services' own work {services[0]:.1f} ms beside Kho, {services[1]:.1f} ms beside the "
        "peer; "
        f"own CPU {cpu[0]:.1f} and {cpu[1]:.1f} ms",
        {
            "ours_ms": ours,
            "peer_ms": theirs,
            "ours_services_ms": services[0],
            "peer_services_ms": services[1],
        },
    )
