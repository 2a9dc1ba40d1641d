"""Combining marks on their own letter: mark positioning (OpenType GPOS, lookups 4 and 6) for Kho
Serif.

Liberation Serif places marks on unmarked Latin letters only, so the breve of ê̆, ô̆, ơ̆, ư̆ (Ê-đê,
Jrai) fell on the next letter. Here every letter, digit and mark gets an anchor that is computed
from its outline.
"""

import math
import unicodedata
from dataclasses import dataclass

from fontTools.otlLib import builder
from fontTools.ttLib import TTFont
from fontTools.ttLib.tables import otTables

ABOVE, BELOW, OVERLAY, CORNER = range(4)
# Unicode combining classes
_CLASSES = {230: ABOVE, 232: CORNER, 214: ABOVE, 216: CORNER, 234: ABOVE, 1: OVERLAY}
_GAP = 180 / 2048  # em: between x-height letters and their mark, as in the precomposed letters
_TIGHT = 60 / 2048  # em: between a mark and the mark above it
# the mark belongs above the letter, beside its horn
_HORNED = {"ơ": "o", "Ơ": "O", "ư": "u", "Ư": "U"}


@dataclass(frozen=True, slots=True)
class _Outline:
    left: int
    bottom: int
    right: int
    top: int
    slant: float  # horizontal per vertical unit

    def at(self, height: float) -> int:
        """The horizontal middle of the outline, carried along the slant to `height`."""
        middle = (self.bottom + self.top) / 2
        return round((self.left + self.right) / 2 + self.slant * (height - middle))


def position_marks(font: TTFont) -> None:
    """Replace the mark features of `font` by anchors on every letter, digit and mark."""
    characters = {
        glyph: chr(point) for point, glyph in sorted(font.getBestCmap().items(), reverse=True)
    }
    marks = {
        glyph: character
        for glyph, character in characters.items()
        if unicodedata.combining(character)
    }
    for glyph in marks:
        font["GDEF"].table.GlyphClassDef.classDefs[glyph] = 3
        font["hmtx"][glyph] = (0, font["hmtx"][glyph][1])
    placed = {
        glyph: (_class(character), _hook(outline, _class(character)))
        for glyph, character in marks.items()
        if (outline := _outline(font, glyph))
    }
    bases = {
        glyph: _anchors(font, glyph, character)
        for glyph, character in characters.items()
        if (unicodedata.category(character)[0] in "LN" or character == "◌")
        and _outline(font, glyph)
    }
    stacked = {
        glyph: {kind: _anchor(_stack(font, glyph, kind)) for kind in (ABOVE, BELOW)}
        for glyph, (kind, _) in placed.items()
        if kind in (ABOVE, BELOW)
    }
    glyphs = font.getReverseGlyphMap()
    stackable = {glyph: (kind, hook) for glyph, (kind, hook) in placed.items() if glyph in stacked}
    _append(font, "mark", 4, builder.buildMarkBasePos(placed, bases, glyphs))
    _append(font, "mkmk", 6, builder.buildMarkBasePos(stackable, stacked, glyphs), as_mkmk=True)


def _class(character: str) -> int:
    return _CLASSES.get(unicodedata.combining(character), BELOW)


def _hook(outline: _Outline, kind: int) -> otTables.Anchor:
    """The point of a mark that is laid upon the anchor of its letter."""
    match kind:
        case 0:
            return _anchor((outline.at(outline.bottom), outline.bottom))
        case 1:
            return _anchor((outline.at(outline.top), outline.top))
        case 2:
            middle = (outline.bottom + outline.top) // 2
            return _anchor((outline.at(middle), middle))
    return _anchor((outline.left, outline.top))


def _anchors(font: TTFont, glyph: str, character: str) -> dict[int, otTables.Anchor]:
    whole = _outline(font, glyph)
    assert whole is not None
    letter = _HORNED.get(character) or unicodedata.normalize("NFD", character)[0]
    # The middle is that of the letter without its marks: a horn or a hook does not draw the next
    # mark aside.
    body = _outline(font, font.getBestCmap().get(ord(letter), glyph)) or whole
    top = body.top if character in _HORNED else whole.top
    em = font["head"].unitsPerEm
    gap = _GAP * em if top <= body.top else _TIGHT * em
    above, below = round(top + gap), round(whole.bottom - _GAP * em)
    middle = (body.bottom + body.top) // 2
    points = {
        ABOVE: (body.at(above), above),
        BELOW: (body.at(below), below),
        OVERLAY: (body.at(middle), middle),
        CORNER: (body.right, body.top),
    }
    return {kind: _anchor(point) for kind, point in points.items()}


def _stack(font: TTFont, glyph: str, kind: int) -> tuple[int, int]:
    outline = _outline(font, glyph)
    assert outline is not None
    gap = _TIGHT * font["head"].unitsPerEm
    height = round(outline.top + gap if kind == ABOVE else outline.bottom - gap)
    return outline.at(height), height


def _outline(font: TTFont, glyph: str) -> _Outline | None:
    shape = font["glyf"][glyph]
    if not shape.numberOfContours:
        return None
    slant = math.tan(math.radians(-font["post"].italicAngle))
    return _Outline(shape.xMin, shape.yMin, shape.xMax, shape.yMax, slant)


def _anchor(point: tuple[int, int]) -> otTables.Anchor:
    return builder.buildAnchor(*point)


def _append(
    font: TTFont, tag: str, kind: int, subtables: list[object], *, as_mkmk: bool = False
) -> None:
    """Add one lookup to GPOS, and a feature of it to every script and language."""
    if as_mkmk:
        subtables = [_mark_to_mark(each) for each in subtables]
    table = font["GPOS"].table
    lookup = otTables.Lookup()
    lookup.LookupType, lookup.LookupFlag, lookup.SubTable = kind, 0, subtables
    lookup.SubTableCount = len(subtables)
    table.LookupList.Lookup.append(lookup)
    table.LookupList.LookupCount = len(table.LookupList.Lookup)
    record = otTables.FeatureRecord()
    record.FeatureTag, record.Feature = tag, otTables.Feature()
    record.Feature.FeatureParams = None
    record.Feature.LookupListIndex = [len(table.LookupList.Lookup) - 1]
    record.Feature.LookupCount = 1
    table.FeatureList.FeatureRecord.append(record)
    table.FeatureList.FeatureCount = len(table.FeatureList.FeatureRecord)
    for script in table.ScriptList.ScriptRecord:
        for system in (
            script.Script.DefaultLangSys,
            *(each.LangSys for each in script.Script.LangSysRecord),
        ):
            if system is not None:
                system.FeatureIndex.append(len(table.FeatureList.FeatureRecord) - 1)
                system.FeatureCount = len(system.FeatureIndex)


def _mark_to_mark(based: otTables.MarkBasePos) -> otTables.MarkMarkPos:
    lookup = otTables.MarkMarkPos()
    lookup.Format, lookup.ClassCount = 1, based.ClassCount
    lookup.Mark1Coverage, lookup.Mark1Array = based.MarkCoverage, based.MarkArray
    lookup.Mark2Coverage, lookup.Mark2Array = based.BaseCoverage, otTables.Mark2Array()
    lookup.Mark2Array.Mark2Count = based.BaseArray.BaseCount
    lookup.Mark2Array.Mark2Record = []
    for each in based.BaseArray.BaseRecord:
        record = otTables.Mark2Record()
        record.Mark2Anchor = each.BaseAnchor
        lookup.Mark2Array.Mark2Record.append(record)
    return lookup
