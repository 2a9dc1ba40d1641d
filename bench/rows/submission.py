"""A submission of sixty papers: from the record to its receipts, on two cores."""

import time
from collections.abc import Iterator

from api.writing.intake import Intake
from bench.context import CLERK, Context
from bench.papers import chart, entries_for_pages
from bench.programs import median
from bench.report import Figure

PAPERS = 60


def measure(context: Context) -> Iterator[Figure]:
    """Yield the seconds until everything is acknowledged, with the workers of a running server."""
    with context.open_home("submission") as home:
        _ = home.open_for_writing().accession
        started = time.perf_counter()
        home.open_for_writing().preparer.warm(wait=True)
        warming = time.perf_counter() - started
        intake, entries, taken = (
            Intake(home.open_for_writing(), CLERK, home.scope),
            entries_for_pages(),
            [],
        )
        before = context.services.cpu()
        for number in range(context.pick(3, 10)):
            started = time.perf_counter()
            (result,) = intake.take("bench.json", chart(number, PAPERS, entries))
            taken.append(time.perf_counter() - started)
            assert len(result.receipts) == PAPERS
        services = (context.services.cpu() - before) / len(taken)
    note = (
        f"of three pages each; the services' own work is {services:.2f} s of it; workers were "
        f"warm ({warming:.1f} s)"
    )
    yield Figure("submission", median(taken), note=note, details={"services_s": services})
