"""A sentence that a person reads, in Vietnamese and in English."""

from dataclasses import dataclass
from pathlib import PurePath
from typing import Literal

from archive.base.printable import on_one_line

Language = Literal["vi", "en"]


@dataclass(frozen=True, slots=True)
class Text:
    """One sentence in both languages; `{name}` places are filled by :meth:`fill`."""

    vi: str
    en: str

    def to(self, language: Language) -> str:
        """Return the sentence in `language`."""
        return self.vi if language == "vi" else self.en

    def fill(self, **facts: object) -> "Text":
        """Return the sentence with its `{name}` places filled.

        Raises :class:`KeyError` for a missing fact.

        A fact may come from outside (a file's name, another program's answer): it cannot end the
        line.
        """
        shown = {name: _shown(fact) for name, fact in facts.items()}
        return Text(self.vi.format(**shown), self.en.format(**shown))

    def as_json(self) -> dict[str, str]:
        """Return `{"vi": ..., "en": ...}`."""
        return {"vi": self.vi, "en": self.en}


def _shown(fact: object) -> object:
    return on_one_line(str(fact)) if isinstance(fact, str | PurePath | BaseException) else fact
