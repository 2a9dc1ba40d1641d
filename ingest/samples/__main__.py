"""`python -m ingest.samples DIR`: writes the demonstration set into a folder."""

import argparse
from pathlib import Path

from archive.base.clock import SystemClock, vietnam_date
from archive.base.identifiers import parse_facility_code
from ingest.samples.generate import generate


def main() -> None:
    """Write the files and print their names."""
    parser = argparse.ArgumentParser(
        prog="python -m ingest.samples", description="Write invented charts for Kho."
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--count", type=int, default=20, help="how many charts (default: 20)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--facility", type=parse_facility_code, default="01TST", help="mã CSKCB (default: 01TST)"
    )
    chosen = parser.parse_args()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    today = vietnam_date(SystemClock().now())
    for name, content in generate(
        chosen.count, seed=chosen.seed, facility=chosen.facility, today=today
    ):
        (chosen.folder / name).write_bytes(content)
        print(chosen.folder / name)  # noqa: T201


if __name__ == "__main__":
    main()
