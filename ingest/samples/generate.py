"""The demonstration set: files of invented charts, the same for the same seed and day."""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from itertools import count as counted
from itertools import islice
from random import Random
from typing import Annotated

import yaml
from pydantic import Field

from archive.base.facts import Strict
from archive.base.identifiers import FacilityCode, FormCode
from ingest.samples.episode import Episode, invent
from ingest.samples.insurance import Wrapping, chart_xml, envelope_xml, table_xml, wrapped
from ingest.samples.records import record
from ingest.samples.tables import tables
from ingest.sources.bhyt.table import Version, versions


class PlannedChart(Strict):
    """A chart of an insurance file: its case, and what it has besides."""

    case: str
    children: int = 0
    assessment: bool = False


class PlannedFile(Strict):
    """An insurance file: how it is written, and its charts."""

    name: str
    version: str
    wrapping: Wrapping
    dated: bool = False
    bom: bool = False
    loose: bool = False
    charts: Annotated[tuple[PlannedChart, ...], Field(min_length=1)]


class PlannedRecord(Strict):
    """A JSON record: its case, its case record (bệnh án) where it is not the ward's usual one, and
    further papers, both from the filled examples of the forms.
    """

    case: str
    record: FormCode | None = None
    papers: tuple[FormCode, ...] = ()


class Plan(Strict):
    """`plan.yaml`: what one set consists of."""

    records: tuple[PlannedRecord, ...]
    insurance: tuple[PlannedFile, ...]


@cache
def plan() -> Plan:
    """Return the plan."""
    return Plan.model_validate(
        yaml.safe_load(files("ingest.samples").joinpath("plan.yaml").read_text(encoding="utf-8"))
    )


def generate(
    count: int = 20, *, seed: int = 1, facility: FacilityCode, today: date
) -> Iterator[tuple[str, bytes]]:
    """Yield `(file name, content)` of `count` charts, discharged in the month before `today`.

    Twenty charts are one set of `plan.yaml`; more are further sets, the last one cut. Charts of
    older versions of the insurance XML are discharged in the last month of their version instead.
    """
    left = count
    for set_number in counted(1):
        numbers = iter(range(set_number * 1000, set_number * 1000 + 1000))
        prefix = f"{set_number:03}"
        for planned_record in plan().records:
            if left <= 0:
                return
            number, case = next(numbers), planned_record.case
            episode = invent(case, number, facility, today, Random(f"{seed}/{number}"))  # noqa: S311
            content = record(episode, planned_record.record, planned_record.papers)
            yield f"{prefix}-{number % 1000:02}-{case.replace('_', '-')}.json", content
            left -= 1
        for planned in plan().insurance:
            if left <= 0:
                return
            charts = planned.charts[:left]
            content = _insurance_file(
                planned, list(islice(numbers, len(charts))), charts, seed, facility, today
            )
            yield f"{prefix}-{planned.name}.xml", content
            left -= len(charts)


def _insurance_file(
    planned: PlannedFile,
    numbers: list[int],
    charts: tuple[PlannedChart, ...],
    seed: int,
    facility: FacilityCode,
    today: date,
) -> bytes:
    version = next(version for version in versions() if version.name == planned.version)
    last_day = _last_day(version, today)
    written = []
    for number, chart in zip(numbers, charts, strict=True):
        episode = invent(chart.case, number, facility, last_day, Random(f"{seed}/{number}"))  # noqa: S311
        written.append(_chart(episode, chart, version, planned.wrapping))
    return envelope_xml(
        facility,
        written,
        created_on=last_day if planned.dated else None,
        bom=planned.bom,
        loose=planned.loose,
    )


def _chart(episode: Episode, chart: PlannedChart, version: Version, wrapping: Wrapping) -> bytes:
    return chart_xml(
        (code, wrapped(table_xml(code, rows, version), wrapping))
        for code, rows in tables(episode, children=chart.children, assessment=chart.assessment)
        if code in version.tables
    )


def _last_day(version: Version, today: date) -> date:
    later = [other.valid_from for other in versions() if other.valid_from > version.valid_from]
    return min([today, *(first - timedelta(days=1) for first in later)])
