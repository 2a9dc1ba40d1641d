"""Rebuilding catalogue and index from the bucket alone, beside plainly fetching the objects that it
reads.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from api.home import Home
from api.upkeep.maintenance import rebuild
from api.writing.intake import Intake
from bench.bucket import home_on, store
from bench.context import CLERK, Context
from bench.papers import chart
from bench.programs import median
from bench.report import Figure

PAPERS = 5  # a chart


def measure(context: Context) -> Iterator[Figure]:
    """Yield the speed of a rebuild as a share of the speed of fetching."""
    source = context.folder / "to-rebuild"
    source.mkdir()
    for number in range(context.pick(60, 1000)):
        (source / f"{number:05}.json").write_bytes(chart(number, PAPERS, 2))
    with context.open_home("rebuild") as home:
        local = _rebuilt(home, source)
    with store() as server:
        if server is None:
            yield Figure(
                "rebuild",
                None,
                note=f"no SeaweedFS is installed; from a local disk {local[1]:.0f} acts/s",
            )
            return
        with home_on(server, context, "rebuild-bucket") as home:
            seconds, speed = _rebuilt(home, source)
            acts = sorted({stored.key for stored in home.vault.list(f"{home.code}/acts/")})
            settings = home.settings.vault
            fetched = [_fetched(acts, server.endpoint, settings.bucket) for _ in range(3)]
    yield Figure(
        "rebuild",
        median(fetched) / seconds,
        f"{seconds:.2f} s",
        f"{median(fetched):.2f} s",
        f"{len(acts)} acts of {PAPERS} documents, {speed:.0f} acts/s from the bucket, "
        f"{local[1]:.0f} from a warm local "
        "disk; a rebuild reads the acts and lists the rest",
        {"acts_per_second": speed, "acts_per_second_local": local[1]},
    )


def _rebuilt(home: Home, source: Path) -> tuple[float, float]:
    """Fill a home, rebuild it three times, and return the median of the seconds, and the acts a
    second.
    """
    for result in Intake(home.open_for_writing(), CLERK, home.scope).run([source]):
        assert not result.faults
    taken = []
    for _ in range(3):
        started = time.perf_counter()
        rebuilt = rebuild(home)
        taken.append(time.perf_counter() - started)
    return median(taken), rebuilt.acts / median(taken)


def _fetched(keys: Sequence[str], endpoint: str, bucket: str) -> float:
    from tests.fixtures.seaweed import KHO, REGION

    done = subprocess.run(
        [sys.executable, "-m", "bench.peers.fetching", endpoint, bucket, REGION],
        env={
            **os.environ,
            "AWS_ACCESS_KEY_ID": KHO.access_key,
            "AWS_SECRET_ACCESS_KEY": KHO.secret_key,
        },
        input="\n".join(keys),
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return float(done.stdout)
