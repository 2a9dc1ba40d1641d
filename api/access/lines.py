"""Names that people give to keys and accounts: one line of text."""

import unicodedata

from archive.base.text import normal, stream_safe

LONGEST = 100  # characters


def is_one_line(text: str) -> bool:
    """Return whether `text` is one line of 1 to 100 printable characters, in normal form."""
    printable = all(unicodedata.category(letter)[0] not in "CZ" or letter == " " for letter in text)
    return (
        printable
        and text == text.strip()
        and 1 <= len(text) <= LONGEST
        and text == normal(stream_safe(text))
    )
