"""Rebuilding catalogue and index from the vault alone, beside plainly reading the objects that it reads."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from api.intake import Intake
from bench.context import CLERK, Context
from bench.papers import chart
from bench.programs import median
from bench.report import Figure


def measure(context: Context) -> Iterator[Figure]:
    """Yield the speed of a rebuild as a share of the speed of reading."""
    with context.open_home("rebuild") as home:
        intake = Intake(home, CLERK, home.scope)
        for number in range(context.pick(40, 1000)):
            list(intake.take("bench.json", chart(number, 5, 2)))
        home.follow_up()
        taken, read = [], []
        vault = home.folder / "vault"
        acts = [str(file) for file in vault.rglob("acts/*.json")]
        for _ in range(3):
            started = time.perf_counter()
            made = home.rebuild()
            taken.append(time.perf_counter() - started)
            read.append(_read(acts))
        whole = _read([str(file) for file in vault.rglob("*") if file.suffix in (".json", ".pdf")])
    seconds = median(taken)
    yield Figure(
        "rebuild",
        median(read) / seconds,
        f"{seconds:.2f} s",
        f"{median(read):.3f} s",
        f"{made.acts} acts, {made.documents} documents, {made.acts / seconds:.0f} acts/s; it reads acts only, from a "
        f"warm local disk; reading the whole bucket takes {whole:.2f} s here",
        {"acts_per_second": made.acts / seconds, "whole_bucket_s": whole},
    )


def _read(files: list[str]) -> float:
    command = [sys.executable, str(Path(__file__).parents[1] / "peers" / "reading.py")]
    done = subprocess.run(command, input="\n".join(files), check=True, stdout=subprocess.PIPE, text=True)
    return float(done.stdout)
