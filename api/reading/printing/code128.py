"""Code 128 (ISO/IEC 15417): a text as bars and spaces, in modules."""

# Widths of bar, space, bar, ... for the values 0 to 102, the three starts, and the stop.
_WIDTHS = (
    "212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 "
    "112232 122132 122231 113222 123122 123221 223211 221132 221231 213212 223112 312131 "
    "311222 321122 321221 312212 322112 322211 212123 212321 232121 111323 131123 131321 "
    "112313 132113 132311 211313 231113 231311 112133 112331 132131 113123 113321 133121 "
    "313121 211331 231131 213113 213311 213131 311123 311321 331121 312113 312311 332111 "
    "314111 221411 431111 111224 111422 121124 121421 141122 141221 112214 112412 122114 "
    "122411 142112 142211 241211 221114 413111 241112 134111 111242 121142 121241 114212 "
    "124112 124211 411212 421112 421211 212141 214121 412121 111143 111341 131141 114113 "
    "114311 411113 411311 113141 114131 311141 411131 211412 211214 211232 2331112"
)
_PATTERNS = _WIDTHS.split()
_TO_C, _TO_B, _START_B, _START_C, _STOP = 99, 100, 104, 105, 106
_PAIRS = 2  # pairs of digits from which set C is shorter than set B


def bars(text: str) -> list[int]:
    """Return the widths of bars and spaces in turn, the first a bar, without the quiet zones.

    Raises ValueError for a text that is empty or has a character outside of printable ASCII.
    """
    if not text or not all(" " <= letter <= "~" for letter in text):
        raise ValueError("Code 128 holds printable ASCII")
    values = _values(text)
    check = (values[0] + sum(place * value for place, value in enumerate(values))) % 103
    return [int(width) for value in (*values, check, _STOP) for width in _PATTERNS[value]]


def _values(text: str) -> list[int]:
    """Return the symbols: digits in pairs (set C) where that is shorter, the others in set B."""
    values: list[int] = []
    in_c, place = False, 0
    while place < len(text):
        digits = _digits(text, place)
        if digits >= (2 if in_c else 2 * _PAIRS):
            if not in_c:
                values.append(_TO_C if values else _START_C)
                in_c = True
            for at in range(place, place + digits, 2):
                values.append(int(text[at : at + 2]))
            place += digits
            continue
        if in_c or not values:
            values.append(_TO_B if values else _START_B)
            in_c = False
        values.append(ord(text[place]) - ord(" "))
        place += 1
    return values


def _digits(text: str, place: int) -> int:
    """Return how many digits follow at `place`, an even number."""
    end = place
    while end < len(text) and text[end] in "0123456789":
        end += 1
    return (end - place) // 2 * 2
