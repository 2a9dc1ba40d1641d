"""A day as people type it, for the options of commands."""

from datetime import date

import click


class Day(click.ParamType[date]):
    """A whole day as people type it."""

    name = "day"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Return the day that a person typed; the command fails where it is none."""
        from search.dates import full_day

        day = full_day(value)
        if day is None:
            self.fail("31/12/2026, 2026-12-31", param, ctx)
        return day
