"""The papers that a chart needs: requirements as data (`required.yaml`), and what a chart lacks."""

from collections.abc import Collection, Mapping
from datetime import date
from functools import cache
from importlib import resources
from typing import Annotated, Literal

import yaml
from pydantic import Field, TypeAdapter

from archive.base.bilingual import Text
from archive.base.clock import vietnam_date
from archive.base.departments import codes_of
from archive.base.errors import Misconfigured
from archive.base.facts import ChartFacts, ChartKind, Outcome, Strict
from archive.base.settings import DepositSettings, PaperSetting
from retention.schedule import Validity

BY_THE_FACILITY = "Quy chế hồ sơ bệnh án của cơ sở (TT 13/2025/TT-BYT, Điều 6 khoản 3 điểm b)"
Facts = Mapping[Literal["kind", "outcome"], tuple[ChartKind | Outcome, ...]]


class Title(Strict):
    """The name of what is required, in both languages."""

    vi: str
    en: str


class Requirement(Strict):
    """One paper that charts of some kind need; any form of `forms` is that paper."""

    id: str
    title: Title
    source: str
    valid: Validity
    when: Annotated[Facts, Field(default_factory=dict)]
    unless: Annotated[Facts, Field(default_factory=dict)]
    beside: tuple[str, ...] = ()  # asked only of a chart that holds one of these forms
    departments: tuple[str, ...] = ()  # asked only of a chart that names one of these departments
    forms: Annotated[tuple[str, ...], Field(min_length=1)]

    @property
    def text(self) -> Text:
        """The name of what is required."""
        return Text(self.title.vi, self.title.en)

    def asks(
        self,
        kind: ChartKind,
        outcome: Outcome | None,
        held: Collection[str],
        day: date,
        departments: Collection[str] = (),
    ) -> bool:
        """Return whether such a chart needs the paper on `day`.

        `held`: the forms that it holds; `departments`: the codes of those that it names.
        """
        facts = {"kind": kind, "outcome": outcome}
        return (
            self.valid.since <= day
            and (self.valid.to is None or day <= self.valid.to)
            and all(facts[name] in allowed for name, allowed in self.when.items())
            and not any(facts[name] in excepted for name, excepted in self.unless.items())
            and (not self.beside or not set(self.beside).isdisjoint(held))
            and (not self.departments or not set(self.departments).isdisjoint(departments))
        )

    def as_json(self) -> dict[str, object]:
        """Return the requirement as command line and API name a missing paper."""
        return {
            "id": self.id,
            "title": self.text.as_json(),
            "forms": list(self.forms),
            "source": self.source,
        }


Requirements = tuple[Requirement, ...]


@cache
def shipped() -> Requirements:
    """Return the requirements that Kho ships."""
    text = resources.files("retention").joinpath("required.yaml").read_text("utf-8")
    return TypeAdapter(Requirements).validate_python(yaml.safe_load(text))


def required(settings: DepositSettings) -> Requirements:
    """Return the requirements of a facility: what Kho ships, as its settings change it.

    A paper of the settings with an id that Kho ships takes that requirement's place. Raises
    Misconfigured where the settings waive what is not required.
    """
    own = {paper.id: _by_facility(paper) for paper in settings.papers}
    every = {each.id: each for each in shipped()} | own
    papers = {each for each in settings.waived if "#" not in each}
    if unknown := sorted(papers - every.keys()):
        names = ", ".join(unknown)
        raise Misconfigured(
            why_vi=f"deposit.waived: không có yêu cầu {names}",
            why_en=f"deposit.waived: there is no requirement {names}",
        )
    return tuple(each for each in every.values() if each.id not in settings.waived)


def missing(
    kind: ChartKind,
    outcome: Outcome | None,
    held: Collection[str],
    day: date,
    requirements: Requirements,
    departments: Collection[str] = (),
) -> Requirements:
    """Return the requirements that a chart does not fulfil.

    `held`: the codes of the forms that it holds in force. `day`: the day in Viet Nam on which its
    treatment ended, or today. `departments`: the codes of those that it names.
    """
    return tuple(
        each
        for each in requirements
        if each.asks(kind, outcome, held, day, departments) and set(each.forms).isdisjoint(held)
    )


def missing_of(
    chart: ChartFacts, held: Collection[str], today: date, requirements: Requirements
) -> Requirements:
    """Return what :func:`missing` returns for a chart by its facts."""
    ended = chart.discharged_at
    day = today if ended is None else vietnam_date(ended)
    departments = codes_of(chart.department)
    return missing(chart.kind, chart.outcome, held, day, requirements, departments)


def _by_facility(paper: PaperSetting) -> Requirement:
    when = {"kind": paper.kinds, "outcome": paper.outcomes}
    return Requirement.model_validate(
        {
            "id": paper.id,
            "title": {"vi": paper.vi, "en": paper.en},
            "source": BY_THE_FACILITY,
            "valid": {"from": date.min, "to": None},
            "when": {name: allowed for name, allowed in when.items() if allowed},
            "beside": paper.beside,
            "departments": paper.departments,
            "forms": paper.forms,
        }
    )
