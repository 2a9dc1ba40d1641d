"""The words of verdicts (`verdict_words.yaml`): every entry point says the same."""

from collections.abc import Mapping
from functools import cache

from archive.base.bilingual import Text
from archive.base.messages.loader import read_messages


@cache
def verdict_words() -> Mapping[str, Text]:
    """Return the word of each verdict, by the value of
    :class:`signing.validation.result.verdict.Verdict`.
    """
    return read_messages("signing.validation.result", "verdict_words.yaml")
