"""The reading copy (bản đọc): a packet's documents as one plain PDF/A-3b, with a list of contents,
never the original.

Pages come over with what they show; signature fields, security stores, attachments, structure and
every active thing stay behind. Each page grows by a strip at its top that says what it is, so that
the mark hides nothing.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pikepdf
import typst
from pikepdf import Dictionary, Name, Pdf

from api.sharing.colours import keep_colours, profile_of, same_profile
from archive.base.clock import for_people, iso
from archive.base.errors import Unreadable
from archive.isolation.child import Limits, isolated, preload
from ingest.render.fonts import load_fonts
from ingest.render.printable import printable
from ingest.render.typst_renderer import ROOT

preload(__name__)
LIMITS = Limits(seconds=300, memory=4 << 30, answer=512 << 20)  # a packet may have half a gigabyte

BAND_MM = 7.0  # on a page as wide as A4; wider pages have a higher band
_BAND_WIDTH_MM = 210.0
_POINTS = 72 / 25.4
_LAYOUT = Path(__file__).with_name("reading_copy.typ")
_XMP = Path(__file__).with_name("reading_copy.xmp")
_WORDS = Path(__file__).with_name("reading_copy.json")
# What a page needs to be shown (ISO 32000-2, 7.7.3.3); all else is for structure, attachments,
# actions or printing.
_PAGE_KEYS = frozenset(
    {
        "/Type",
        "/Parent",
        "/Resources",
        "/MediaBox",
        "/CropBox",
        "/Contents",
        "/Rotate",
        "/Group",
        "/UserUnit",
    }
)


@dataclass(frozen=True, slots=True)
class Chapter:
    """One document of the copy: how the contents name it, and its original."""

    form: str
    title: str
    sha256: str
    original: bytes


@dataclass(frozen=True, slots=True)
class Preface:
    """What the first page says: the patient, the sender, the recipient, the reason and the time."""

    packet_id: str
    facility_name: str
    facility_code: str
    recipient: str
    reason: str
    patient: str
    episode: str
    archive_number: str | None
    created_at: datetime
    test: bool


def reading_copy(preface: Preface, chapters: Sequence[Chapter]) -> bytes:
    """Return the copy, unsealed: the same chapters and preface give the same bytes.

    Raises :class:`archive.base.errors.Unreadable` where an original is no PDF whose pages can be
    read.
    """
    sources: list[Pdf] = []
    try:
        try:
            sources += [pikepdf.open(BytesIO(chapter.original)) for chapter in chapters]
        except pikepdf.PdfError as error:
            raise Unreadable(
                why_vi="không đọc được các trang", why_en="its pages cannot be read"
            ) from error
        counts = [len(source.pages) for source in sources]
        with pikepdf.open(BytesIO(_frame(preface, chapters, counts))) as copy:
            _bind(copy, sources, chapters)
            return _finished(copy, preface)
    finally:
        for source in sources:
            source.close()


def isolated_reading_copy(preface: Preface, chapters: Sequence[Chapter]) -> bytes:
    """Do what :func:`reading_copy` does in a child process with limits, because the originals may
    be untrusted.
    """
    return isolated(LIMITS, reading_copy, preface, tuple(chapters))


def _frame(preface: Preface, chapters: Sequence[Chapter], counts: Sequence[int]) -> bytes:
    """Return the contents and the bands as Typst sets them; contents of any length may take several
    pages.
    """
    words = json.loads(_WORDS.read_text("utf-8"))
    pages, pdf = 1, b""
    for _ in range(3):  # the numbers of pages depend on how many pages the contents take
        content = {
            "content": json.dumps(
                _content(preface, chapters, counts, pages, words), ensure_ascii=False
            )
        }
        pdf = typst.compile(  # type: ignore[call-overload] # its stub wants text and root of one type
            _LAYOUT.read_bytes(),
            root=str(ROOT),
            format="pdf",
            font_paths=load_fonts(),
            sys_inputs=content,
            pdf_standards=["a-3b"],
            timestamp=int(preface.created_at.timestamp()),
            pdf_tags=False,  # level B; the originals are the tagged ones
        )
        assert isinstance(pdf, bytes)
        with pikepdf.open(BytesIO(pdf)) as frame:
            before, pages = pages, len(frame.pages) - len(chapters)
        if pages == before:
            break
    return pdf


def _content(
    preface: Preface,
    chapters: Sequence[Chapter],
    counts: Sequence[int],
    first: int,
    words: dict[str, Any],
) -> dict[str, Any]:
    """Return what `reading_copy.typ` shows."""
    labels = words["facts"]
    facts = {
        "from": f"{preface.facility_name} ({preface.facility_code})",
        "to": preface.recipient,
        "reason": preface.reason,
        "patient": preface.patient,
        "episode": preface.episode,
        "archive_number": preface.archive_number,
        "created_at": for_people(preface.created_at),
        "packet_id": preface.packet_id,
    }
    rows, page = [], first + 1
    for number, (chapter, count) in enumerate(zip(chapters, counts, strict=True), start=1):
        rows.append(
            {
                "number": str(number),
                "form": printable(chapter.form),
                "title": printable(chapter.title),
                "sha256": chapter.sha256,
                "page": str(page),
                "band": words["band"].format(
                    number=number, total=len(chapters), form=printable(chapter.form)
                ),
            }
        )
        page += count
    return {
        "title": words["title"],
        "mark": words["mark"],
        "labels": words["labels"],
        "band_mm": BAND_MM,
        "packet_id": preface.packet_id,
        "facility": {"name": preface.facility_name},
        "facts": [
            {"name": labels[name], "value": printable(value)}
            for name, value in facts.items()
            if value
        ],
        "documents": rows,
        "test": preface.test,
    }


def _bind(copy: Pdf, sources: Sequence[Pdf], chapters: Sequence[Chapter]) -> None:
    """Take the pages of `sources` into `copy`, each under its document's band, and give each
    document an outline.
    """
    contents = len(copy.pages) - len(chapters)
    bands = [copy.make_indirect(page.as_form_xobject()) for page in list(copy.pages)[contents:]]
    del copy.pages[contents:]
    with copy.open_outline() as outline:
        for source, chapter, band in zip(sources, chapters, bands, strict=True):
            outline.root.append(
                pikepdf.OutlineItem(f"{chapter.form} – {chapter.title}", len(copy.pages))
            )
            meant = profile_of(source)
            for page in source.pages:
                for key in set(page.obj.keys()) - _PAGE_KEYS:
                    del page.obj[key]
                drawing = source.make_indirect(page.as_form_xobject())
                if meant is not None and not same_profile(meant, profile_of(copy)):
                    keep_colours(drawing, meant)
                _add_page(copy, copy.copy_foreign(drawing), _seen_size(page), band)


def _seen_size(page: pikepdf.Page) -> tuple[float, float]:
    """Return width and height of a page, in points, as a reader sees it: turned and in its own
    unit.
    """
    box, unit = [float(edge) for edge in page.cropbox], float(page.obj.get("/UserUnit", 1))
    width, height = abs(box[2] - box[0]) * unit, abs(box[3] - box[1]) * unit
    return (height, width) if int(page.get("/Rotate", 0)) % 180 else (width, height)


def _add_page(
    copy: Pdf, drawing: pikepdf.Object, size: tuple[float, float], band: pikepdf.Object
) -> None:
    """Add a page with `drawing`, grown by a strip at its top for `band`, both shown as wide as the
    page is.
    """
    width, height = size
    strip = BAND_MM * _POINTS * width / (_BAND_WIDTH_MM * _POINTS)
    page = copy.add_blank_page(page_size=(width, height + strip))
    page.obj.Resources = Dictionary(XObject=Dictionary({"/Original": drawing, "/Band": band}))
    places = (
        (drawing, Name("/Original"), pikepdf.Rectangle(0, 0, width, height)),
        (band, Name("/Band"), pikepdf.Rectangle(0, height, width, height + strip)),
    )
    for form, name, place in places:
        placed = page.calc_form_xobject_placement(
            form, name, place, invert_transformations=False, allow_shrink=True, allow_expand=True
        )
        page.contents_add(placed)


def _finished(copy: Pdf, preface: Preface) -> bytes:
    """Write the copy's own description over Typst's, and save it the same way each time."""
    moment = iso(preface.created_at)
    title = f"{json.loads(_WORDS.read_text('utf-8'))['title']} {preface.packet_id}"
    xmp = _XMP.read_text("utf-8").format(
        title=escape(title), author=escape(preface.facility_name), moment=moment
    )
    copy.Root.Metadata = copy.make_stream(xmp.encode(), Type=Name.Metadata, Subtype=Name.XML)
    copy.Root.Lang = "vi-VN"
    copy.Root.PageMode = Name.UseOutlines
    copy.Root.ViewerPreferences = Dictionary(DisplayDocTitle=True)
    for key in (
        "/StructTreeRoot",
        "/MarkInfo",
        "/Names",
        "/AF",
        "/Dests",
        "/PageLabels",
        "/AcroForm",
        "/DSS",
    ):
        if key in copy.Root:
            del copy.Root[key]
    if "/Info" in copy.trailer:
        del copy.trailer["/Info"]
    copy.remove_unreferenced_resources()
    out = BytesIO()
    copy.save(
        out,
        fix_metadata_version=False,
        force_version="1.7",
        deterministic_id=True,
        object_stream_mode=pikepdf.ObjectStreamMode.disable,
    )
    # one line feed: ISO 19005-3, 6.1.9, after the seal's revision
    return out.getvalue().rstrip(b"\r\n") + b"\n"
