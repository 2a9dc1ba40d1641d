"""A chart that a person begins by hand: the few facts of its patient and its course.

They are held against the rules of a JSON record, and say the same words where they are wrong.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from archive.base.chronology import has_time
from archive.base.clock import vietnam_date
from archive.base.errors import Fault, SubmissionRejected
from archive.base.facts import ChartFacts, Patient, Strict
from archive.base.text import same_name
from archive.catalog.entries import ChartEntry
from ingest.sources.faults import Faults
from ingest.sources.json_record import read_facts
from ingest.sources.legacy_text import texts_of
from ingest.sources.notices import of_legacy_text
from ingest.sources.printing import check_texts
from ingest.submission import Notice

_ASIDE = frozenset({"insurance_cards", "diagnoses"})  # lists that the page does not ask for


@dataclass(frozen=True, slots=True)
class Beginning:
    """What a person says of a chart that may be new. `notices`: what may be wrong with it."""

    patient: Patient
    chart: ChartFacts
    notices: tuple[Notice, ...] = ()


def beginning(document: Mapping[str, Any], today: date) -> Beginning:
    """Return what `document` (`patient` and `chart` of a JSON record) says.

    `today`: the day in Viet Nam. Raises SubmissionRejected with every fault at its path.
    """
    faults = Faults()
    check_texts(dict(document), "", faults)
    facts = read_facts(document, faults, today)
    if facts is None or faults:
        raise SubmissionRejected(list(faults.all()))
    return Beginning(*facts, of_legacy_text(texts_of(dict(document))))


def differing(given: Beginning, known: ChartEntry) -> list[Fault]:
    """Return a fault for each fact of `given` that the chart of the archive states otherwise.

    What was not given says nothing. A day without a time is equal to any time of that day.
    """
    pairs = (("patient", given.patient, known.patient), ("chart", given.chart, known.facts))
    return [
        Fault.of("accession", f"/{part}/{name}", "chart.stated_otherwise")
        for part, mine, theirs in pairs
        for name in _differing(mine, theirs)
    ]


def _differing(mine: Strict, theirs: Strict) -> Iterator[str]:
    for name in type(mine).model_fields:
        said, known = getattr(mine, name), getattr(theirs, name)
        if name in _ASIDE or said is None or said == known:
            continue
        if name == "name" and same_name(said, known):
            continue
        day = name.endswith("_at") and not has_time(said) and known is not None
        if not (day and vietnam_date(said) == vietnam_date(known)):
            yield name
