"""A program that removes a chart: `python -m tests.retention.remover HOME MOMENT CHART`.

A test kills it at a crash point (`KHO_CRASH_AT`).
"""

import sys
from datetime import datetime
from pathlib import Path

from api.home import Home
from archive.access.actor import Actor
from archive.base.clock import FixedClock
from tests.retention.years_later import settings_of


def main(folder: str, moment: str, chart_id: str) -> None:
    """Remove the chart and all that it brought."""
    clock = FixedClock(datetime.fromisoformat(moment))
    with Home(settings_of(Path(folder), clock), clock) as home:
        home.follow_ups.removals.append([chart_id], Actor("Người Thử", "clerk"))
        home.follow_ups.run()


if __name__ == "__main__":
    main(*sys.argv[1:])
