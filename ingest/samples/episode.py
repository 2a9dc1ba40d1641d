"""One invented episode: a case, its patient, and its days."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from importlib.resources import files
from random import Random
from typing import Any

import yaml

from archive.base.clock import VIETNAM
from archive.base.identifiers import FacilityCode
from ingest.samples.cases import Case, cases


@dataclass(frozen=True, slots=True)
class Person:
    """An invented person.

    Identity numbers begin with 000 and cards with GD400000, which no real ones do.
    """

    name: str
    born: date
    sex: str
    local_id: str
    national_id: str
    card: str
    street: str
    commune: str
    province: str

    @property
    def address(self) -> str:
        """The address in one line."""
        return ", ".join([self.street, self.commune, self.province])


@dataclass(frozen=True, slots=True)
class Episode:
    """A case that happens to a person at a facility, with its times in Viet Nam."""

    key: str
    facility: FacilityCode
    case: Case
    person: Person
    relative: Person
    admitted: datetime
    discharged: datetime
    doctor: str
    head: str

    @property
    def inpatient(self) -> bool:
        """Return whether the patient stayed (MA_LOAI_KCB 03)."""
        return self.case.care == "03"

    def entries(self) -> list[tuple[datetime, str, str]]:
        """Return the course: when, what was seen, what was ordered; spread evenly over the stay."""
        step = (self.discharged - self.admitted) / max(len(self.case.course), 1)
        times = [
            (self.admitted + step * number).replace(second=0)
            for number in range(len(self.case.course))
        ]
        return [
            (at, seen, ordered) for at, (seen, ordered) in zip(times, self.case.course, strict=True)
        ]


@cache
def _parts() -> dict[str, Any]:
    parts: dict[str, Any] = yaml.safe_load(
        files("ingest.samples").joinpath("people.yaml").read_text(encoding="utf-8")
    )
    return parts


def invent(
    case: str, number: int, facility: FacilityCode, last_day: date, random: Random
) -> Episode:
    """Return the episode `number` of `case`, discharged within the thirty days before `last_day`;
    all by `random`.
    """
    definition = cases()[case]
    left = last_day - timedelta(days=random.randrange(1, 30))
    came = left - timedelta(days=definition.days - 1)
    admitted = datetime.combine(came, time(random.randrange(6, 11), random.randrange(60)), VIETNAM)
    discharged = datetime.combine(
        left, time(random.randrange(13, 17), random.randrange(60)), VIETNAM
    )
    parts = _parts()
    return Episode(
        key=f"MAU{came:%Y%m%d}{number:05}",
        facility=facility,
        case=definition,
        person=_person(definition, came, random),
        relative=_person(definition, came, random),
        admitted=admitted,
        discharged=discharged,
        doctor=random.choice(parts["doctors"]),
        head=parts["head"],
    )


def _person(case: Case, on: date, random: Random) -> Person:
    parts = _parts()
    sex = "2" if case.women else random.choice("12")
    middle = "Thị " if sex == "2" else "Văn "
    given = random.choice(parts["women" if sex == "2" else "men"])
    years = random.randint(*case.ages)
    return Person(
        name=f"{random.choice(parts['families'])} {middle}{random.choice(parts['marks'])} {given}",
        born=on - timedelta(days=365 * years + random.randrange(365)),
        sex=sex,
        local_id=f"BN{random.randrange(10**8):08}",
        national_id=f"000{random.randrange(10**9):09}",
        card=f"GD400000{random.randrange(10**7):07}",
        street=f"Số {random.randrange(1, 200)} {random.choice(parts['streets'])}",
        commune=random.choice(parts["communes"]),
        province=parts["province"],
    )
