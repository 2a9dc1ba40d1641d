"""Which acts this process has recorded.

A later error says so, instead of "nothing was changed".
"""

import threading

from archive.base.bilingual import Text

_SAID = Text(
    "Trước lỗi này Kho đã ghi {count} nghiệp vụ, đến #{last}; chúng vẫn còn nguyên.",
    "Before this error Kho recorded {count} act(s), up to #{last}. They stay recorded.",
)
_guard = threading.Lock()
_acts: list[int] = []  # how many, and the last one's index


def note(index: int) -> None:
    """Remember that act `index` is in the vault and in the catalogue."""
    with _guard:
        _acts[:] = [(_acts[0] if _acts else 0) + 1, index]


def recorded() -> Text | None:
    """Return a sentence on what this process recorded so far; None for nothing."""
    with _guard:
        return _SAID.fill(count=_acts[0], last=_acts[1]) if _acts else None
