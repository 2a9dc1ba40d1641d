"""Each example of the help and of README.md finds something among the demonstration's charts."""

import re
import shlex
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
import yaml

from api.web.search_examples import EXAMPLES, days
from archive.access.scope import Scope
from archive.base.clock import vietnam_date
from archive.base.identifiers import ChartId, DocumentId, FacilityCode, FormCode, new_id
from ingest.content.record_text import identity, record_text
from ingest.forms.catalog import FormCatalog
from ingest.samples.generate import generate
from ingest.sources.detect import parse_source
from ingest.submission import Submission
from search.contract import ContentRight, Entry, Index
from search.query import parse
from search.tantivy.index import TantivyIndex
from tests.repo.tree import ROOT

FACILITY = FacilityCode("99001")
FORMS = FormCatalog.load()
TODAY = date(2026, 11, 22)
TEXTS = yaml.safe_load((ROOT / "api/web/texts.yaml").read_text(encoding="utf-8"))


def entries(submission: Submission) -> Iterator[Entry]:
    """Yield the entries of a chart as the feeder makes them."""
    patient, facts = submission.patient, submission.chart
    known = identity(patient.model_dump(mode="json"), facts.episode)
    numbers = (patient.local_id, patient.national_id, patient.social_insurance_number)
    for paper in submission.papers:
        form = FORMS.get(paper.form)
        yield Entry(
            document_id=DocumentId(new_id()),
            chart_id=ChartId(new_id()),
            facility=FACILITY,
            department=facts.department,
            form=FormCode(paper.form),
            title=form.title.vi,
            patient_name=patient.name,
            birth_date=patient.birth_date,
            identifiers=(*filter(None, numbers), *patient.insurance_cards, facts.episode),
            kind=facts.kind.value,
            outcome=facts.outcome.value if facts.outcome else "",
            icd10=tuple(diagnosis.icd10 for diagnosis in facts.diagnoses if diagnosis.icd10),
            admitted=vietnam_date(facts.admitted_at) if facts.admitted_at else None,
            discharged=vietnam_date(facts.discharged_at) if facts.discharged_at else None,
            diagnoses=tuple(each.text for each in facts.diagnoses if each.text),
            body=record_text(form, paper.data, known),
        )


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    """An index of the charts that `make demo` archives."""
    with TantivyIndex.recreate(tmp_path_factory.mktemp("examples")) as index:
        for name, data in generate(20, seed=1, facility=FACILITY, today=TODAY):
            for parsed in parse_source(name, data, FORMS, FACILITY):
                assert isinstance(parsed, Submission)
                index.put(entries(parsed))
        yield index


def total(index: Index, typed: str) -> int:
    return index.search(parse(typed), Scope(FACILITY), ContentRight.ORDINARY).total


@pytest.mark.parametrize("language", [0, 1])
@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_of_the_help_finds_something(
    demonstration: Index, name: str, language: int
) -> None:
    typed = TEXTS["search_example"][name][language].format(**days(TODAY))
    assert 0 < total(demonstration, typed) < total(demonstration, "")
    filters = {"icd", "department", "form", "kind", "dates"}
    assert bool(parse(typed).read) is (name in filters)


def test_every_search_in_the_readme_finds_something(demonstration: Index) -> None:
    lines = re.findall(r"^kho find ([^#\n]+)", Path(ROOT / "README.md").read_text("utf-8"), re.M)
    assert len(lines) >= 2
    for line in lines:
        assert total(demonstration, " ".join(shlex.split(line))) > 0, line
