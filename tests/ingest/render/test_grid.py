"""Rows and columns of blocks on paper: words above their rows stay with the first of them."""

from typing import Any

from ingest.forms.assembly import assembled
from ingest.forms.model import Form
from ingest.render.typst_renderer import Renderer
from tests.ingest.render.one_table import NO_GROUPS, TITLE
from tests.ingest.render.papers import job
from tests.ingest.render.reading import pages

GROUPS = 90
FORM = "24/BV1"  # whose facts the job states; what it prints is `grid()`


def grid() -> Form:
    rows: list[Any] = []
    for number in range(GROUPS):
        rows.append({"label": {"text": f"Nhóm {number}", "strong": True}})
        label = {"vi": f"- Dòng {number}", "en": "Row"}
        rows.append({"name": f"dong_{number}", "label": label, "type": "line"})
    definition = {
        "code": FORM,
        "version": 1,
        "title": TITLE,
        "source": "Quy định thử",
        "valid": {"from": "2024-01-01", "to": None},
        "layout": "sheet",
        "layout_source": "official",
        "sections": [{"title": TITLE, "body": [{"grid": rows}, {"text": "Hết"}]}],
    }
    return Form.model_validate(assembled(definition, NO_GROUPS.__getitem__))


def test_words_above_joined_rows_are_on_the_page_of_the_first_row() -> None:
    form = grid()
    data = {f"dong_{number}_{side}": "x" for number in range(GROUPS) for side in ("mp", "mt")}
    shown = pages(Renderer().render(job(FORM, data, form=form)))
    assert len(shown) > 2
    for number in range(GROUPS):
        lines = [f"Nhóm {number}\r\n", f"- Dòng {number}"]
        assert any(all(line in page for line in lines) for page in shown), number
