"""The invented clinical cases of `cases.yaml`, typed."""

from functools import cache
from importlib.resources import files
from typing import Annotated

import yaml
from pydantic import Field

from archive.base.facts import Strict


class Vitals(Strict):
    """What was measured on arrival: per minute, °C, mmHg, kg."""

    pulse: int
    temperature: float
    systolic: int
    diastolic: int
    breathing: int
    weight: int


class Transfer(Strict):
    """Why and how the patient goes on to another facility; `reason` is MA_LYDO_CT."""

    reason: str
    plan: str
    state: str


class Case(Strict):
    """One invented case; `cases.yaml` says what its parts mean."""

    name: str
    care: str
    department: str
    department_name: str
    women: bool = False
    ages: tuple[int, int]
    days: Annotated[int, Field(gt=0)]
    icd10: str
    diagnosis: str
    others: dict[str, str]
    reason: str
    history: str
    past: str
    family: str
    examination: str
    lungs: str
    vitals: Vitals
    summary: str
    treatment: str
    advice: str
    outcome: str
    transfer: Transfer | None = None
    appointment_days: int | None = None
    leave_days: int | None = None
    course: tuple[tuple[str, str], ...]
    drugs: tuple[tuple[str, str, str, str, str], ...]
    services: tuple[tuple[str, str], ...]
    results: tuple[tuple[str, str, str], ...]

    @property
    def words(self) -> str:
        """The whole diagnosis in words."""
        return "; ".join([self.diagnosis, *self.others.values()])

    @property
    def died(self) -> bool:
        """Return whether the patient died at the facility."""
        return self.outcome == "5"


@cache
def cases() -> dict[str, Case]:
    """Return the cases by name."""
    raw = yaml.safe_load(files("ingest.samples").joinpath("cases.yaml").read_text(encoding="utf-8"))
    return {name: Case.model_validate({"name": name, **case}) for name, case in raw.items()}
