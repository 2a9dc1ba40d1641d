"""The reading copy shows every page under a band that says what it is, and carries nothing that
acts or hides.
"""

import io
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
import typst

from api.sharing import names
from api.sharing.reading_copy import BAND_MM, Chapter, Preface, isolated_reading_copy, reading_copy
from archive.base.errors import Unreadable
from archive.base.identifiers import sha256
from ingest.render.fonts import load_fonts
from tests.api.sharing.conftest import Workshop
from tests.judges.missing import unjudged
from tests.judges.verapdf import VeraPdf

MARK = "BẢN ĐỌC – không phải bản gốc"
PREFACE = Preface(
    packet_id="01a205be-89ea-70a7-9b8c-a5042a665f97",
    facility_name="Bệnh viện Mẫu",
    facility_code="99001",
    recipient="79002",
    reason="Chuyển tuyến",
    patient="Nguyễn Thị Mẫu",
    episode="LK1",
    archive_number=None,
    created_at=datetime(2026, 11, 23, 0, 11, 42, tzinfo=UTC),
    test=True,
)


def chapter(pdf: bytes, form: str = "36/BV2", title: str = "Phiếu theo dõi điều trị") -> Chapter:
    return Chapter(form, title, sha256(pdf), pdf)


def page(rotate: int = 0, paper: str = "a4", words: str = "Nội dung gốc") -> bytes:
    """Return a PDF/A of one page, turned by `rotate` degrees."""
    source = f'#set page("{paper}"); #set text(font: "Kho Serif"); {words}'
    compiled = typst.compile(
        source.encode(), format="pdf", font_paths=load_fonts(), pdf_standards=["a-3b"], timestamp=0
    )
    assert isinstance(compiled, bytes)
    with pikepdf.open(io.BytesIO(compiled)) as pdf:
        pdf.pages[0].obj["/Rotate"] = rotate
        out = io.BytesIO()
        pdf.save(out, deterministic_id=True)
    return out.getvalue()


def texts(pdf: bytes) -> list[str]:
    document = pypdfium2.PdfDocument(pdf)
    try:
        texts = []
        for page in document:
            words = page.get_textpage()
            texts.append(words.get_text_bounded())
            words.close()
            page.close()
        return texts
    finally:
        document.close()


def test_the_packets_copy_shows_every_page_under_its_band(workshop: Workshop) -> None:
    copy = texts(workshop.files[names.READING_COPY])
    originals = [text for name in workshop.documents for text in texts(workshop.files[name])]
    assert len(copy) == len(originals) + 1
    assert all(MARK in text for text in copy)
    for original, shown in zip(originals, copy[1:], strict=True):
        assert all(line.strip() in shown for line in original.splitlines())
    assert workshop.manifest.packet_id in copy[0]
    assert workshop.manifest.patient.name in copy[0]
    for document in workshop.manifest.documents:
        assert document.title.vi in copy[0]
        assert document.sha256 in copy[0]


@pytest.mark.judge
def test_verapdf_finds_pdfa_3b_before_and_after_the_seal(
    workshop: Workshop, verapdf: VeraPdf, tmp_path: Path
) -> None:
    sealed = tmp_path / "sealed.pdf"
    sealed.write_bytes(workshop.files[names.READING_COPY])
    turned = tmp_path / "turned.pdf"
    pages = [chapter(page(rotate)) for rotate in (0, 90, 180, 270)]
    turned.write_bytes(reading_copy(PREFACE, [*pages, chapter(page(paper="a5"))]))
    for verdict in verapdf.judge([sealed, turned], flavours=("3b",)):
        assert verdict.ok, verdict.explain()


def test_it_is_made_the_same_way_each_time() -> None:
    chapters = [chapter(page()), chapter(page(90))]
    assert reading_copy(PREFACE, chapters) == reading_copy(PREFACE, chapters)


def test_nothing_of_the_originals_but_their_pages_comes_along(workshop: Workshop) -> None:
    originals = [workshop.files[name] for name in workshop.documents]
    with pikepdf.open(
        io.BytesIO(reading_copy(PREFACE, [chapter(original) for original in originals]))
    ) as copy:
        for key in ("/AcroForm", "/DSS", "/Names", "/AF", "/StructTreeRoot", "/OpenAction"):
            assert key not in copy.Root
        assert not any("/Annots" in page.obj or "/StructParents" in page.obj for page in copy.pages)
        types = {
            str(thing.get("/Type", ""))
            for thing in copy.objects
            if isinstance(thing, pikepdf.Dictionary)
        }
        assert types.isdisjoint({"/Sig", "/DocTimeStamp", "/Filespec", "/StructElem", "/DSS"})
        assert not any(
            isinstance(thing, pikepdf.Stream) and thing.get("/Type") == "/EmbeddedFile"
            for thing in copy.objects
        )


def test_actions_and_notes_on_pages_stay_behind() -> None:
    with pikepdf.open(io.BytesIO(page())) as pdf:
        pdf.pages[0].obj["/AA"] = pikepdf.Dictionary(
            O=pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")
        )
        link = pikepdf.Dictionary(
            Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Link, Rect=[0, 0, 9, 9]
        )
        pdf.pages[0].obj["/Annots"] = pikepdf.Array([pdf.make_indirect(link)])
        out = io.BytesIO()
        pdf.save(out)
    copy = reading_copy(PREFACE, [chapter(out.getvalue())])
    assert b"JavaScript" not in copy
    assert b"/Annots" not in copy


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
def test_the_band_is_what_a_reader_sees_at_the_top(rotate: int) -> None:
    pdf = pypdfium2.PdfDocument(reading_copy(PREFACE, [chapter(page(rotate))]))
    try:
        bare = pypdfium2.PdfDocument(page(rotate))
        width, height = bare[0].get_size()
        bare.close()
        shown = pdf[1]
        scale = shown.get_size()[0] / (210 * 72 / 25.4)
        assert shown.get_size() == pytest.approx(
            (width, height + BAND_MM * 72 / 25.4 * scale), abs=0.1
        )
        image = shown.render(scale=1).to_pil().convert("L")
        grey = [image.getpixel((image.width - 3, y)) for y in range(image.height)]
        strip = int(BAND_MM * 72 / 25.4 * scale) - 2
        assert all(value == pytest.approx(235, abs=4) for value in grey[1:strip])
        assert all(value == 255 for value in grey[strip + 5 :])
        shown.close()
    finally:
        pdf.close()


def test_each_document_has_its_outline() -> None:
    copy = reading_copy(
        PREFACE, [chapter(page(), "01/BV1", "Bệnh án nội khoa"), chapter(page(), "36/BV2", "Phiếu")]
    )
    with pikepdf.open(io.BytesIO(copy)) as pdf, pdf.open_outline() as outline:
        assert [item.title for item in outline.root] == [
            "01/BV1 – Bệnh án nội khoa",
            "36/BV2 – Phiếu",
        ]


def test_many_documents_make_a_longer_list_of_contents() -> None:
    original = page()
    copy = texts(
        reading_copy(PREFACE, [chapter(original, title=f"Phiếu số {n}") for n in range(60)])
    )
    contents = len(copy) - 60
    assert contents > 1
    assert all(MARK in text for text in copy)
    assert f"{contents + 1}" in copy[0].split("Phiếu số 0")[1]


def test_text_that_the_fonts_lack_is_shown_by_its_code() -> None:
    copy = texts(reading_copy(replace(PREFACE, reason="lý do 中 \u202e đảo"), [chapter(page())]))
    assert "‹U+4E2D›" in copy[0]
    assert "‹U+202E›" in copy[0]


def test_what_is_no_pdf_is_refused() -> None:
    with pytest.raises(Unreadable):
        reading_copy(PREFACE, [chapter(b"%PDF-1.7\nnothing")])


# --- pages of other makes
# --------------------------------------------------------------------------------------------------


def cmyk_page() -> bytes:
    """Return a PDF/A whose one page is in device CMYK, in the page and in a form that it draws."""
    with pikepdf.open(io.BytesIO(page(words=""))) as pdf:
        profile = pdf.make_stream(cmyk_profile(), N=4)
        pdf.Root.OutputIntents[0].DestOutputProfile = profile
        form = pdf.make_stream(
            b"0 1 0 0 k 100 100 200 200 re f",
            Type=pikepdf.Name.XObject,
            Subtype=pikepdf.Name.Form,
            BBox=[0, 0, 600, 800],
            Resources=pikepdf.Dictionary(),
        )
        pdf.pages[0].obj.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(F=form))
        pdf.pages[0].obj.Contents = pdf.make_stream(b"1 0 0 0 k 0 0 100 100 re f /F Do")
        out = io.BytesIO()
        pdf.save(out, deterministic_id=True)
    return out.getvalue()


def cmyk_profile() -> bytes:
    """Return a CMYK profile that Ghostscript brings, wherever this machine keeps it."""
    profiles = sorted(Path("/usr/share").glob("**/default_cmyk.icc"))
    if not profiles:
        unjudged("Ghostscript's CMYK profile is not on this machine")
    return profiles[0].read_bytes()


def test_pages_in_other_colours_keep_their_own_profile(verapdf: VeraPdf, tmp_path: Path) -> None:
    copy = reading_copy(PREFACE, [chapter(page()), chapter(cmyk_page())])
    (tmp_path / "copy.pdf").write_bytes(copy)
    (verdict,) = verapdf.judge([tmp_path / "copy.pdf"], flavours=("3b",))
    assert verdict.ok, verdict.explain()
    assert copy.count(b"/DefaultCMYK") == 2  # the page, and the form that it draws


def test_a_hostile_original_ends_its_own_process_and_no_packet_is_made() -> None:
    with pytest.raises(Unreadable):
        isolated_reading_copy(PREFACE, [chapter(b"%PDF-1.7 no pages")])


def test_the_child_makes_the_same_bytes() -> None:
    assert isolated_reading_copy(PREFACE, [chapter(page())]) == reading_copy(
        PREFACE, [chapter(page())]
    )
