"""A bulk load: its scaling with processes, and its memory."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

from bench.context import SERVICES_CORE, Context
from bench.loop import CORE
from bench.papers import chart
from bench.report import Figure

PAPERS = 5  # a chart
ENTRIES = 6  # of a sheet: one page


def measure(context: Context) -> Iterator[Figure]:
    """Yield the gain of a second process, and the growth of memory of each process."""
    source = context.folder / "charts"
    source.mkdir()
    for number in range(context.pick(120, 2000)):
        (source / f"{number:05}.json").write_bytes(chart(number, PAPERS, ENTRIES))
    alone, both = (_load(context, source, processes) for processes in (1, 2))
    shutil.rmtree(source)
    speeds = [result["documents"] / result["seconds"] for result in (both, alone)]
    yield Figure(
        "bulk-scaling",
        speeds[0] / speeds[1],
        f"{speeds[0]:.1f}/s",
        f"{speeds[1]:.1f}/s",
        f"{both['documents']} documents of one page, five a chart; two processes on two cores "
        "beside one on one, the "
        "services among them each time; processes were warm",
        {"documents_per_second_two": speeds[0], "documents_per_second_one": speeds[1]},
    )
    # Processes come and go (a worn worker is replaced): so the largest of each moment is compared
    # with the first.
    largest = [max(moment) for moment in both["memory"]]
    growth = largest[-1] / largest[max(1, len(largest) // 10)] - 1
    megabytes = " ".join(f"{size / 1e6:.0f}" for size in largest)
    yield Figure("bulk-memory", growth, note=f"largest process after each tenth, MB: {megabytes}")


def _load(context: Context, source: object, processes: int) -> dict[str, Any]:
    with context.home(f"bulk-{processes}") as home:
        command = [
            sys.executable,
            "-W",
            "ignore",
            "-m",
            "bench.ours.loading",
            home,
            source,
            processes,
        ]
        # Services and one process share a core; both and another process share two.
        core = {CORE: str(SERVICES_CORE)} if processes == 1 else {}
        done = subprocess.run(
            list(map(str, command)),
            check=True,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **core},
        )
    result: dict[str, Any] = json.loads(done.stdout)
    return result
