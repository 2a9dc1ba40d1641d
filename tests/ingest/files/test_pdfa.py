"""A claim to be PDF/A is checked; what is PDF/A stays what it is, and what claims it falsely does
not pass. veraPDF is the judge of Kho's own list.
"""

import io
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, Pdf, String

from ingest.files.flattening.flatten import flatten
from ingest.files.limits import FILE_LIMITS
from ingest.files.pdfa.check import check_pdfa
from ingest.files.pdfa.in_place import in_place
from signing.seal import Sealer
from tests.fixtures.pki import RunningPki
from tests.ingest.files.marked import saved
from tests.ingest.files.odd import Odd, corpus
from tests.ingest.files.papers import plain_pdf
from tests.ingest.files.test_examiner import examined
from tests.ingest.files.test_flattening import archived
from tests.judges.verapdf import VeraPdf

ARCHIVAL = plain_pdf(archival=True)


def changed(change: Callable[[Pdf], object], base: bytes = ARCHIVAL) -> bytes:
    """Return a sound PDF/A-3a after `change`."""
    with pikepdf.open(io.BytesIO(base)) as pdf:
        change(pdf)
        return saved(pdf)


def _content(operators: bytes, **state: Name) -> Callable[[Pdf], None]:
    """Return a change that adds `operators`, which may use the graphics state `Odd`."""

    def change(pdf: Pdf) -> None:
        page = pdf.pages[0]
        if state:
            entries = Dictionary({f"/{key}": value for key, value in state.items()})
            page.obj.Resources.ExtGState = Dictionary(Odd=pdf.make_indirect(entries))
        page.contents_add(b"\nq " + operators + b" Q")

    return change


def _foreign_font(pdf: Pdf) -> None:
    font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
    pdf.pages[0].obj.Resources.Font.Odd = pdf.make_indirect(font)
    pdf.pages[0].contents_add(b"\nBT /Odd 9 Tf (x) Tj ET")


def _descendant(pdf: Pdf) -> Dictionary:
    return next(
        thing
        for thing in pdf.objects
        if isinstance(thing, Dictionary) and thing.get("/Subtype") == Name.CIDFontType2
    )


def _widths(pdf: Pdf) -> None:
    _descendant(pdf).W = Array([0, 500, 123])


def _note(pdf: Pdf, **entries: object) -> None:
    note = Dictionary(Type=Name.Annot, Subtype=Name.Text, Rect=Array([9, 9, 29, 29]), F=4)
    for key, value in entries.items():
        note[f"/{key}"] = value
    pdf.pages[0].obj.Annots = Array([pdf.make_indirect(note)])


def _no_intent(pdf: Pdf) -> None:
    del pdf.Root["/OutputIntents"]
    _content(b"1 0 0 rg 9 9 9 9 re f")(pdf)


def _wants_appearances(pdf: Pdf) -> None:
    pdf.Root.AcroForm = Dictionary(NeedAppearances=True, Fields=Array([]))


def _actions(pdf: Pdf) -> None:
    pdf.Root.AA = Dictionary()


def _long_name(pdf: Pdf) -> None:
    pdf.Root.X = Name("/" + "x" * 128)


def _tiny(pdf: Pdf) -> None:
    pdf.pages[0].obj.MediaBox = Array([0, 0, 2, 2])


def _no_map(pdf: Pdf) -> None:
    del _descendant(pdf)["/CIDToGIDMap"]


def _no_profile(pdf: Pdf) -> None:
    pdf.Root.OutputIntents[0].DestOutputProfile.write(b"x")


def _spots(pdf: Pdf) -> None:
    red, black = Array([1, 0, 0]), Array([0, 0, 0])
    tint = Dictionary(FunctionType=2, Domain=Array([0, 1]), C0=black, C1=red, N=1)
    space = Array([Name.DeviceN, Array([Name.Odd]), Name.DeviceRGB, tint])
    pdf.pages[0].obj.Resources.ColorSpace.Spots = pdf.make_indirect(space)
    pdf.pages[0].contents_add(b"\nq /Spots cs 1 sc 9 9 9 9 re f Q")


BROKEN: dict[str, tuple[str, Callable[[Pdf], object]]] = {
    "font that it does not bring": ("6.2.11.4.1", _foreign_font),
    "width of a letter": ("6.2.11.5", _widths),
    "font map": ("6.2.11.3.2", _no_map),
    "ink without intent": ("6.2.4.3", _content(b"0 1 0 0 k 9 9 9 9 re f")),
    "no intent": ("6.2.4.3", _no_intent),
    "no profile": ("6.2.4.2", _no_profile),
    "spot colours": ("6.2.4.4", _spots),
    "transfer function": ("6.2.5", _content(b"/Odd gs 9 9 9 9 re f", TR=Name.Identity)),
    "blend mode": ("6.2.10", _content(b"/Odd gs 9 9 9 9 re f", BM=Name.Odd)),
    "operator": ("6.2.2", _content(b"BX 1 zz EX")),
    "intent of rendering": ("6.2.6", _content(b"/Odd ri")),
    "note without a look": ("6.3.3", _note),
    "hidden note": ("6.3.2", lambda pdf: _note(pdf, F=6)),
    "kind of annotation": ("6.3.1", lambda pdf: _note(pdf, Subtype=Name.Odd)),
    "named action": ("6.5.1", lambda pdf: _note(pdf, A=Dictionary(S=Name.Named, N=Name.Print))),
    "actions of the file": ("6.1", _actions),
    "appearances wanted": ("6.4.1", _wants_appearances),
    "long name": ("6.1.13", _long_name),
    "tiny page": ("6.1.13", _tiny),
}


def test_a_sound_file_is_sound() -> None:
    for data in (plain_pdf(), ARCHIVAL):
        with pikepdf.open(io.BytesIO(data)) as pdf:
            assert check_pdfa(pdf).is_sound


@pytest.mark.parametrize("name", BROKEN)
def test_what_breaks_pdf_a_is_found(name: str) -> None:
    clause, change = BROKEN[name]
    with pikepdf.open(io.BytesIO(changed(change))) as pdf:
        broken = check_pdfa(pdf).broken
    assert any(each.startswith(clause) for each in broken), broken


@pytest.mark.judge
@pytest.mark.parametrize("name", BROKEN)
def test_verapdf_finds_it_too(name: str, verapdf: VeraPdf, tmp_path: Path) -> None:
    (tmp_path / "broken.pdf").write_bytes(changed(BROKEN[name][1]))
    (verdict,) = verapdf.judge([tmp_path / "broken.pdf"], flavours=("3b",))
    assert not verdict.ok


@pytest.mark.parametrize("archival", [True, False])
def test_a_file_that_needs_little_keeps_pages_fonts_and_tags(
    archival: bool, tmp_path: Path
) -> None:
    before = plain_pdf(archival=archival)
    with (
        pikepdf.open(io.BytesIO(archived(before, tmp_path))) as pdfa,
        pikepdf.open(io.BytesIO(before)) as received,
    ):
        assert pdfa.pages[0].Contents.read_bytes() == received.pages[0].Contents.read_bytes()
        assert pdfa.Root.StructTreeRoot.keys() == received.Root.StructTreeRoot.keys()
        assert pdfa.Root.MarkInfo.Marked
        xmp = pdfa.Root.Metadata.read_bytes()
    level = b"A" if archival else b"B"
    assert b"<pdfaid:conformance>" + level in xmp


@pytest.mark.judge
@pytest.mark.parametrize(("archival", "flavour"), [(True, "3a"), (False, "3b")])
def test_verapdf_accepts_what_stays_what_it_is(
    archival: bool, flavour: str, verapdf: VeraPdf, tmp_path: Path
) -> None:
    (tmp_path / "archived.pdf").write_bytes(archived(plain_pdf(archival=archival), tmp_path))
    verapdf.accept(tmp_path / "archived.pdf", form=None, flavours=(flavour,))


@pytest.mark.parametrize("name", ["font that it does not bring", "ink without intent"])
def test_a_false_claim_is_converted(name: str, tmp_path: Path) -> None:
    data = changed(BROKEN[name][1])
    assert in_place(data) == b""
    with pikepdf.open(io.BytesIO(archived(data, tmp_path))) as pdfa:
        assert "/StructTreeRoot" not in pdfa.Root  # Ghostscript drops it


@pytest.mark.parametrize(("name", "nature"), [(None, "signed_pdfa"), ("font map", "signed")])
def test_a_signed_file_that_claims_pdf_a_falsely_goes_under_a_cover(
    name: str | None, nature: str, sealer: Sealer, test_pki: RunningPki
) -> None:
    data = changed(BROKEN[name][1]) if name else ARCHIVAL
    signed = sealer.seal(data, claimed_at=sealer.signing_context.clock.now()).data
    assert examined(signed, trust=test_pki.trust).nature == nature


def _odd() -> list[Odd]:
    return [odd for odd in corpus() if not odd.id.startswith("scan")]


@pytest.mark.judge
def test_verapdf_agrees_with_every_file_that_stays_in_place(
    verapdf: VeraPdf, tmp_path: Path
) -> None:
    kept = 0
    for odd in _odd()[::5]:
        flat = flatten(odd.data, FILE_LIMITS.convert, apart=False)
        if flat.is_tagged_or_claims_pdfa and in_place(flat.pages):
            kept += 1
            (tmp_path / "archived.pdf").write_bytes(archived(odd.data, tmp_path))
            verapdf.accept(tmp_path / "archived.pdf", form=None, flavours=("3b",))
    assert kept > 5


def test_a_note_keeps_its_words(tmp_path: Path) -> None:
    data = changed(lambda pdf: _note(pdf, Contents=String("dị ứng")))
    with pikepdf.open(io.BytesIO(archived(data, tmp_path))) as pdfa:
        assert str(pdfa.pages[0].obj.Annots[0].Contents) == "dị ứng"
        assert "/StructTreeRoot" in pdfa.Root
