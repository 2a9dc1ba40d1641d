"""Whether each letter that a file shows has its glyph and its width (ISO 19005-3, 6.2.11)."""

import codecs
from collections.abc import Callable, Iterable, Iterator

import pikepdf
from pikepdf import Array, Dictionary, Name, Stream

from ingest.files.pdf_entries import dictionary, items
from ingest.files.pdfa.clauses import Clauses
from ingest.files.pdfa.content import Drawn
from ingest.files.pdfa.truetype import FontProgram, read_truetype

_EMBEDDED, _WIDTH, _ENCODING, _NOTDEF = (
    "6.2.11.4.1 font program",
    "6.2.11.5 width",
    "6.2.11.6 encoding",
    "6.2.11.8 .notdef",
)
_SYMBOLIC, _NONSYMBOLIC = 4, 32
_CODECS = {"/WinAnsiEncoding": "cp1252", "/MacRomanEncoding": "mac_roman"}
_WINDOWS_UNICODE, _WINDOWS_SYMBOL, _MAC = (3, 1), (3, 0), (1, 0)
_PRIVATE = 0xF000  # where symbol fonts have their codes
_TOLERANCE = 1.0  # of a thousandth of an em
_FONT_FILES = ("/FontFile", "/FontFile2", "/FontFile3")


def has_program(descriptor: pikepdf.Object) -> bool:
    """Return whether a font's descriptor brings the program of the font (9.9)."""
    return any(key in descriptor for key in _FONT_FILES)


def check_fonts(drawn: Drawn, clauses: Clauses) -> None:
    """Check the fonts that show text."""
    for number, font in drawn.fonts.items():
        strings = drawn.strings.get(number, set())
        if strings:
            _CHECKS.get(str(font.get("/Subtype")), _unknown)(font, strings, clauses)


def _unknown(font: Dictionary, strings: Iterable[bytes], clauses: Clauses) -> None:
    """Type 1 fonts: whether they are embedded; the widths of their glyphs are not read."""
    descriptor = dictionary(font, "/FontDescriptor")
    clauses.require(has_program(descriptor), _EMBEDDED)
    clauses.unchecked.add(_WIDTH)


def _type3(font: Dictionary, strings: Iterable[bytes], clauses: Clauses) -> None:
    clauses.require(all(key in font for key in ("/FirstChar", "/LastChar", "/Widths")), _WIDTH)


def _truetype(font: Dictionary, strings: Iterable[bytes], clauses: Clauses) -> None:
    descriptor = dictionary(font, "/FontDescriptor")
    program = _program(descriptor, clauses)
    widths = [float(width) for width in items(font, "/Widths")]
    if program is None or not widths:
        clauses.require(bool(widths), _WIDTH)
        return
    glyph_of = _glyphs(font, int(descriptor.get("/Flags", 0)), program, clauses)
    if glyph_of is None:
        return
    first = int(font.get("/FirstChar", 0))
    for code in sorted(set(b"".join(strings))):
        glyph = glyph_of(code)
        stated = widths[code - first] if first <= code < first + len(widths) else 0.0
        _glyph(program, glyph, stated, clauses)


def _glyphs(
    font: Dictionary, flags: int, program: FontProgram, clauses: Clauses
) -> Callable[[int], int] | None:
    """Return how a code becomes a glyph (6.2.11.6; ISO 32000-1, 9.6.6.4)."""
    encoding = font.get("/Encoding")
    if flags & _SYMBOLIC:
        clauses.require(encoding is None, _ENCODING)
        clauses.require(len(program.maps) == 1 or _WINDOWS_SYMBOL in program.maps, _ENCODING)
        if not program.maps:
            return None
        table = program.maps.get(_WINDOWS_SYMBOL) or next(iter(program.maps.values()))
        return lambda code: table.get(code, table.get(_PRIVATE + code, 0))
    if isinstance(encoding, Dictionary):
        clauses.unchecked.add(_ENCODING)  # names of glyphs are not followed
        return None
    codec = _CODECS.get(str(encoding))
    clauses.require(codec is not None and bool(flags & _NONSYMBOLIC), _ENCODING)
    if codec is None:
        return None
    unicode, mac = program.maps.get(_WINDOWS_UNICODE), program.maps.get(_MAC)
    if unicode is None and mac is None:
        clauses.broken.add(_ENCODING)
        return None

    def glyph(code: int) -> int:
        letter = codecs.decode(bytes([code]), codec, "ignore")
        if not letter:
            return 0
        if unicode is not None:
            return unicode.get(ord(letter), 0)
        inside = codecs.encode(letter, "mac_roman", "ignore")
        return (mac or {}).get(inside[0], 0) if inside else 0

    return glyph


def _type0(font: Dictionary, strings: Iterable[bytes], clauses: Clauses) -> None:
    descendants = items(font, "/DescendantFonts")
    if len(descendants) != 1 or not isinstance(descendants[0], Dictionary):
        clauses.broken.add("6.2.11.2 font")
        return
    below = descendants[0]
    descriptor = dictionary(below, "/FontDescriptor")
    clauses.require(has_program(descriptor), _EMBEDDED)
    if font.get("/Encoding") not in (Name("/Identity-H"), Name("/Identity-V")):
        clauses.unchecked.add("6.2.11.3 CMap")
        return
    if below.get("/Subtype") != Name.CIDFontType2 or "/FontFile2" not in descriptor:
        clauses.unchecked.add(_WIDTH)
        return
    to_glyph = below.get("/CIDToGIDMap")
    clauses.require(
        isinstance(to_glyph, Stream) or to_glyph == Name.Identity, "6.2.11.3.2 CIDToGIDMap"
    )
    program = _program(descriptor, clauses)
    if program is None:
        return
    table = to_glyph.read_bytes() if isinstance(to_glyph, Stream) else None
    widths, usual = dict(_stated_widths(items(below, "/W"))), float(below.get("/DW", 1000))
    for cid in sorted(_cids(strings)):
        glyph = cid if table is None else int.from_bytes(table[2 * cid : 2 * cid + 2])
        _glyph(program, glyph, widths.get(cid, usual), clauses)


def _cids(strings: Iterable[bytes]) -> set[int]:
    return {
        int.from_bytes(text[at : at + 2]) for text in strings for at in range(0, len(text) - 1, 2)
    }


def _stated_widths(stated: list[pikepdf.Object]) -> Iterator[tuple[int, float]]:
    """Yield the width of each CID (ISO 32000-1, 9.7.4.3)."""
    at = 0
    while at + 1 < len(stated):
        first, second = int(stated[at]), stated[at + 1]
        if isinstance(second, Array):
            yield from ((first + index, float(width)) for index, width in enumerate(second))
            at += 2
        else:
            last = min(int(second), 0xFFFF)
            yield from ((cid, float(stated[at + 2])) for cid in range(first, last + 1))
            at += 3


def _program(descriptor: Dictionary, clauses: Clauses) -> FontProgram | None:
    stream = descriptor.get("/FontFile2")
    if not isinstance(stream, Stream):
        clauses.require(has_program(descriptor), _EMBEDDED)
        clauses.unchecked.add(_WIDTH)
        return None
    program = read_truetype(stream.read_bytes())
    if program is None:
        clauses.broken.add(_EMBEDDED)
    return program


def _glyph(program: FontProgram, glyph: int, stated: float, clauses: Clauses) -> None:
    if glyph == 0:
        clauses.broken.add(_NOTDEF)
    elif glyph >= len(program.widths):
        clauses.broken.add(_EMBEDDED)
    else:
        clauses.require(abs(program.widths[glyph] - stated) <= _TOLERANCE, _WIDTH)


_CHECKS: dict[str, Callable[[Dictionary, Iterable[bytes], Clauses], None]] = {
    "/Type0": _type0,
    "/TrueType": _truetype,
    "/Type3": _type3,
}
