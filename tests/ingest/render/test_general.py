"""The general layout prints what there is: no empty group, no reserve, and a record as labels with
values.
"""

from typing import Any

import pytest

from ingest.forms.model import Form, Layout
from ingest.render.typst_renderer import Renderer
from tests.ingest.render.papers import CATALOG, job, minimal
from tests.ingest.render.reading import pages, squeezed, text

GENERAL = [form for form in CATALOG.forms if form.layout is Layout.GENERAL]


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    return Renderer()


@pytest.mark.parametrize("form", GENERAL, ids=lambda form: f"{form.code}-{form.version}")
def test_a_group_that_holds_nothing_is_not_printed(renderer: Renderer, form: Form) -> None:
    data = minimal(form)
    face = text(renderer.render(job(form.code, data, form=form)))
    empty = [s for s in form.sections if not any(data.get(field.name) for field in s.fields)]
    assert not [s.title.vi for s in empty if s.title.vi in face]
    assert "Dự phòng" not in face


def test_a_reserve_that_holds_something_is_printed(renderer: Renderer) -> None:
    face = text(renderer.render(job("XML7", {"DU_PHONG": "Ghi thêm"})))
    assert "Thông tin khác" in face
    assert "Dự phòng Ghi thêm" in face


@pytest.mark.parametrize("code", ["XML6", "XML9", "XML15"])
def test_a_record_is_printed_as_labels_with_values(renderer: Renderer, code: str) -> None:
    (field,) = (field for field in CATALOG.get(code).fields if field.name == "rows")
    values = {part.name: f"V{place:02}" for place, part in enumerate(field.parts)}
    face = squeezed("".join(pages(renderer.render(job(code, {"rows": [values]})))))
    missed = [
        part.name for part in field.parts if squeezed(part.label.vi + values[part.name]) not in face
    ]
    assert missed == []


def test_each_of_several_records_has_its_number(renderer: Renderer) -> None:
    twins = [{"HO_TEN_CON": "Bé Một"}, {"HO_TEN_CON": "Bé Hai"}]
    face = text(renderer.render(job("XML9", {"rows": twins})))
    assert "Trẻ sơ sinh 1 Dự định đặt tên con Bé Một" in face
    assert "Trẻ sơ sinh 2 Dự định đặt tên con Bé Hai" in face


def test_the_seals_block_names_the_rule_of_the_xml(renderer: Renderer) -> None:
    face = text(renderer.render(job("XML7", {"version": "QĐ 3176/QĐ-BYT"})))
    assert face.count("QĐ 3176/QĐ-BYT") == 1
    assert "Quy định của dữ liệu: QĐ 3176/QĐ-BYT." in face


@pytest.mark.parametrize(
    ("code", "data", "shown"),
    [
        ("XML11", {"MA_BS": "D1"}, "Mã người hành nghề D1 – Bs. Trần Văn Thử"),
        ("XML14", {"MA_BAC_SI": "D9; D1"}, "Mã bác sĩ D9; D1 – Bs. Trần Văn Thử"),
        ("XML13", {"MA_TTDV": "D1"}, "Mã người đứng đầu cơ sở D1 – Bs. Trần Văn Thử"),
        (
            "XML5",
            {"rows": [{"NGUOI_THUC_HIEN": "D1"}]},
            "Mã người thực hiện: D1 – Bs. Trần Văn Thử",
        ),
        ("XML11", {"MA_BS": "D9", "SO_CT": "D1"}, "Mã người hành nghề D9"),
    ],
)
def test_a_practitioners_code_has_the_name_that_its_submission_states(
    renderer: Renderer, code: str, data: dict[str, Any], shown: str
) -> None:
    named = job(code, data, practitioners={"D1": "Bs. Trần Văn Thử"})
    face = text(renderer.render(named))
    assert shown in face
    assert face.count("Trần Văn Thử") == shown.count("Trần Văn Thử")


def test_a_name_beside_its_code_is_printed_once(renderer: Renderer) -> None:
    data = {"MA_BS": "D1", "TEN_BS": "Bs. Trần Văn Thử", "MA_TTDV": "D2"}
    face = text(renderer.render(job("XML7", data, practitioners={"D1": "Bs. Trần Văn Thử"})))
    assert face.count("Trần Văn Thử") == 1
