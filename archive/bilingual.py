"""A sentence that a person reads, in Vietnamese and in English."""

from dataclasses import dataclass
from typing import Literal

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
        """Return the sentence with its `{name}` places filled; raises :class:`KeyError` for a missing fact."""
        return Text(self.vi.format(**facts), self.en.format(**facts))

    def as_json(self) -> dict[str, str]:
        """Return `{"vi": ..., "en": ...}`."""
        return {"vi": self.vi, "en": self.en}
