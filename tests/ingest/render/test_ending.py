"""What ends a paper is never alone on a page: the places to sign and the seal stay with the last
passage.
"""

import re
from typing import Any

import pytest

from ingest.forms.model import Field, FieldType, Form, Layout
from ingest.render.typst_renderer import Renderer
from tests.ingest.render.papers import CATALOG, job, maximal, minimal, record
from tests.ingest.render.reading import pages

_LINE = "Người bệnh tỉnh, tiếp xúc tốt; phổi thông khí giảm đáy phải, ran ẩm, theo dõi thêm. "
_FURNITURE = re.compile(
    r"TEST / THỬ NGHIỆM|\(tiếp theo\)|^Mã lưu trữ: \S+ .*Trang \d|^Trang \d+/\d+$"
)
_SEAL = "XÁC NHẬN BẰNG CHỮ KÝ SỐ CỦA CƠ SỞ"
_DATE = re.compile(r"\(?Ngày\W.{0,6}tháng")
# a step is less than the room that the shortest ending takes, so that some step leaves it no room
_LENGTHS = range(2, 66, 7)


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    return Renderer()


def alone(page: str, form: Form) -> bool:
    """Return whether `page` holds places to sign or the seal, and nothing before them."""
    lines = [line.strip() for line in page.splitlines() if line.strip()]
    lines = [line for line in lines if not _FURNITURE.search(line)]
    roles = tuple(block.role.vi.upper() for block in form.signatures)
    first = next(
        (
            place
            for place, line in enumerate(lines)
            if line.startswith(_SEAL) or line.upper().startswith(roles) or _DATE.match(line)
        ),
        None,
    )
    return first == 0


def texts(form: Form) -> list[Field]:
    return [field for field in form.fields if field.type is FieldType.TEXT]


def grown(form: Form, place: int, lines: int, data: dict[str, Any]) -> dict[str, Any]:
    field = texts(form)[place]
    return {**data, field.name: (_LINE * lines)[: field.max or 65536]}


@pytest.mark.parametrize("form", CATALOG.forms, ids=lambda form: f"{form.code}-{form.version}")
def test_places_to_sign_and_the_seal_are_never_alone_on_a_page(
    renderer: Renderer, form: Form
) -> None:
    shared = form.layout is Layout.SHEET
    lengths = (200,) if shared else (30, 200, 2000)
    papers = [minimal(form), *(maximal(form, longest=length) for length in lengths)]
    if texts(form):
        # The sheets share one layout, so each of them tries some lengths, in turn.
        grow = _LENGTHS[CATALOG.forms.index(form) % 4 :: 4] if shared else _LENGTHS
        papers += [grown(form, 0, lines, minimal(form)) for lines in grow]
        papers += [grown(form, -1, lines, minimal(form)) for lines in grow]
    for data in papers:
        pdf = renderer.render(job(form.code, data, form=form, attachments=(record(),)))
        assert not [page for page in pages(pdf) if alone(page, form)]


@pytest.mark.parametrize("name", ["rows", "others"])
def test_the_last_row_of_a_table_stays_with_the_seal(renderer: Renderer, name: str) -> None:
    form = CATALOG.get("XML3")
    row = maximal(form)[name][0]
    for count in range(2, 60, 3):
        pdf = renderer.render(job("XML3", {**minimal(form), name: [row] * count}))
        assert not [page for page in pages(pdf) if alone(page, form)]
