"""What a file shows becomes content of its pages, and what it hides stays behind."""

import io
from pathlib import Path

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, String

from archive.base.clock import SystemClock
from archive.base.errors import SubmissionRejected
from archive.files.working_folders import WorkingFolders
from ingest.files.assembling import Description
from ingest.files.converting import Converter
from ingest.files.examiner import Examiner
from ingest.files.flattening.flatten import flatten
from ingest.files.limits import FILE_LIMITS
from ingest.files.scanner import NoScanner
from signing.trust import TrustRoots
from tests.ingest.files.hostile import changed
from tests.ingest.files.marked import (
    BASES,
    BOX,
    HIDDEN_FLAGS,
    INK,
    annotation,
    darkness,
    drawn,
    field,
    look,
    marked,
    owned,
    saved,
    seen,
    ticked,
)
from tests.ingest.files.papers import plain_pdf, scanned_pdf
from tests.judges.missing import require_program
from tests.judges.verapdf import VeraPdf

DESCRIPTION = Description("Phiếu", "Bệnh viện", "TT 32", "36/BV2", "2026-11-22T07:00:00.000Z")
QUAD = Array([302, 528, 410, 528, 302, 505, 410, 505])
NAME = String("Nguyễn Văn Thử")


def archived(data: bytes, folder: Path) -> bytes:
    """Return the PDF/A that Kho makes of a file on its way in."""
    require_program("gs", "tesseract")
    file = Examiner(TrustRoots([]), NoScanner(), SystemClock()).examine("a.pdf", data, None, "/f")
    return Converter(WorkingFolders(folder)).convert(file, DESCRIPTION, [], "/f")


def text(pdf: bytes) -> str:
    """Return the text of the pages of `pdf` in one line."""
    import pypdfium2

    document = pypdfium2.PdfDocument(pdf)
    try:
        return " ".join(" ".join(page.get_textpage().get_text_range().split()) for page in document)
    finally:
        document.close()


SHOWN = {
    "stamp without the print flag": drawn("Stamp", F=0),
    "stamp": drawn("Stamp"),
    "field with a look": field("Tx", V=NAME, AP={"N": look()}),
    "ticked box": ticked(),
    "drawing by hand": drawn("Ink"),
    "kind that no standard knows": drawn("Strange"),
    "kind that is no word": drawn("x-y <b>"),
    "turned look": drawn("Stamp", AP={"N": look(Matrix=Array([0, 1, -1, 0, 0, 0]))}),
    "typed text": annotation(
        "FreeText", Contents=String("Liều mới: 5 mg"), DA=String("/Helv 12 Tf 1 0 0 rg")
    ),
    "square": annotation("Square", C=Array([1, 0, 0]), BS=Dictionary(W=3)),
    "circle": annotation("Circle", IC=Array([0.5]), C=Array([0, 0, 1])),
    "line": annotation("Line", L=Array([302, 505, 415, 525]), LE=Array([Name.OpenArrow] * 2)),
    "polygon": annotation("Polygon", Vertices=Array([302, 502, 410, 505, 360, 528])),
    "polyline": annotation("PolyLine", Vertices=Array([302, 502, 410, 505, 360, 528])),
    "hand": annotation("Ink", InkList=Array([Array([302, 502, 360, 528, 410, 505])])),
    "marker": annotation("Highlight", QuadPoints=QUAD),
    "underline": annotation("Underline", QuadPoints=QUAD),
    "struck out": annotation("StrikeOut", QuadPoints=QUAD),
    "squiggly": annotation("Squiggly", QuadPoints=QUAD),
    "stamp by its name": annotation("Stamp", Name=Name.Approved),
    "caret": annotation("Caret"),
    "sticky note": annotation("Text", Contents=String("dị ứng penicillin")),
    "attached file": annotation("FileAttachment", FS=Dictionary(Type=Name.Filespec, F=String("a"))),
    "box without a look": field("Btn", V=Name.Yes, AS=Name.Yes),
    "crossed box": field("Btn", V=Name.Yes, AS=Name.Yes, MK=Dictionary(CA=String("8"))),
    "radio button": field("Btn", V=Name.a, AS=Name.a, Ff=1 << 15),
    "frame of an empty field": field("Tx", MK=Dictionary(BC=Array([0]), BG=Array([0.8]))),
}


@pytest.mark.parametrize("name", SHOWN)
def test_what_a_reader_shows_is_content_of_the_page(name: str) -> None:
    flat = flatten(marked(plain_pdf(), SHOWN[name]), FILE_LIMITS.convert, apart=False)
    assert darkness(plain_pdf()) == 0
    assert darkness(flat.pages) > 20
    assert [mark.page for mark in flat.marks] == [0]
    with pikepdf.open(io.BytesIO(flat.pages)) as pdf:
        assert not list(pdf.pages[0].obj.get("/Annots", []))
        assert "/AcroForm" not in pdf.Root


HIDDEN = {
    **{name: drawn("Ink", F=flags) for name, flags in HIDDEN_FLAGS.items()},
    "hidden field": field("Tx", F=2, V=NAME, AP={"N": look()}),
    "box without a tick": ticked("Off"),
    "comment's window": annotation("Popup", Open=True, Contents=String("x")),
    "answer in a comment": annotation("Text", Contents=String("x"), IRT=Dictionary()),
    "place for a signature": field("Sig"),
    "empty field": field("Tx"),
    "no area": drawn("Ink", Rect=Array([300, 500, 300, 500])),
}


@pytest.mark.parametrize("name", HIDDEN)
def test_what_a_reader_hides_stays_behind(name: str) -> None:
    flat = flatten(marked(plain_pdf(), HIDDEN[name]), FILE_LIMITS.convert, apart=False)
    assert seen(flat.pages).tobytes() == seen(plain_pdf()).tobytes()


TYPED = {
    "asked for": (field("Tx", V=NAME, AP={"N": look()}), {"NeedAppearances": True}),
    "no look": (field("Tx", V=NAME), {}),
    "inherited": (field("Tx"), {}),
    "lines": (field("Tx", V=String("Nguyễn Văn\rThử"), Ff=1 << 12), {}),
    "combs": (field("Tx", V=String("NguyễnVănThử"), Ff=1 << 24, MaxLen=12), {}),
    "as large as fits": (field("Tx", V=NAME, DA=String("/Helv 0 Tf 0 g")), {}),
    "choice": (
        field("Ch", V=String("1"), Opt=Array([Array([String("1"), NAME])]), Ff=1 << 17),
        {},
    ),
    "turned": (field("Tx", V=NAME, Rect=Array([300, 500, 330, 620]), MK=Dictionary(R=90)), {}),
    "button": (field("Btn", Ff=1 << 16, MK=Dictionary(CA=NAME)), {}),
}


@pytest.mark.parametrize("name", TYPED)
def test_a_field_without_a_look_is_typed(name: str) -> None:
    widget, form = TYPED[name]
    if name == "inherited":
        parent = Dictionary(FT=Name.Tx, V=NAME, DA=String("/Helv 12 Tf 0 g"))
        widget = {**{key: widget[key] for key in widget if key != "FT"}, "Parent": parent}
    data = marked(plain_pdf(), widget, form=form)
    flat = flatten(data, FILE_LIMITS.convert, apart=False)
    assert "NguyễnVănThử" in text(flat.pages).replace(" ", "")


def test_a_letter_that_cannot_be_shown_is_named_with_its_page(tmp_path: Path) -> None:
    with pytest.raises(SubmissionRejected) as refused:
        archived(marked(plain_pdf(), field("Tx", V=String("薬"))), tmp_path)
    (fault,) = refused.value.faults
    assert fault.code == "file.not_faithful"
    assert "page 1" in fault.message.en
    assert "U+85AC" in fault.message.en


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
@pytest.mark.parametrize("unit", [1, 2])
def test_an_annotation_stays_where_it_is_seen(rotation: int, unit: int, tmp_path: Path) -> None:
    with pikepdf.open(io.BytesIO(marked(plain_pdf(), drawn("Stamp")))) as pdf:
        page = pdf.pages[0].obj
        page.Rotate, page.UserUnit = rotation, unit
        page.CropBox = Array([20, 30, 580, 800])
        data = saved(pdf)
    assert archived(data, tmp_path)


@pytest.mark.judge
@pytest.mark.parametrize("base", BASES)
@pytest.mark.parametrize(
    "name", ["stamp without the print flag", "ticked box", "sticky note", "field with a look"]
)
def test_fields_and_stamps_are_archived_as_they_look(
    base: str, name: str, verapdf: VeraPdf, tmp_path: Path
) -> None:
    pdfa = archived(marked(BASES[base](), SHOWN[name]), tmp_path)
    assert darkness(pdfa) > 20
    assert "NGƯỜI BỆNH MẪU" in text(pdfa)
    (tmp_path / "archived.pdf").write_bytes(pdfa)
    verapdf.accept(tmp_path / "archived.pdf", form=None, flavours=("3b",))


def test_a_filled_form_keeps_its_words(tmp_path: Path) -> None:
    data = marked(plain_pdf(), field("Tx", V=NAME), form={"NeedAppearances": True})
    assert "Nguyễn Văn Thử" in text(archived(data, tmp_path))


@pytest.mark.parametrize("flags", HIDDEN_FLAGS.values(), ids=HIDDEN_FLAGS)
def test_a_hidden_annotation_never_becomes_visible(flags: int, tmp_path: Path) -> None:
    pdfa = archived(marked(plain_pdf(), drawn("Ink", F=flags)), tmp_path)
    assert darkness(pdfa) == 0
    with pikepdf.open(io.BytesIO(pdfa)) as pdf:
        assert "/Annots" not in pdf.pages[0].obj


def test_a_hidden_annotation_of_a_scan_never_becomes_visible(tmp_path: Path) -> None:
    pdfa = archived(marked(scanned_pdf(), drawn("Ink", F=2)), tmp_path)
    assert darkness(pdfa) == 0


def layered(state: str) -> bytes:
    """Return a page with a drawing and a text on a layer that is `ON` or `OFF`."""

    def add(pdf: pikepdf.Pdf) -> None:
        layer = pdf.make_indirect(Dictionary(Type=Name.OCG, Name=String("Lớp")))
        config = Dictionary({"/Order": Array([layer]), f"/{state}": Array([layer])})
        pdf.Root.OCProperties = Dictionary(OCGs=Array([layer]), D=config)
        page = pdf.pages[0]
        font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
        page.obj.Resources.Font.Other = font
        page.obj.Resources.Properties = Dictionary(Layer=layer)
        drawing = b"q 1 0 0 rg 300 500 120 30 re f Q BT /Other 12 Tf 50 300 Td (LAYER) Tj ET"
        content = b"\n/OC /Layer BDC " + drawing + b" EMC"
        page.contents_add(pdf.make_stream(content))

    return changed(add)


@pytest.mark.parametrize(("state", "there"), [("ON", True), ("OFF", False)])
def test_a_layer_is_kept_where_a_reader_shows_it(state: str, there: bool, tmp_path: Path) -> None:
    pdfa = archived(layered(state), tmp_path)
    assert (darkness(pdfa) > 0) == there
    assert ("LAYER" in text(pdfa)) == there


def led() -> bytes:
    """Return two pages without tags, with bookmarks, a link to page 2, a link to the web and a
    comment: Ghostscript converts it.
    """
    with pikepdf.open(io.BytesIO(plain_pdf(pages=2))) as pdf:
        for name in ("/StructTreeRoot", "/MarkInfo"):
            if name in pdf.Root:
                del pdf.Root[name]
        second = pdf.pages[1]
        with pdf.open_outline() as outline:
            outline.root.clear()
            item = pikepdf.OutlineItem("Kết quả", 0)
            item.children.append(pikepdf.OutlineItem("Đơn thuốc", 1))
            outline.root.append(item)
        pdf.Root.Names = Dictionary(
            Dests=Dictionary(Names=Array([String("two"), Array([second.obj, Name.Fit])]))
        )
        inside = annotation("Link", Dest=String("two"))
        outside = annotation("Link", A=Dictionary(S=Name.URI, URI=String("https://example.org/")))
        words = annotation(
            "Highlight", Contents=String("xem lại"), T=String("BS. Thử"), QuadPoints=QUAD
        )
        listed = [pdf.make_indirect(owned(pdf, each)) for each in (inside, outside, words)]
        pdf.pages[0].obj.Annots = Array(listed)
        pdf.pages[0].obj.Rotate = 90
        return saved(pdf)


def test_bookmarks_links_and_the_words_of_comments_are_kept(tmp_path: Path) -> None:
    with pikepdf.open(io.BytesIO(archived(led(), tmp_path))) as pdf:
        with pdf.open_outline() as outline:
            (item,) = outline.root
            assert item.title == "Kết quả"
            assert [child.title for child in item.children] == ["Đơn thuốc"]
            goal = pdf.Root.Outlines.First.First.Dest[0]
            assert goal.objgen == pdf.pages[1].obj.objgen
        first, second, comment = pdf.pages[0].obj.Annots
        assert first.Dest[0].objgen == pdf.pages[1].obj.objgen
        assert str(second.A.URI) == "https://example.org/"
        # the page is turned: its left edge was the lower one
        assert [float(edge) for edge in first.Rect] == pytest.approx([500, 175, 530, 295], abs=1)
        assert (comment.Subtype, str(comment.Contents), str(comment["/T"])) == (
            Name.Text,
            "xem lại",
            "BS. Thử",
        )


@pytest.mark.judge
def test_verapdf_accepts_bookmarks_links_and_comments(verapdf: VeraPdf, tmp_path: Path) -> None:
    (tmp_path / "archived.pdf").write_bytes(archived(led(), tmp_path))
    verapdf.accept(tmp_path / "archived.pdf", form=None, flavours=("3b",))


def test_what_leads_in_circles_ends(tmp_path: Path) -> None:
    with pikepdf.open(io.BytesIO(led())) as pdf:
        first = pdf.Root.Outlines.First
        first.Next, first.First.First = first, first
        data = saved(pdf)
    with pikepdf.open(io.BytesIO(archived(data, tmp_path))) as pdf:
        assert str(pdf.Root.Outlines.First.Title) == "Kết quả"


def test_the_drawing_of_a_hand_is_where_it_was() -> None:
    data = marked(plain_pdf(), drawn("Ink", INK))
    flat = flatten(data, FILE_LIMITS.convert, apart=False)
    assert seen(flat.pages).tobytes() == seen(data).tobytes()
    assert [mark.box for mark in flat.marks] == [BOX]
