"""A trial of Ghostscript on a page of Kho's own: whether it keeps text, and which version it is.

Ghostscript 10.00.0 to 10.02.0 corrupts the text of some PDFs; Debian 12 brings 10.00.0. Kho
compares every file, so none is archived corrupted. Where Ghostscript corrupts a file that needs
little to be PDF/A, Kho keeps that file in place (`pdfa/in_place.py`).
"""

import re
from dataclasses import dataclass
from io import BytesIO

import pikepdf
from pikepdf import Array, Name, Pdf

from archive.base.bilingual import Text
from archive.base.errors import FileMustWait, SubmissionRejected, Unavailable, Unreadable
from archive.isolation.child import isolated
from ingest.files.converting import Converter
from ingest.files.fidelity import differences
from ingest.files.flattening.typed_text import Typed, typed
from ingest.files.limits import FILE_LIMITS

# https://github.com/ocrmypdf/OCRmyPDF refuses to start with these
_CORRUPTS = (10, 0, 0), (10, 2, 0)
_VERSION = re.compile(r"Ghostscript (\d+)\.(\d+)\.(\d+)")
_WORDS = "Người bệnh: 0123456789 – Đặng Thị Thử, 5,4 mmol/L"
_KNOWN = Text(
    "Ghostscript {version} làm hỏng chữ của một số PDF. Kho không lưu bản bị hỏng. Hãy cài "
    "10.02.1 trở lên.",
    "Ghostscript {version} corrupts the text of some PDFs. Kho archives no corrupted file. "
    "Install 10.02.1 or newer.",
)
_FOUND = Text(
    "Ghostscript {version} làm hỏng trang thử của Kho. Hãy cài bản khác.",
    "Ghostscript {version} corrupts Kho's trial page. Install another version.",
)


@dataclass(frozen=True, slots=True)
class Trial:
    """The result: `version` as numbers, () where it is unknown; `corrupts`: the page changed."""

    version: tuple[int, ...]
    corrupts: bool

    @property
    def warning(self) -> Text | None:
        """What a person must know; None where nothing is wrong."""
        shown = "{}.{:02d}.{}".format(*self.version) if self.version else "?"
        if self.corrupts:
            return _FOUND.fill(version=shown)
        if _CORRUPTS[0] <= self.version <= _CORRUPTS[1]:
            return _KNOWN.fill(version=shown)
        return None


def try_ghostscript(converter: Converter) -> Trial | None:
    """Return what Ghostscript does to a page of Kho's own; None where it cannot be tried now."""
    limits = FILE_LIMITS.for_size(0)
    try:
        page = isolated(limits.convert, trial_page)
        converted = converter.ghostscript(page, limits)
        version = isolated(limits.convert, producer, converted).decode()
        changed = differences(page, converted, limits, text_too=True)
    except (FileMustWait, SubmissionRejected, Unavailable, Unreadable):
        return None  # a file that needs it gets the error
    numbers = _VERSION.search(version)
    return Trial(tuple(map(int, numbers.groups())) if numbers else (), bool(changed))


def trial_page() -> bytes:
    """Return a page with a text that is seen and one that is not, as text recognition adds it."""
    with Pdf.new() as pdf:
        page = pdf.add_blank_page(page_size=(400, 200))
        (words,) = typed(pdf, [Typed(_WORDS, 380, 30, 12)])
        name = page.add_resource(words, Name.XObject)
        seen, unseen = f"q 1 0 0 1 10 100 cm {name} Do Q", f"q 3 Tr 1 0 0 1 10 50 cm {name} Do Q"
        page.contents_add(f"{seen} {unseen}".encode())
        page.obj.CropBox = Array([0, 0, 400, 200])
        out = BytesIO()
        pdf.save(out, deterministic_id=True)
    return out.getvalue()


def producer(pdf: bytes) -> bytes:
    """Return the name of the program that made `pdf`."""
    with pikepdf.open(BytesIO(pdf)) as opened:
        return str(opened.docinfo.get("/Producer", ""))[:200].encode()
