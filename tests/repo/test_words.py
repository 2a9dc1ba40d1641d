"""Plain English: words that make a reader translate stay out of code, messages, pages and docs."""

import io
import re
import tokenize
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from tests.repo.tree import texts

# Plain words instead: the actor (caller, process, clerk), "reported", "again", "repair", "is".
WORDS = re.compile(
    r"\b(told|whoever|anew|mend(s|ed|ing|ers?)?|dear|lent|hinder(s|ed)?|nobody|stands"
    r"|that (is|are) none|as it came)\b",
    re.IGNORECASE,
)
VARIABLES = {"told", "one", "made", "found", "desk"}  # a variable has the name of the thing
# A member of the answer of `kho check --repair`, the same in its log, and a user of the system.
DATA = re.compile(r"[\"'`](mended|nobody)[\"'`]|\bmended=")
TEXTS = {".py", ".md", ".html", ".typ", ".yaml", ".toml", ".css", ".sh", ""}


def prose() -> Iterator[tuple[Path, int, str]]:
    """Yield each line of our own words: its file, its number, and the line."""
    for path, text in texts().items():
        if path.suffix in TEXTS and not is_data(path):
            for number, line in enumerate(text.splitlines(), start=1):
                yield path, number, DATA.sub("", line)


def is_data(path: Path) -> bool:
    """Return if a file holds stored bytes, somebody's words, or the list of words itself."""
    return (
        "golden" in path.parts[:-1]
        or path.parts[0] == "requirements"
        or path.name in {"LICENSE", "test_words.py"}
    )


def test_words_that_a_reader_must_translate_are_not_used() -> None:
    used = [
        f"{path}:{number}: {word[0]}"
        for path, number, line in prose()
        if (word := WORDS.search(line.replace("_", " ")))
    ]
    assert not used


def test_a_variable_has_the_name_of_the_thing() -> None:
    named: list[str] = []
    for path, text in texts().items():
        if path.suffix == ".py" and not is_data(path):
            tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
            named += [
                f"{path}:{token.start[0]}: {token.string}"
                for before, token in pairwise(tokens)
                if token.type == tokenize.NAME
                and token.string in VARIABLES
                and before.string != "."  # SQLAlchemy has a method `one`
            ]
    assert not named
