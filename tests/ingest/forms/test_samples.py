"""Each form that is drawn from its blocks has a filled example: valid, and without a field that is
left out.
"""

import pytest

from ingest.forms.model import Field, Form, Layout
from ingest.forms.samples import sample
from ingest.forms.validation import faults
from ingest.render.typst_renderer import Renderer
from tests.ingest.render.papers import CATALOG, job
from tests.ingest.render.reading import claims, pages, squeezed

SHEETS = [form for form in CATALOG.forms if form.layout is Layout.SHEET]


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    return Renderer()


@pytest.mark.parametrize("form", SHEETS, ids=lambda form: f"{form.code}-{form.version}")
def test_the_example_of_a_form_fills_every_field_and_is_printed(
    form: Form, renderer: Renderer
) -> None:
    data = sample(form)
    assert data is not None, "sample.yaml is missing"
    assert faults(data, form.data_schema()) == ()
    assert {field.name for field in form.fields} - data.keys() == set(), "fields left out"
    pdf = renderer.render(job(form.code, data, form=form))
    assert claims(pdf) == ("3", "A", "1")
    text = squeezed("".join(pages(pdf)))
    lacking = [field.name for field in form.fields if not _printed(field, data[field.name], text)]
    assert lacking == [], "the sheet does not show these"


def _printed(field: Field, value: object, text: str) -> bool:
    """Return whether a text of some length is on the paper; the rest is held by other tests."""
    return (
        not isinstance(value, str)
        or field.type not in ("line", "text")
        or len(value) < 12
        or (squeezed(value)[-10:] in text)
    )
