"""The passage of a document's own text that shows the words that were looked for.

The text is looked through with one regular expression a word, which is fast; only the passage that
is shown is analysed word by word.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import islice

from search import vietnamese
from search.plan import Clause, ClauseKind

LONGEST = 160  # characters
_BEFORE = 50  # characters, of these in front of the first word that matched
_MOST_PLACES = 50  # of one word: enough to find it near the others
_A_WORD = 24  # characters: where a cut looks for the end of a word
ELLIPSIS = "…"
BETWEEN = " · "  # between two lines of the text


def passage(text: str, patterns: Sequence[re.Pattern[str]]) -> str | None:
    """Return the part of `text` (NFC) in which the most of `patterns` match; None where none does.

    An ellipsis marks where the passage is cut out.
    """
    places = sorted(
        (match.start(), number)
        for number, pattern in enumerate(patterns)
        for match in islice(pattern.finditer(text), _MOST_PLACES)
    )
    if not places:
        return None
    starts = [start for start, _ in places]

    def worth(place: int) -> tuple[int, int]:
        end = bisect_left(starts, starts[place] + LONGEST - _BEFORE)
        return len({number for _, number in places[place:end]}), -place

    start = starts[max(range(len(places)), key=worth)]
    return _cut(text, start)


def _cut(text: str, at: int) -> str:
    """Return what is around `at`, from the end of a word to the end of another."""
    first = max(at - _BEFORE, 0)
    end = min(first + LONGEST, len(text))
    if first and (space := re.search(r"\s", text[first : min(first + _A_WORD, at)])):
        first += space.end()
    if end < len(text) and (space := re.search(r"\s\S*\Z", text[end - _A_WORD : end])):
        end = end - _A_WORD + space.start()
    lines = (line.strip() for line in text[first:end].split("\n"))
    shown = BETWEEN.join(line for line in lines if line)
    return f"{ELLIPSIS if first else ''}{shown}{ELLIPSIS if end < len(text) else ''}"


def pattern_of(clauses: Iterable[Clause]) -> re.Pattern[str] | None:
    """Return what finds the words of `clauses` in a text, in any spelling that folds to the same.

    None where there are no words.
    """
    runs = {
        clause.tokens if clause.kind is ClauseKind.PHRASE else clause.tokens[:1]
        for clause in clauses
        if clause.tokens
    }
    folded = {tuple(map(vietnamese.code, run)) for run in runs}
    if not folded:
        return None
    either = "|".join(r"[\W_]+".join(map(_pattern, run)) for run in sorted(folded))
    return re.compile(rf"(?<![^\W_])(?:{either})(?![^\W_])")


def _pattern(folded: str) -> str:
    spellings = _spellings()
    return "".join(spellings.get(letter, re.escape(letter)) for letter in folded)


@cache
def _spellings() -> dict[str, str]:
    """Return for each letter the class of all that are equal to it without case and diacritics."""
    letters: dict[str, str] = {}
    for letter in map(chr, (*range(0x41, 0x7B), *range(0xC0, 0x250), *range(0x1E00, 0x1F00))):
        folded = vietnamese.code(letter)
        if len(folded) == 1:
            letters[folded] = letters.get(folded, "") + letter
    return {folded: f"[{''.join(spelt)}]" for folded, spelt in letters.items()}
