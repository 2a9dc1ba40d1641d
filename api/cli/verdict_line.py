"""How a command says a verdict: the line that begins an answer."""

from archive.base.bilingual import Text
from signing.validation.result.verdict_words import verdict_words

MARKS = {"valid": "✓", "invalid": "✕", "not_of_this_archive": "✕"}  # any other: "!"


def verdict_line(verdict: str, reasons: Text) -> Text:
    """Return the line that begins an answer: sign, word and reasons."""
    word, mark = verdict_words()[verdict], MARKS.get(verdict, "!")
    return Text(f"{mark} {word.vi}. {reasons.vi}", f"{mark} {word.en}. {reasons.en}")
