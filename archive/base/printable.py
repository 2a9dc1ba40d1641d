"""The one printable form of a name that comes from outside.

Such a name is a file's or a member's, or a path to either.

A file's name is bytes (path_resolution(7)): it may hold line ends, terminal commands, marks that
turn the direction of what follows (UAX #9), or bytes that are not UTF-8. Printed unchanged, they
forge lines of output, of reports and of logs. Here each such character is shown by its code point,
`‹U+000A›`, and each such byte by its value, `‹F2›`.
"""

import json
import re
import unicodedata

# Controls, marks without a shape, surrogates, private and unassigned points, ends of lines and
# paragraphs.
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_MARKS = frozenset({"Mn", "Mc", "Me"})
# What JSON allows in a string and a terminal obeys or hides; `tests/archive/base/test_printable.py`
# holds it to `_UNSEEN`.
_HIDDEN = re.compile(
    "[\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e0fff]"
)
_PLAIN = re.compile(r"[\x20-\x7e]*\Z")


def printable(name: str, *, marks: bool = False) -> str:
    """Return `name` as one line that any terminal, page and UTF-8 file can show.

    A plain name is returned as it is.

    With `marks`, combining marks are shown by their code points too, so that two spellings of one
    word look different.
    """
    if _PLAIN.match(name):
        return name
    return "".join(_shown(letter, marks) for letter in name)


def on_one_line(text: str) -> str:
    """Return `text` as one line: a line end becomes a space.

    What cannot be seen is shown by its code point.
    """
    return printable(" ".join(text.splitlines()))


def escaped(json_text: str) -> str:
    r"""Return a JSON text that says the same in visible characters (RFC 8259, 7: `\u202E`)."""
    return _HIDDEN.sub(lambda letter: json.dumps(letter[0])[1:-1], json_text)


def is_utf8(name: str) -> bool:
    """Tell whether every byte of a name on disk was UTF-8.

    PEP 383 keeps the others as surrogates.
    """
    return not any("\ud800" <= letter <= "\udfff" for letter in name)


def _shown(letter: str, marks: bool) -> str:
    category, point = unicodedata.category(letter), ord(letter)
    if 0xDC80 <= point <= 0xDCFF:
        return f"‹{point - 0xDC00:02X}›"
    if category in _UNSEEN or (marks and category in _MARKS):
        return f"‹U+{point:04X}›"
    return letter
