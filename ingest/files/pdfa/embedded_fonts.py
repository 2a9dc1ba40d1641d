"""Whether a file brings every font, also those that show nothing."""

from collections.abc import Iterator
from io import BytesIO

import pikepdf
from pikepdf import Dictionary, Name, Stream

from ingest.files.pdf_entries import dictionary, entries, items
from ingest.files.pdfa.fonts import has_program


def fonts_are_embedded(pdf: bytes) -> bool:
    """Return whether every font of `pdf` is in it, so that it looks the same everywhere."""
    with pikepdf.open(BytesIO(pdf)) as opened:
        return all(_is_embedded(font) for font in _fonts(opened))


def _fonts(pdf: pikepdf.Pdf) -> Iterator[Dictionary]:
    """Yield what may be a font: each dictionary by itself, and those that resources hold."""
    for thing in pdf.objects:
        if isinstance(thing, Dictionary):
            yield thing
        if isinstance(thing, Dictionary | Stream):
            for resources in (thing, dictionary(thing, "/Resources")):
                for font in entries(dictionary(resources, "/Font")).values():
                    if isinstance(font, Dictionary):
                        yield font
                        yield from (d for d in items(font, "/DescendantFonts"))


def _is_embedded(thing: Dictionary) -> bool:
    if thing.get("/Type") != Name.Font or thing.get("/Subtype") in (Name.Type3, Name.Type0):
        return True  # Type 3 draws its own letters; of Type 0 its descendant is looked at
    return has_program(dictionary(thing, "/FontDescriptor"))
