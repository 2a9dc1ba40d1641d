"""Finished files of every nature, made here: nothing in them is real."""

import io
from functools import cache

import pikepdf
import pypdfium2
import typst
from pikepdf import Dictionary, Name
from PIL import Image

from ingest.render.fonts import load_fonts
from signing.baseline import BaselineLevel
from signing.seal import Sealer

TEXT = "Người bệnh: NGƯỜI BỆNH MẪU. Chẩn đoán: viêm phổi nặng. Không có thật."


@cache
def plain_pdf(text: str = TEXT, *, pages: int = 1, archival: bool = False) -> bytes:
    """Return a PDF without a signature; `archival`: PDF/A-3a."""
    page = (
        '#set document(title: "Giấy thử")\n#set text(font: "Kho Serif", lang: "vi")\n= PHIẾU '
        f"THỬ\n{text}\n"
    )
    pdf = typst.compile(
        "#pagebreak()\n".join([page] * pages).encode(),
        format="pdf",
        font_paths=load_fonts(),
        pdf_standards=["a-3a"] if archival else ["1.7"],
        timestamp=1_795_300_000,
    )
    assert isinstance(pdf, bytes)
    return pdf + b"\n"


def foreign_pdf(text: str = "Benh an thu") -> bytes:
    """Return a page in a font that it does not bring: Ghostscript must convert it."""
    with pikepdf.open(io.BytesIO(plain_pdf())) as pdf:
        font = Dictionary(
            Type=Name.Font,
            Subtype=Name.Type1,
            BaseFont=Name.Helvetica,
            Encoding=Name.WinAnsiEncoding,
        )
        pdf.pages[0].obj.Resources = Dictionary(Font=Dictionary(F=pdf.make_indirect(font)))
        content = f"BT /F 24 Tf 100 700 Td ({text}) Tj ET"
        pdf.pages[0].obj.Contents = pdf.make_stream(content.encode())
        out = io.BytesIO()
        pdf.save(out)
    return out.getvalue()


def picture(pdf: bytes | None = None, resolution: int = 150) -> Image.Image:
    """Return the first page of a PDF as a scanner would see it."""
    document = pypdfium2.PdfDocument(pdf or plain_pdf())
    try:
        seen: Image.Image = document[0].render(scale=resolution / 72).to_pil().convert("RGB")
    finally:
        document.close()
    return seen


def image_file(kind: str, *, pages: int = 1, mode: str = "L", resolution: int = 150) -> bytes:
    """Return a scan as `JPEG`, `PNG` or `TIFF`; a TIFF may have several pages."""
    scan, out = picture(resolution=resolution).convert(mode), io.BytesIO()
    more = {"save_all": True, "append_images": [scan] * (pages - 1)} if kind == "TIFF" else {}
    scan.save(out, kind, dpi=(resolution, resolution), **more)
    return out.getvalue()


def scanned_pdf(pages: int = 1) -> bytes:
    """Return a PDF whose pages are pictures, as office scanners make them."""
    scan, out = picture().convert("L"), io.BytesIO()
    scan.save(out, "PDF", resolution=150, save_all=True, append_images=[scan] * (pages - 1))
    return out.getvalue()


def signed(sealer: Sealer, *, archival: bool, level: BaselineLevel = BaselineLevel.B_LTA) -> bytes:
    """Return a PDF signed by somebody; `archival`: it is PDF/A."""
    return sealer.seal(
        plain_pdf(archival=archival), claimed_at=sealer.signing_context.clock.now(), level=level
    ).data
