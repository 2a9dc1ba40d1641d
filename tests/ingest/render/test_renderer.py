"""A paper: deterministic, archival, with its record inside, and honest on its face."""

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from archive.base.identifiers import DocumentId
from ingest.forms.model import Form, Layout, LayoutSource
from ingest.forms.samples import sample
from ingest.render import typst_renderer
from ingest.render.job import Attachment
from ingest.render.typst_renderer import Renderer
from tests.ingest.render.papers import (
    BARE_CHART,
    CATALOG,
    CLAIMED,
    DOCUMENT,
    UNNAMED,
    job,
    maximal,
    minimal,
    record,
)
from tests.ingest.render.reading import claims, pages, squeezed, text
from tests.judges.verapdf import VeraPdf

TEST_MARK = "TEST / THỬ NGHIỆM – KHÔNG CÓ GIÁ TRỊ PHÁP LÝ"
UNSIGNED = "Chưa có chữ ký của người hành nghề"
BARE: dict[str, Any] = {"patient": UNNAMED, "chart": BARE_CHART}
XML_FORMS = [form.code for form in CATALOG.forms if not form.accepts_json]


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    return Renderer()


@pytest.mark.parametrize("form", CATALOG.forms, ids=lambda form: f"{form.code}-{form.version}")
@pytest.mark.parametrize("data", [minimal, maximal], ids=["least", "most"])
def test_every_form_renders_the_least_and_the_most_as_pdfa_3a_and_pdfua_1(
    renderer: Renderer, form: Form, data: object
) -> None:
    values = minimal(form) if data is minimal else maximal(form)
    bare = BARE if data is minimal else {}
    pdf = renderer.render(job(form.code, values, form=form, attachments=(record(),), **bare))
    assert pdf.endswith(b"%%EOF\n")
    assert claims(pdf) == ("3", "A", "1")


@pytest.mark.judge
@pytest.mark.parametrize("form", CATALOG.forms, ids=lambda form: f"{form.code}-{form.version}")
def test_verapdf_accepts_a_full_paper_of_every_form_and_its_blank_sheet(
    renderer: Renderer, verapdf: VeraPdf, form: Form, tmp_path: Path
) -> None:
    data = sample(form) or maximal(form, longest=40)
    papers = [job(form.code, data, form=form, attachments=(record(),))]
    if form.layout is Layout.SHEET:
        papers.append(job(form.code, {}, form=form, test=False, blank=True, **BARE))
    for number, asked in enumerate(papers):
        file = tmp_path / f"{number}.pdf"
        file.write_bytes(renderer.render(asked))
        verapdf.accept(file, form=form.code)


@pytest.mark.parametrize("code", ["01/BV1", "36/BV2"])
def test_the_same_job_gives_the_same_bytes_in_any_renderer(renderer: Renderer, code: str) -> None:
    asked = job(code, maximal(CATALOG.get(code)), attachments=(record(),))
    first = renderer.render(asked)
    renderer.render(replace(asked, document_id=DocumentId("019ab000-0000-7000-8000-000000000002")))
    assert renderer.render(asked) == first
    assert Renderer().render(asked) == first


def test_a_renderer_keeps_a_few_compilers_and_a_form_that_comes_again_looks_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(typst_renderer, "WARM", 1)
    renderer, asked = Renderer(), job("36/BV2", minimal(CATALOG.get("36/BV2")))
    first = renderer.render(asked)
    renderer.render(job("16/BV2", minimal(CATALOG.get("16/BV2"))))
    assert len(renderer._compilers) == 1
    assert renderer.render(asked) == first


def test_another_time_gives_other_bytes(renderer: Renderer) -> None:
    asked = job("36/BV2", minimal(CATALOG.get("36/BV2")))
    assert renderer.render(replace(asked, claimed_at=CLAIMED.replace(second=6))) != renderer.render(
        asked
    )


def test_attached_files_come_out_byte_for_byte_with_their_relationship(renderer: Renderer) -> None:
    files = (
        record('{"chữ": "Việt"}\r\n'.encode()),
        Attachment(
            "XML3.xml", "application/xml", "\ufeff<a>ế</a>".encode("utf-16"), "source", "Bảng XML3"
        ),
        Attachment(
            "bytes.bin", "application/octet-stream", bytes(range(256)) * 4, "supplement", "Mọi byte"
        ),
    )
    pdf = renderer.render(job("36/BV2", minimal(CATALOG.get("36/BV2")), attachments=files))
    with pikepdf.open(io.BytesIO(pdf)) as document:
        assert set(document.attachments) == {file.name for file in files}
        assert len(document.Root.AF) == len(files)
        for file in files:
            spec = document.attachments[file.name]
            assert spec.get_file().read_bytes() == file.data
            assert spec.get_file().mime_type == file.media_type
            assert str(spec.obj.AFRelationship) == f"/{file.relationship.capitalize()}"
            assert spec.description == file.description


def test_the_file_is_tagged_vietnamese_and_has_a_title(renderer: Renderer) -> None:
    pdf = renderer.render(job("01/BV1", minimal(CATALOG.get("01/BV1"))))
    with pikepdf.open(io.BytesIO(pdf)) as document:
        assert str(document.Root.Lang).startswith("vi")
        assert document.Root.MarkInfo.Marked
        assert "/Suspects" not in document.Root.MarkInfo
        assert document.Root.ViewerPreferences.DisplayDocTitle
        with document.open_metadata() as xmp:
            assert "Bệnh án Nội khoa" in str(xmp["dc:title"])
        assert "Thử Nghiệm" not in str(document.docinfo.get("/Title", ""))


@pytest.mark.parametrize("code", ["01/BV1", "PCCS/TT01", "GRV/TT25", XML_FORMS[0]])
def test_the_seal_block_names_facility_time_id_and_origin(renderer: Renderer, code: str) -> None:
    face = text(renderer.render(job(code, minimal(CATALOG.get(code)))))
    assert "XÁC NHẬN BẰNG CHỮ KÝ SỐ CỦA CƠ SỞ" in face
    assert "Bệnh viện Đa khoa Thử Nghiệm (Mã cơ sở: 01234)" in face
    assert "22/11/2026 14:00:05" in face
    assert DOCUMENT in face


@pytest.mark.parametrize("code", ["01/BV1", "36/BV2"])
def test_a_test_paper_says_so_on_every_page_and_another_nowhere(
    renderer: Renderer, code: str
) -> None:
    asked = job(code, maximal(CATALOG.get(code)))
    marked, plain = (
        pages(renderer.render(asked)),
        pages(renderer.render(replace(asked, test=False))),
    )
    assert len(marked) > 1
    assert all(squeezed(TEST_MARK) in squeezed(page) for page in marked)
    assert not any("THỬ NGHIỆM –" in page for page in plain)


@pytest.mark.parametrize(
    "code", ["01/BV1", "15/BV1", "36/BV2", "GRV/TT25", "TTHSBA/TT25", "16/BV2", "XML3"]
)
def test_every_page_after_the_first_says_whose_paper_it_is(renderer: Renderer, code: str) -> None:
    first, *others = pages(renderer.render(job(code, maximal(CATALOG.get(code)))))
    header = squeezed("NGUYỄN THỊ THỬ NGHIỆM · 07/03/1958 · BN-000123")
    assert others
    assert all(header in squeezed(page) for page in others)
    assert all(
        squeezed(f"{CATALOG.get(code).title.vi} (tiếp theo)") in squeezed(page) for page in others
    )
    assert header not in squeezed(first)


@pytest.mark.parametrize("code", ["15/BV1", "36/BV2", "GRV/TT25", "TTHSBA/TT25"])
def test_a_paper_with_little_in_it_is_as_short_as_its_template(
    renderer: Renderer, code: str
) -> None:
    sheets = {"15/BV1": 2}.get(code, 1)
    bare = {"patient": UNNAMED, "chart": BARE_CHART}
    assert (
        len(
            pages(
                renderer.render(
                    job(code, minimal(CATALOG.get(code)), attachments=(record(),), **bare)
                )
            )
        )
        == sheets
    )


@pytest.mark.parametrize("code", ["01/BV1", "PCCS/TT01", "GRV/TT25"])
def test_a_paper_of_data_without_a_signature_says_so(renderer: Renderer, code: str) -> None:
    form = CATALOG.get(code)
    signer = form.signatures[-1].name_field or ""
    face = text(renderer.render(job(code, {**minimal(form), signer: "BS. Trần Văn Mẫu"})))
    assert UNSIGNED in face
    assert "BS. Trần Văn Mẫu" in face


@pytest.mark.parametrize("code", XML_FORMS)
def test_a_rendition_of_xml_says_so_and_leaves_clinicians_blocks_empty(
    renderer: Renderer, code: str
) -> None:
    form = CATALOG.get(code)
    named = {block.name_field: "BS. Trần Văn Mẫu" for block in form.signatures if block.name_field}
    face = squeezed(text(renderer.render(job(code, {**minimal(form), **named}))))
    assert squeezed("Bản thể hiện từ dữ liệu XML") in face
    blocks = face[face.rindex(squeezed(form.signatures[0].role.vi)) :] if form.signatures else ""
    assert squeezed("BS. Trần Văn Mẫu") not in blocks


def test_another_document_shows_its_own_title(renderer: Renderer) -> None:
    data = {"ten_tai_lieu": "Biên bản họp gia đình", "noi_dung": "Đã giải thích. " * 600}
    pdf = renderer.render(job("KHAC", data))
    first, second, *_ = pages(pdf)
    assert "BIÊN BẢN HỌP GIA ĐÌNH" in first
    assert "Tài liệu khác" not in first
    assert "Biên bản họp gia đình (tiếp theo)" in second
    with pikepdf.open(io.BytesIO(pdf)) as document, document.open_metadata() as xmp:
        assert "Biên bản họp gia đình" in str(xmp["dc:title"])


def test_a_facilitys_own_form_brings_its_own_layout(renderer: Renderer) -> None:
    layout = (
        '#import "/lib/kho.typ": *\n#show: paper\n#title()\n#entry("Chẩn đoán:", '
        "fields.chan_doan.text)\n#seal"
    )
    form = CATALOG.get("36/BV2").model_copy(update={"layout": Layout.OWN, "layout_text": layout})
    face = text(renderer.render(job("36/BV2", {"chan_doan": "Viêm họng cấp"}, form=form)))
    assert "Chẩn đoán: Viêm họng cấp" in face
    assert "Diễn biến" not in face


def test_a_time_without_its_offset_is_no_signing_time() -> None:
    with pytest.raises(ValueError, match="offset"):
        job("36/BV2", {}, claimed_at=CLAIMED.replace(tzinfo=None))


def test_the_origin_of_a_layout_is_named(renderer: Renderer) -> None:
    said = {
        code: text(renderer.render(job(code, minimal(CATALOG.get(code)))))
        for code in ("01/BV1", "PCCS/TT01", "16/BV2")
    }
    assert "theo mẫu đã ban hành" in said["01/BV1"]
    assert "do Kho dựng theo các trường của mẫu" in said["PCCS/TT01"]
    assert "theo bố cục chung của Kho" in said["16/BV2"]
    for source, words in (("print", "một bản in"), ("predecessor", "4069/2001/QĐ-BYT")):
        form = CATALOG.get("01/BV1").model_copy(update={"layout_source": LayoutSource(source)})
        assert words in text(renderer.render(job("01/BV1", minimal(form), form=form)))


def test_a_ticked_box_is_text_that_is_after_its_option(renderer: Renderer) -> None:
    form = CATALOG.get("01/BV1")
    data = {**minimal(form), "doi_tuong": "3", "ket_qua": "5"}
    face = squeezed(text(renderer.render(job("01/BV1", data))))
    assert squeezed("2.Thu phí 3.Miễn X 4.Khác") in face
    assert squeezed("5. Tử vong X") in face
    assert squeezed("1. Khỏi 4. Nặng hơn") in face
