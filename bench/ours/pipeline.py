"""Kho, whole: a chart record comes in, and each of its papers is archived, acknowledged and found.

Arguments: a home, papers a chart.
"""

import itertools
import sys
from pathlib import Path

from api.finding import find
from api.home import Home
from api.intake import Intake
from archive.access.actor import Actor
from archive.log import configure_logging
from bench.loop import pin, serve
from bench.papers import chart, entries_for_pages

CLERK = Actor("Người Đo", "clerk")


def main() -> None:
    """Archive a new chart each time, until it is found; the bytes told are papers."""
    pin()
    configure_logging("error", json=True)
    folder, papers = Path(sys.argv[1]), int(sys.argv[2])
    numbers = itertools.count(1)
    with Home.open(folder) as home:
        _ = home.accession  # before anything else sets a page: it tells Typst how many cores there are
        entries, intake = entries_for_pages(), Intake(home, CLERK, home.scope)

        def archive() -> int:
            number = next(numbers)
            (result,) = intake.take("bench.json", chart(number, papers, entries))
            assert len(result.receipts) == papers, result.faults
            assert find(home, f"BENCH{number:08}", CLERK, home.scope).total == papers
            return papers

        serve(archive)


if __name__ == "__main__":
    main()
