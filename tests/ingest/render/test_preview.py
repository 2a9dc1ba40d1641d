"""The filled example of a form is about a person and a chart that its data fits."""

from datetime import date

from archive.base.clock import vietnam_date
from archive.base.facts import Patient, Sex
from ingest.forms.plain_yaml import load_yaml
from ingest.forms.samples import sample
from ingest.render import preview
from ingest.render.preview import about_sample
from ingest.render.typst_renderer import Renderer
from tests.ingest.render.papers import BARE_CHART, CATALOG, job
from tests.ingest.render.reading import pages


def test_the_example_of_obstetrics_is_about_a_woman() -> None:
    assert about_sample(job("05/BV1", {})).patient.sex is Sex.FEMALE
    assert about_sample(job("01/BV1", {})).patient.sex is Sex.MALE


def test_the_people_of_examples_are_of_forms_that_there_are() -> None:
    people = load_yaml(preview._PEOPLE.read_text("utf-8"))
    codes = [code for person in people for code in person["forms"]]
    assert len(codes) == len(set(codes))
    assert set(codes) <= {form.code for form in CATALOG.forms}


def test_the_chart_of_an_example_has_the_days_of_its_data() -> None:
    data = sample(CATALOG.get("12/BV1"))
    assert data is not None
    chart = about_sample(job("12/BV1", data)).chart
    assert chart.admitted_at is not None
    assert chart.discharged_at is not None
    assert vietnam_date(chart.admitted_at) == date(2026, 9, 14)
    assert vietnam_date(chart.discharged_at) == date(2026, 10, 13)


def test_a_section_that_begins_a_page_follows_on_one_that_is_nearly_empty() -> None:
    pdf = Renderer().render(job("23/BV1", sample(CATALOG.get("23/BV1")) or {}))
    (page,) = (page for page in pages(pdf) if "B. TỔNG KẾT" in page)
    assert "VIII. ĐIỀU TRỊ" in page


def test_no_page_of_a_blank_is_empty() -> None:
    blank = job("16/BV1", {}, patient=Patient(name="–"), chart=BARE_CHART, blank=True)
    assert all(len(page.split()) > 60 for page in pages(Renderer().render(blank)))
