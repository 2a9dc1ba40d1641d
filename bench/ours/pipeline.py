"""Kho's whole pipeline: chart records come in, and each of their papers is archived, acknowledged
and found.

Arguments: a home, papers a chart, charts that come in together (1: alone, by a request; more: as a
folder of files).
"""

import itertools
import sys
import tempfile
from pathlib import Path

from api.home import Home
from api.writing.intake import Intake
from archive.access.actor import Actor
from archive.process.log import configure_logging
from bench.loop import pin, serve
from bench.papers import chart, entries_for_pages

CLERK = Actor("Người Đo", "clerk")


def main() -> None:
    """Archive a new chart each time, until it is found. The loop's `bytes` counts papers here."""
    pin()
    configure_logging("error", json=True)
    folder, papers, together = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    numbers = itertools.count(1)
    with Home.open(folder) as home:
        # before any other page is set: it gives Typst the number of cores
        _ = home.open_for_writing().accession
        entries, intake = entries_for_pages(), Intake(home.open_for_writing(), CLERK, home.scope)
        source = Path(tempfile.mkdtemp(dir=folder.parent))

        def archive() -> int:
            some = [next(numbers) for _ in range(together)]
            if together == 1:
                results = list(intake.take("bench.json", chart(some[0], papers, entries)))
            else:
                for number in some:
                    (source / f"{number:08}.json").write_bytes(chart(number, papers, entries))
                results = list(intake.run([source]))
            assert [len(result.receipts) for result in results] == [papers] * together
            for number in some:
                assert (
                    home.open_for_reading()
                    .search.find(f"BENCH{number:08}", CLERK, home.scope)
                    .total
                    == papers
                )
            for file in source.iterdir():
                file.unlink()
            return papers * together

        serve(archive)


if __name__ == "__main__":
    main()
