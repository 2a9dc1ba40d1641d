"""Data that tries to be markup, or that no layout was made for, is shown unchanged and breaks
nothing.
"""

import pytest

from ingest.render.errors import RenderFailed
from ingest.render.typst_renderer import Renderer
from tests.ingest.render.papers import BARE_CHART, CATALOG, PATIENT, job, minimal
from tests.ingest.render.reading import claims, pages, squeezed, text

MARKUP = [
    '#import "/lib/kho.typ": view',
    '#sys.inputs #read("/lib/kho.typ") #panic("x")',
    "$ x^2 $ *đậm* _nghiêng_ `mã` @nhãn <nhãn> ~ -- --- ... 'a' \"b\"",
    "= Tiêu đề\n== Hai\n- mục\n+ số\n/ từ: nghĩa\n1. một",
    "\\ \\n \\u{202e} \\#let //không phải chú thích /* cũng không */",
    "]]] }}} ))) #] #} #)",
    "{name} {{name}} %s %(a)s ${HOME} <script>alert(1)</script> &amp; ' OR 1=1 --",
]


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    return Renderer()


@pytest.mark.parametrize("code", ["01/BV1", "36/BV2", "PCCS/TT01"])
@pytest.mark.parametrize("hostile", MARKUP)
def test_markup_in_data_is_shown_and_never_evaluated(
    renderer: Renderer, code: str, hostile: str
) -> None:
    form = CATALOG.get(code)
    texts = {field.name: hostile for field in form.fields if field.type in ("line", "text")}
    patient = PATIENT.model_copy(update={"name": hostile, "address": hostile})
    pdf = renderer.render(job(code, {**minimal(form), **texts}, patient=patient))
    assert claims(pdf) == ("3", "A", "1")
    assert squeezed(hostile) in squeezed(text(pdf))


@pytest.mark.parametrize(
    "hostile",
    [
        "漢字かな交じり文",
        "👩🏽‍⚕️😀",
        "\u202eabc\u202c",
        "مرحبا שלום",
        "e\u0301\u0302\u0303" * 40,
        "\u00a0\u2003\u3000",
        "\ufb01\ufffd",
    ],
)
def test_characters_without_a_glyph_break_no_pdfa(renderer: Renderer, hostile: str) -> None:
    form = CATALOG.get("01/BV1")
    patient = PATIENT.model_copy(update={"name": hostile, "address": hostile})
    pdf = renderer.render(job("01/BV1", {**minimal(form), "ho_hap": hostile}, patient=patient))
    assert claims(pdf) == ("3", "A", "1")


def test_a_paper_with_codes_for_characters_says_what_they_are(renderer: Renderer) -> None:
    form = CATALOG.get("01/BV1")
    face = text(renderer.render(job("01/BV1", {**minimal(form), "ho_hap": "漢"})))
    assert "‹U+6F22›" in face
    assert "được in bằng mã ‹U+…›" in face
    assert "‹U+…›" not in text(renderer.render(job("01/BV1", minimal(form))))


@pytest.mark.parametrize("code", ["01/BV1", "36/BV2", "16/BV2"])
def test_a_word_without_end_stays_on_the_sheet(renderer: Renderer, code: str) -> None:
    word = "Đ" * 900
    form = CATALOG.get(code)
    texts = {field.name: word for field in form.fields if field.type in ("line", "text")}
    row = {"ten_chi_so": word, "gia_tri": word} if code == "16/BV2" else {}
    rows = {"ket_qua": [row]} if row else {}
    pdf = renderer.render(job(code, {**minimal(form), **texts, **rows}, chart=BARE_CHART))
    assert squeezed("".join(pages(pdf))).count("Đ") >= 900 * len(texts)


def test_fifty_thousand_characters_run_over_pages_and_none_is_lost(renderer: Renderer) -> None:
    long = " ".join(f"dòng{number}" for number in range(6000))
    for code, name in (("01/BV1", "qua_trinh_benh_ly"), ("36/BV2", "chan_doan")):
        pdf = renderer.render(job(code, {**minimal(CATALOG.get(code)), name: long}, test=False))
        shown = text(pdf)
        assert len(pages(pdf)) > 5
        assert all(f"dòng{number}" in shown for number in range(0, 6000, 371))


def test_a_thousand_rows_repeat_the_header_on_every_page(renderer: Renderer) -> None:
    rows = [{"ten_chi_so": f"Chỉ số {number}", "gia_tri": str(number)} for number in range(1000)]
    pdf = renderer.render(job("16/BV2", {**minimal(CATALOG.get("16/BV2")), "ket_qua": rows}))
    with_rows = [page for page in pages(pdf) if "Chỉ số" in page]
    assert len(with_rows) > 10
    assert all("Trị số bình thường" in page for page in with_rows)
    assert "Chỉ số 999" in text(pdf)


def test_what_typst_refuses_is_an_error_without_the_data(renderer: Renderer) -> None:
    broken = CATALOG.get("36/BV2").model_copy(
        update={"layout_text": "#panic(json(bytes(sys.inputs.view)).patient.name)"}
    )
    with pytest.raises(RenderFailed) as refusal:
        renderer.render(job("36/BV2", minimal(broken), form=broken))
    assert "Thử Nghiệm" not in str(refusal.value)
    assert refusal.value.__cause__ is None
    assert refusal.value.__suppress_context__
