"""Makes the gallery of forms: each form, blank and filled, beside its official template.

`docs/forms/*.webp` are small pictures, `docs/forms/README.md` shows them. `build/forms-gallery.pdf`
has the same pages sharp, to be looked at. Run `make forms-gallery ARGS=FOLDER`; FOLDER holds the
official templates as `01_BV1.pdf`. Without it the pictures show Kho's own sheets only.
"""

import argparse
import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

import pikepdf
import pypdfium2
from PIL import Image

from archive.base.identifiers import FacilityCode
from ingest.forms.catalog import FormCatalog
from ingest.forms.model import Form
from ingest.forms.samples import sample
from ingest.render.job import FacilityFace
from ingest.render.preview import about_sample, preview_job
from ingest.render.typst_renderer import Renderer
from ingest.samples.generate import generate
from ingest.sources.detect import parse_source
from ingest.submission import Paper, Submission

FOLDER = Path(__file__).parent / "forms"
SHARP = Path(__file__).parent.parent / "build" / "forms-gallery.pdf"
CODE = FacilityCode("01TST")
FACILITY = FacilityFace(CODE, "Bệnh viện Thí Dụ", "Sở Y tế Thí Dụ", "Số 1 đường Mẫu, Thí Dụ")
NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
WIDE, HIGH, GAP = 210, 297, 6  # an A4 page in small pictures, in pixels; in the PDF, in millimetres
POINTS = 72 / 25.4
QUALITY = 30


@dataclass(frozen=True, slots=True)
class Sheets:
    """One form: its official template where it is at hand, its blank sheet, its filled example."""

    form: Form
    official: bytes | None
    blank: bytes
    filled: bytes

    @property
    def columns(self) -> list[bytes]:
        """The PDFs that are shown side by side."""
        return [pdf for pdf in (self.official, self.blank, self.filled) if pdf is not None]

    @property
    def name(self) -> str:
        """The name of its picture."""
        return f"{self.form.code.replace('/', '-')}-v{self.form.version}.webp"


def main() -> None:
    """Make every picture, the page that shows them, and the PDF again."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("templates", nargs="?", type=Path, help="folder of the official templates")
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.glob("*.webp"):
        old.unlink()
    shown = []
    with pikepdf.new() as sharp:
        for sheets in every_form(parser.parse_args().templates):
            picture(sheets).save(FOLDER / sheets.name, quality=QUALITY, method=6)
            add_pages(sharp, sheets)
            shown.append(sheets)
        SHARP.parent.mkdir(exist_ok=True)
        sharp.save(SHARP, compress_streams=True)
    (FOLDER / "README.md").write_text(page(shown), "utf-8")


def every_form(templates: Path | None) -> Iterator[Sheets]:
    """Yield the sheets of the newest version of each form."""
    catalog, renderer, others = FormCatalog.load(), Renderer(), demonstration()
    for form in sorted(catalog.newest(), key=lambda form: form.code):
        data = sample(form) or (others[form.code].data if form.code in others else None)
        if data is None:  # KHAC: a paper of another maker
            continue
        blank = preview_job(form, None, FACILITY, NOW)
        filled = about_sample(replace(blank, data=data, blank=False, preview=False, test=True))
        template = templates and templates / f"{form.code.replace('/', '_')}.pdf"
        yield Sheets(
            form,
            template.read_bytes() if template and template.exists() else None,
            renderer.render(blank),
            renderer.render(filled),
        )


def demonstration() -> dict[str, Paper]:
    """Return a paper of each form that the demonstration's set has."""
    papers: dict[str, Paper] = {}
    catalog = FormCatalog.load()
    for name, data in generate(20, seed=1, facility=CODE, today=date(2026, 11, 22)):
        for parsed in parse_source(name, data, catalog, CODE):
            if isinstance(parsed, Submission):
                papers |= {paper.form: paper for paper in parsed.papers if paper.file is None}
    return papers


def picture(sheets: Sheets) -> Image.Image:
    """Return small pictures of all pages: a column for each PDF."""
    columns = [[small(pdf, number) for number in range(count(pdf))] for pdf in sheets.columns]
    rows = max(map(len, columns))
    whole = Image.new("L", (len(columns) * (WIDE + GAP), rows * (HIGH + GAP)), 190)
    for column, pages in enumerate(columns):
        for row, image in enumerate(pages):
            whole.paste(image, (column * (WIDE + GAP), row * (HIGH + GAP)))
    return whole


def small(pdf: bytes, number: int) -> Image.Image:
    """Return one page as a small picture."""
    with pypdfium2.PdfDocument(pdf) as document:
        image: Image.Image = document[number].render(scale=1).to_pil().convert("L")
    image.thumbnail((WIDE, HIGH), Image.Resampling.LANCZOS)
    return image


def count(pdf: bytes) -> int:
    """Return how many pages `pdf` has."""
    with pypdfium2.PdfDocument(pdf) as document:
        return len(document)


def add_pages(sharp: pikepdf.Pdf, sheets: Sheets) -> None:
    """Add the pages of one form to the PDF: row by row, side by side."""
    opened = [pikepdf.open(io.BytesIO(pdf)) for pdf in sheets.columns]
    wide, high = WIDE * POINTS, HIGH * POINTS
    for row in range(max(len(document.pages) for document in opened)):
        target = sharp.add_blank_page(page_size=(wide * len(opened), high))
        for column, document in enumerate(opened):
            if row < len(document.pages):
                place = pikepdf.Rectangle(column * wide, 0, (column + 1) * wide, high)
                target.add_overlay(document.pages[row], place)
    for document in opened:
        document.close()


def page(shown: list[Sheets]) -> str:
    """Return the page that shows every picture."""
    lines = [
        "# Every form, blank and filled",
        "",
        "`make forms-gallery` makes these pictures. The pages of the official template are on the",
        "left, where there is one. Beside them are Kho's blank sheet and the filled example, which",
        "is invented.",
        "",
    ]
    for sheets in shown:
        form = sheets.form
        lines += [
            f"## {form.code} {form.title.vi}",
            "",
            f"{form.source}. Layout: {form.layout_source}.",
            "",
            f"![{form.code}]({sheets.name})",
            "",
        ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
