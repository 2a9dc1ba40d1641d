"""Putting a document together: attachments, and for what Kho did not render its description as
PDF/A-3b wants it.

pikepdf writes; the same input gives the same bytes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from xml.sax.saxutils import escape

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, String

from archive.base.clock import iso
from ingest.files.navigation import Navigation
from ingest.files.pdf_entries import remove
from ingest.files.pdfa.check import check_pdfa
from ingest.files.pdfa.in_place import conformance
from ingest.files.pdfa.intent import srgb
from ingest.render.job import Attachment, RenderJob

_XMP = Path(__file__).with_name("description.xmp")
# What a plain picture of a paper has no use for: fields, scripts, structure that no longer fits,
# other attachments.
_DROPPED = (
    "/AcroForm",
    "/Names",
    "/AF",
    "/AA",
    "/OpenAction",
    "/StructTreeRoot",
    "/MarkInfo",
    "/Perms",
    "/DSS",
)


@dataclass(frozen=True, slots=True)
class Description:
    """What a file says of itself."""

    title: str
    author: str
    subject: str
    keywords: str
    moment: str  # ISO 8601


def description(paper: RenderJob) -> Description:
    """Return what a document of `paper` says of itself, as a rendered one does."""
    return Description(
        title=paper.form.title.vi,
        author=paper.facility.name,
        subject=paper.form.source,
        keywords=f"{paper.form.code}, {paper.document_id}",
        moment=iso(paper.claimed_at),
    )


def attach(pdf: bytes, attachments: Sequence[Attachment], moment: str) -> bytes:
    """Return `pdf`, a PDF/A-3 of our own making, with more files attached."""
    with pikepdf.open(BytesIO(pdf)) as opened:
        _attach(opened, attachments, moment)
        return _saved(opened)


def bare(pdf: bytes) -> bytes:
    """Return `pdf` without what is no paper's: fields, scripts, structure, attachments.

    What it shows stays.
    """
    with pikepdf.open(BytesIO(pdf)) as opened:
        _strip(opened)
        return _saved(opened)


def finish(
    pdf: bytes,
    source: bytes,
    description: Description,
    attachments: Sequence[Attachment],
    is_in_place: bool,
) -> bytes:
    """Return `pdf`, the PDF/A-3b that was made of `source`, described, with its files, and without
    what is no paper's. Bookmarks, links and comments are those of `source`.

    `is_in_place`: it is the file itself, which has its structure, bookmarks and links. Returns b""
    where the result breaks a rule of PDF/A-3b that Kho can check.
    """
    with pikepdf.open(BytesIO(pdf)) as opened, pikepdf.open(BytesIO(source)) as received:
        navigation = Navigation(received, opened)
        if is_in_place:
            navigation.put_back_comments()
            level = conformance(opened)
        else:
            _strip(opened)
            navigation.put_back()
            level = "B"
        if "/OutputIntents" not in opened.Root:
            opened.Root.OutputIntents = Array([srgb(opened)])
        facts = {name: escape(getattr(description, name)) for name in description.__slots__}
        xmp = _XMP.read_text("utf-8").format(**facts, conformance=level)
        opened.Root.Metadata = opened.make_stream(
            xmp.encode(), Type=Name.Metadata, Subtype=Name.XML
        )
        opened.Root.Lang = String("vi-VN")
        opened.Root.ViewerPreferences = Dictionary(DisplayDocTitle=True)
        remove(opened.trailer, "/Info")
        _attach(opened, attachments, description.moment)
        finished = _saved(opened)
    with pikepdf.open(BytesIO(finished)) as written:
        return b"" if check_pdfa(written).broken else finished


def _strip(pdf: Pdf) -> None:
    remove(pdf.Root, *_DROPPED)
    for page in pdf.pages:
        _calm(page)


def _calm(page: pikepdf.Page) -> None:
    """Remove annotations, and what else of a page belongs to programs."""
    remove(page.obj, "/Annots", "/AA", "/StructParents", "/Metadata", "/PieceInfo")


def _attach(pdf: Pdf, attachments: Sequence[Attachment], moment: str) -> None:
    when = String("D:" + "".join(c for c in moment.partition(".")[0] if c.isdigit()) + "Z")
    names = {name: file.obj for name, file in pdf.attachments.items()}
    associated = list(pdf.Root.get("/AF", Array()))
    for each in attachments:
        stream = pdf.make_stream(
            each.data,
            Type=Name.EmbeddedFile,
            Subtype=Name(f"/{each.media_type}"),
            Params=Dictionary(Size=len(each.data), ModDate=when),
        )
        names[each.name] = pdf.make_indirect(
            Dictionary(
                Type=Name.Filespec,
                F=String(each.name),
                UF=String(each.name),
                Desc=String(each.description),
                AFRelationship=Name(f"/{each.relationship.capitalize()}"),
                EF=Dictionary(F=stream, UF=stream),
            )
        )
        associated.append(names[each.name])
    listed = [part for name in sorted(names) for part in (String(name), names[name])]
    if "/Names" not in pdf.Root:
        pdf.Root.Names = Dictionary()
    pdf.Root.Names.EmbeddedFiles = Dictionary(Names=Array(listed))
    pdf.Root.AF = Array(associated)


def _saved(pdf: Pdf) -> bytes:
    pdf.remove_unreferenced_resources()
    out = BytesIO()
    pdf.save(
        out,
        fix_metadata_version=False,
        force_version="1.7",
        deterministic_id=True,
        object_stream_mode=pikepdf.ObjectStreamMode.disable,
    )
    # one line feed: ISO 19005-3, 6.1.9, after the seal's revision
    return out.getvalue().rstrip(b"\r\n") + b"\n"
