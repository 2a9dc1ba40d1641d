"""Refuses text that cannot be printed sensibly, with its path, before anything is rendered.

A paper can break a word anywhere and print a character by its code point. Each costs many times
what a letter of a common word does. A text of nothing else would occupy the renderer for long and
give a paper that no person can read.
"""

from typing import Any

from ingest.render.printable import codes, longest_run
from ingest.sources.faults import Faults

LONGEST_RUN = 10_000  # characters without a place to break
MOST_CODES = 2_000  # characters of one text that the fonts do not show


def check_text(text: str, path: str, faults: Faults) -> None:
    """Note `text.word` at `path` beyond :data:`LONGEST_RUN`, and `text.unshown` beyond
    :data:`MOST_CODES`.
    """
    if len(text) > LONGEST_RUN and longest_run(text) > LONGEST_RUN:
        faults.add(path, "text.word", limit=LONGEST_RUN)
    if len(text) > MOST_CODES and codes(text) > MOST_CODES:
        faults.add(path, "text.unshown", limit=MOST_CODES)


def check_texts(value: Any, path: str, faults: Faults) -> None:
    """Check every text of a parsed JSON `value` that follows its schema; `path` is its JSON
    Pointer.
    """
    if isinstance(value, str):
        check_text(value, path, faults)
    elif isinstance(value, dict):
        for name, inner in value.items():
            check_texts(inner, f"{path}/{name}", faults)
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            check_texts(inner, f"{path}/{place}", faults)
