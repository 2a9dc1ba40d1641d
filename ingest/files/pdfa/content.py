"""What content streams draw: operators, device colours, and the strings of each font."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

import pikepdf
from pikepdf import ContentStreamInlineImage, Dictionary, Name, Pdf, Stream, String

from ingest.files.annotations import annotations
from ingest.files.pdf_entries import dictionary, entries
from ingest.files.pdfa.clauses import Clauses
from ingest.files.pdfa.lists import INTENTS, OPERATORS

_DEVICE = {"g": "Gray", "G": "Gray", "rg": "RGB", "RG": "RGB", "k": "CMYK", "K": "CMYK"}
_NAMED = {
    "/DeviceGray": "Gray",
    "/DeviceRGB": "RGB",
    "/DeviceCMYK": "CMYK",
    "/G": "Gray",
    "/RGB": "RGB",
    "/CMYK": "CMYK",
}
_SHOW = frozenset({"Tj", "'", '"', "TJ"})
_USES_NAMES = {"Do": "/XObject", "Tf": "/Font", "gs": "/ExtGState", "sh": "/Shading"}
_DEEPEST_STATE = 28  # 6.1.13
_DEEPEST, _MOST_STREAMS = 30, 20_000


@dataclass
class Drawn:
    """What a file draws: device colour spaces, and fonts with the strings that they show."""

    devices: set[str] = field(default_factory=set)
    strings: dict[tuple[int, int], set[bytes]] = field(default_factory=lambda: defaultdict(set))
    fonts: dict[tuple[int, int], Dictionary] = field(default_factory=dict)


class ContentReader:
    """Reads every content stream that a file shows, once."""

    def __init__(self, clauses: Clauses) -> None:
        self.drawn = Drawn()
        self._clauses, self._seen = clauses, set[tuple[int, int]]()

    def read(self, pdf: Pdf) -> Drawn:
        """Return what the pages and annotations of `pdf` draw."""
        for page in pdf.pages:
            if "/Resources" not in page.obj:
                self._clauses.unchecked.add("6.2.2 inherited resources")
            self._stream(page, page.resources, 0)
            for annotation in annotations(page):
                self._looks(dictionary(annotation, "/AP").get("/N"))
        return self.drawn

    def _looks(self, normal: pikepdf.Object | None) -> None:
        if isinstance(normal, Stream):
            self._form(normal, 0)
        elif isinstance(normal, Dictionary):
            for look in entries(normal).values():
                if isinstance(look, Stream):
                    self._form(look, 0)

    def _form(self, form: Stream, depth: int) -> None:
        if form.objgen in self._seen or len(self._seen) > _MOST_STREAMS or depth > _DEEPEST:
            return
        self._seen.add(form.objgen)
        self._stream(form, dictionary(form, "/Resources"), depth)

    def _stream(
        self, content: pikepdf.Object | pikepdf.Page, resources: Dictionary, depth: int
    ) -> None:
        self._resources(resources, depth)
        font: Dictionary | None = None
        fonts: list[Dictionary | None] = []
        for instruction in pikepdf.parse_content_stream(content):
            if isinstance(instruction, ContentStreamInlineImage):
                self._inline(instruction, resources)
                continue
            operator, operands = str(instruction.operator), instruction.operands
            self._clauses.require(operator in OPERATORS, "6.2.2 operator")
            if operator in _DEVICE:
                self.drawn.devices.add(_DEVICE[operator])
            elif operator in ("cs", "CS"):
                self._space_named(str(operands[0]), resources)
            elif operator in _USES_NAMES:
                held = dictionary(resources, _USES_NAMES[operator])
                self._clauses.require(str(operands[0]) in held, "6.2.2 resources")
                if operator == "Tf":
                    font = self._font(held.get(str(operands[0])))
            elif operator in _SHOW and font is not None:
                self._show(font, operands)
            elif operator == "ri":
                self._clauses.require(str(operands[0]) in INTENTS, "6.2.6 intent")
            elif operator == "q":
                fonts.append(font)
                self._clauses.require(len(fonts) <= _DEEPEST_STATE, "6.1.13 q")
            elif operator == "Q" and fonts:
                font = fonts.pop()

    def _font(self, font: pikepdf.Object | None) -> Dictionary | None:
        if not isinstance(font, Dictionary):
            return None
        if not font.is_indirect:
            self._clauses.unchecked.add("6.2.11 a font without a number")
            return None
        self.drawn.fonts[font.objgen] = font
        return font

    def _show(self, font: Dictionary, operands: Iterable[object]) -> None:
        shown = self.drawn.strings[font.objgen]
        for operand in operands:
            parts = operand if isinstance(operand, pikepdf.Array) else [operand]
            shown.update(bytes(part) for part in parts if isinstance(part, String))

    def _inline(self, instruction: ContentStreamInlineImage, resources: Dictionary) -> None:
        image = instruction.iimage.obj
        interpolate = image.get("/I", image.get("/Interpolate", False))
        self._clauses.require(not interpolate, "6.2.8 interpolate")
        space = image.get("/CS", image.get("/ColorSpace"))
        if isinstance(space, Name):
            self._space_named(str(space), resources)
        elif space is not None:
            self._clauses.unchecked.add("6.2.4 an inline image's colours")
        stated = image.get("/F", image.get("/Filter"))
        filters = [stated] if isinstance(stated, Name) else list(stated or ())
        self._clauses.require(not {"/LZW", "/LZWDecode"} & set(map(str, filters)), "6.1.10 LZW")

    def _space_named(self, name: str, resources: Dictionary) -> None:
        if name in _NAMED:
            self.drawn.devices.add(_NAMED[name])
        elif name != "/Pattern":
            held = dictionary(resources, "/ColorSpace")
            self._clauses.require(name in held, "6.2.2 resources")

    def _resources(self, resources: Dictionary, depth: int) -> None:
        for thing in entries(dictionary(resources, "/XObject")).values():
            if isinstance(thing, Stream) and thing.get("/Subtype") == Name.Form:
                self._form(thing, depth + 1)
        for pattern in entries(dictionary(resources, "/Pattern")).values():
            if isinstance(pattern, Stream):
                self._form(pattern, depth + 1)
        for font in entries(dictionary(resources, "/Font")).values():
            if isinstance(font, Dictionary) and font.get("/Subtype") == Name.Type3:
                for glyph in entries(dictionary(font, "/CharProcs")).values():
                    if isinstance(glyph, Stream) and glyph.objgen not in self._seen:
                        self._seen.add(glyph.objgen)
                        self._stream(glyph, dictionary(font, "/Resources"), depth + 1)
        for state in entries(dictionary(resources, "/ExtGState")).values():
            mask = state.get("/SMask") if isinstance(state, Dictionary) else None
            group = mask.get("/G") if isinstance(mask, Dictionary) else None
            if isinstance(group, Stream):
                self._form(group, depth + 1)
