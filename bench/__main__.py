"""`python -m bench`: run the rows, print the table, write the figures."""

import argparse
import importlib
import os
import sys
import tempfile
import time
from pathlib import Path

from archive.process.log import configure_logging
from bench.context import SERVICES_CORE, Context
from bench.report import Figure, table, write_json
from bench.services import services

ROWS = (
    "pipeline",
    "sealing",
    "submission",
    "bulk",
    "searching",
    "pages",
    "people",
    "retrieving",
    "validating",
    "rebuilding",
    "starting",
    "forms",
)


def main() -> int:
    """Run; 0 whatever the figures say: seconds of a machine are no test."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    form = parser.add_mutually_exclusive_group()
    form.add_argument(
        "--short", action="store_true", help="a few minutes; what CI runs (the default)"
    )
    form.add_argument(
        "--long", action="store_true", help="the sizes that the budgets speak of; an hour and more"
    )
    parser.add_argument(
        "--only", action="append", choices=ROWS, help="this row; may be given again"
    )
    parser.add_argument(
        "--json", type=Path, default=Path("build/bench.json"), help="where the figures go"
    )
    parser.add_argument("--elasticsearch", metavar="URL", help="a node to hold search against")
    parser.add_argument("--records", type=int, help="records in the search index")
    chosen = parser.parse_args()
    configure_logging("error", json=False)
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="kho-bench-") as name:
        folder = Path(name)
        core = SERVICES_CORE if (os.cpu_count() or 1) > SERVICES_CORE else None
        with services(folder / "pki", "Bệnh viện Đa khoa Thử Nghiệm", core) as running:
            records = chosen.records or (1_000_000 if chosen.long else 20_000)
            context = Context(folder, chosen.long, running, chosen.elasticsearch, records)
            for row in chosen.only or ROWS:
                started = time.perf_counter()
                figures += importlib.import_module(f"bench.rows.{row}").measure(context)
                print(f"{row}: {time.perf_counter() - started:.0f} s", file=sys.stderr, flush=True)
    print(table(figures))
    chosen.json.parent.mkdir(parents=True, exist_ok=True)
    write_json(figures, chosen.json, "long" if chosen.long else "short")
    return 0


if __name__ == "__main__":
    sys.exit(main())
