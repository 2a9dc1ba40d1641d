"""The retention schedule: rules as data (`schedule.yaml`), and which rule binds a chart."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from importlib import resources
from typing import Annotated

import yaml
from pydantic import Field, TypeAdapter

from archive.base.clock import VIETNAM, vietnam_date
from archive.base.errors import Misconfigured
from archive.base.facts import ChartFacts, Strict


class Validity(Strict):
    """The days on which a rule is in force; `to` is the last day, None while it is in force."""

    since: Annotated[date, Field(alias="from")]
    to: date | None


class Rule(Strict):
    """One retention rule of a circular."""

    id: str
    source: str
    valid: Validity
    when: Mapping[str, tuple[str, ...]]
    years: Annotated[int, Field(ge=1)]

    def fits(self, chart: ChartFacts, on: date) -> bool:
        """Tell whether the rule is in force on a day and speaks of such a chart."""
        in_force = self.valid.since <= on and (self.valid.to is None or on <= self.valid.to)
        facts = chart.model_dump(mode="json")
        return in_force and all(facts[name] in allowed for name, allowed in self.when.items())


@dataclass(frozen=True, slots=True)
class Term:
    """Until when a chart must be kept, by which rule, counted from which year."""

    retain_until: datetime  # the last second of 31/12 in Viet Nam, as UTC
    rule: Rule
    counted_from: int


@cache
def schedule() -> tuple[Rule, ...]:
    """Return the rules that Kho ships."""
    text = resources.files("retention").joinpath("schedule.yaml").read_text("utf-8")
    return TypeAdapter(tuple[Rule, ...]).validate_python(yaml.safe_load(text))


def term(chart: ChartFacts, ended_at: datetime, today: date, rules: tuple[Rule, ...]) -> Term:
    """Return the longest term that today's rules give a chart whose treatment ended at `ended_at`.

    Raises Misconfigured where no rule fits.
    """
    fitting = [rule for rule in rules if rule.fits(chart, today)]
    if not fitting:
        raise Misconfigured(
            why_vi="không có thời hạn lưu trữ phù hợp", why_en="no retention rule fits this chart"
        )
    longest = max(fitting, key=lambda rule: rule.years)
    year = vietnam_date(ended_at).year
    until = datetime(year + longest.years, 12, 31, 23, 59, 59, tzinfo=VIETNAM).astimezone(UTC)
    return Term(until, longest, year)
