"""What a TrueType font program says of its glyphs (OpenType 1.9: `hmtx`, `cmap`)."""

import struct
from dataclasses import dataclass

_FORMAT_0, _FORMAT_4, _FORMAT_6, _FORMAT_12 = 0, 4, 6, 12


@dataclass(frozen=True, slots=True)
class FontProgram:
    """Widths in thousandths of an em by glyph, and the maps from codes to glyphs by platform and
    encoding.
    """

    widths: tuple[float, ...]
    maps: dict[tuple[int, int], dict[int, int]]


def read_truetype(data: bytes) -> FontProgram | None:
    """Return what `data` says; None where it is no complete font."""
    try:
        return _read(data)
    except (struct.error, KeyError, IndexError, ZeroDivisionError):
        return None


def _read(data: bytes) -> FontProgram:
    (number,) = struct.unpack_from(">H", data, 4)
    tables = {}
    for at in range(12, 12 + number * 16, 16):
        name, _, offset, length = struct.unpack_from(">4sIII", data, at)
        tables[name] = data[offset : offset + length]
    (units,) = struct.unpack_from(">H", tables[b"head"], 18)
    (glyphs,) = struct.unpack_from(">H", tables[b"maxp"], 4)
    (metrics,) = struct.unpack_from(">H", tables[b"hhea"], 34)
    advances = struct.unpack_from(f">{'Hh' * metrics}", tables[b"hmtx"])[::2]
    widths = [advance * 1000 / units for advance in advances][:glyphs]
    widths += [widths[-1]] * (glyphs - len(widths))
    if b"glyf" not in tables:
        raise KeyError("glyf")
    return FontProgram(tuple(widths), _maps(tables.get(b"cmap", b"")))


def _maps(cmap: bytes) -> dict[tuple[int, int], dict[int, int]]:
    maps: dict[tuple[int, int], dict[int, int]] = {}
    if not cmap:
        return maps
    (number,) = struct.unpack_from(">H", cmap, 2)
    for at in range(4, 4 + number * 8, 8):
        platform, encoding, offset = struct.unpack_from(">HHI", cmap, at)
        maps[platform, encoding] = _map(cmap[offset:])
    return maps


def _map(table: bytes) -> dict[int, int]:
    (kind,) = struct.unpack_from(">H", table)
    if kind == _FORMAT_0:
        return {code: glyph for code, glyph in enumerate(table[6:262]) if glyph}
    if kind == _FORMAT_6:
        first, count = struct.unpack_from(">HH", table, 6)
        glyphs = struct.unpack_from(f">{count}H", table, 10)
        return {first + index: glyph for index, glyph in enumerate(glyphs) if glyph}
    if kind == _FORMAT_4:
        return _segments(table)
    if kind == _FORMAT_12:
        return _groups(table)
    return {}


def _groups(table: bytes) -> dict[int, int]:
    """Return a map of format 12."""
    (number,) = struct.unpack_from(">I", table, 12)
    glyphs: dict[int, int] = {}
    for at in range(16, 16 + number * 12, 12):
        first, last, glyph = struct.unpack_from(">III", table, at)
        codes = range(first, min(last, first + 0xFFFF) + 1)
        glyphs.update((code, glyph + code - first) for code in codes)
    return glyphs


def _segments(table: bytes) -> dict[int, int]:
    """Return a map of format 4."""
    (double,) = struct.unpack_from(">H", table, 6)
    count = double // 2
    at = 14
    ends = struct.unpack_from(f">{count}H", table, at)
    starts = struct.unpack_from(f">{count}H", table, at + double + 2)
    deltas = struct.unpack_from(f">{count}H", table, at + 2 * double + 2)
    ranges_at = at + 3 * double + 2
    ranges = struct.unpack_from(f">{count}H", table, ranges_at)
    glyphs = {}
    for index in range(count):
        for code in range(starts[index], min(ends[index], 0xFFFE) + 1):
            glyph = code + deltas[index]
            if ranges[index]:
                place = ranges_at + 2 * index + ranges[index] + 2 * (code - starts[index])
                (glyph,) = struct.unpack_from(">H", table, place)
                glyph = glyph + deltas[index] if glyph else 0
            if glyph & 0xFFFF:
                glyphs[code] = glyph & 0xFFFF
    return glyphs
