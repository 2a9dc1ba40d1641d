"""Drawings on a sheet: Kho's own lines, with the marks that the data says and what each means."""

from typing import Any

import pytest

from ingest.forms.model import Form, Layout
from ingest.forms.samples import sample
from ingest.forms.sheet import Picture
from ingest.render.job import RenderJob
from ingest.render.typst_renderer import ROOT, Renderer
from ingest.render.view import view
from tests.ingest.render.papers import CATALOG, job
from tests.ingest.render.reading import claims, text

FIGURES = ROOT / "lib" / "figures"
CODE, TABLE = "11/BV1", "vung_bong"


def pictures(form: Form) -> list[Picture]:
    return [block for part in form.sections for block in part.body if isinstance(block, Picture)]


def burns(rows: list[dict[str, Any]]) -> RenderJob:
    return job(CODE, {**(sample(CATALOG.get(CODE)) or {}), TABLE: rows})


def figure(rows: list[dict[str, Any]]) -> dict[str, Any]:
    blocks = [block for part in view(burns(rows))["sheet"] for block in part["blocks"]]
    return next(block for block in blocks if block["k"] == "figure")


def test_each_drawing_is_on_a_form_and_holds_no_words() -> None:
    sheets = [form for form in CATALOG.forms if form.layout is Layout.SHEET]
    drawn = {picture.figure for form in sheets for picture in pictures(form)}
    assert {path.stem for path in FIGURES.iterdir()} >= drawn
    for path in FIGURES.iterdir():
        assert not {"<text", "<image", "href", "<script"} & set(path.read_text("utf-8").split())


def test_marks_of_one_place_share_it_and_a_long_mark_is_a_number_there() -> None:
    drawing = figure(
        [
            {"x": 0.25, "y": 0.3, "ky_hieu": "II", "mo_ta": "ngực"},
            {"x": 0.251, "y": 0.3, "ky_hieu": "độ III sâu", "mo_ta": "bụng"},
            {"x": 0, "y": 1},
        ]
    )
    assert drawing["marks"] == [
        {"x": 0.25, "y": 0.3, "mark": "II, 2"},
        {"x": 0.02, "y": 0.98, "mark": "3"},
    ]
    assert drawing["notes"] == [
        {"mark": "II", "text": "ngực"},
        {"mark": "2", "text": "độ III sâu bụng"},
    ]


@pytest.mark.parametrize("count", [1, 50])
def test_a_drawing_with_its_marks_is_printed(count: int) -> None:
    rows = [{"x": n / 60, "y": 0.5, "mo_ta": f"vùng số {n}"} for n in range(count)]
    pdf = Renderer().render(burns(rows))
    assert claims(pdf) == ("3", "A", "1")
    assert all(f"vùng số {n}" in text(pdf) for n in range(count))
