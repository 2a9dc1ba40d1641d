"""A value beside its label: `Khoa: Khoa Nội` says a word twice, so it is printed once."""

import re
from functools import cache

# Parts of an address: a label that names several of them ("Xã, phường") is each of them.
_PLACES = frozenset({"thôn", "phố", "xã", "phường", "huyện", "quận", "tỉnh", "thành phố"})
_SHORT = {"số nhà": "số"}  # "Số nhà: Số 12"


def beside(label: str, text: str) -> str:
    """Return `text` as it is printed beside `label`: without the label's words at its start.

    A text that is nothing but these words is printed whole. The data stays as it is.
    """
    if match := _start(label).match(text):
        rest = text[match.end() :]
        return rest or text
    return text


@cache
def _start(label: str) -> re.Pattern[str]:
    whole = label.strip().lower()
    parts = [part.strip() for part in re.split("[,(]", whole)]
    places = [part for part in parts if part in _PLACES]
    words = {whole, *(places if parts[0] in _PLACES else ()), _SHORT.get(whole, whole)}
    longest_first = sorted(map(re.escape, words), key=len, reverse=True)
    return re.compile(rf"(?:{'|'.join(longest_first)})(?:\s*[:–-]\s*|\s+)", re.IGNORECASE)
