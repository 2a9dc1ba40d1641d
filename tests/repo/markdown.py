"""Wraps the prose of Markdown: `python -m tests.repo.markdown` does it to every page.

Paragraphs and items of lists have lines of at most 100 characters. Tables, code, headings, quotes
and HTML stay as they are. A paragraph whose lines all fit is not touched.
"""

import re
import textwrap
from pathlib import Path

from tests.repo.tree import ROOT, texts

WIDTH = 100
_ITEM = re.compile(r" *([-*+]|\d+[.)]) +")
_FENCE = re.compile(r" *(```+|~~~+)")
# A line that is not prose: a table, a heading, HTML, a picture, a quote, a rule, a link's address.
_OTHER = re.compile(r" *([|#<>]|\[!|\[[^\]]+\]:\s|[-=*_ ]{3,}$)")
# Marks that would begin an item, a heading or a table at the start of a line.
_MARK = re.compile(r" (?=([-+*#>|=]+|\d+[.)]) )")
_CODE = re.compile(r"`[^`]{1,70}`")
_GLUE = "\0"


class _Wrapper:
    """Reads the lines of a page one after another, and keeps the paragraph that it is in."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._paragraph: list[str] = []
        self._fence = ""
        self._after_blank = True
        self._in_list = False

    def read(self, line: str) -> None:
        """Take the next line."""
        if self._fence:
            self._keep(line)
            self._fence = "" if line.strip().startswith(self._fence) else self._fence
            return
        if fence := _FENCE.match(line):
            self._fence = fence[1]
            self._keep(line)
        elif not line.strip() or _OTHER.match(line):
            self._keep(line)
        elif self._after_blank and line.startswith("    ") and not self._in_list:
            self._keep(line)  # code by indentation
            self._after_blank = True
            return
        elif _ITEM.match(line):
            self.end()
            self._paragraph, self._in_list = [line], True
        else:
            self._in_list = self._in_list and (bool(self._paragraph) or line.startswith(" "))
            self._paragraph.append(line)
        self._after_blank = not line.strip()

    def end(self) -> None:
        """End the paragraph: it is wrapped where one of its lines is too long."""
        if any(len(line) > WIDTH for line in self._paragraph) and not self._has_hard_breaks():
            self.lines += _filled(self._paragraph)
        else:
            self.lines += self._paragraph
        self._paragraph = []

    def _keep(self, line: str) -> None:
        self.end()
        self.lines.append(line)

    def _has_hard_breaks(self) -> bool:
        return any(line.endswith(("  ", "\\")) for line in self._paragraph[:-1])


def _filled(paragraph: list[str]) -> list[str]:
    item = _ITEM.match(paragraph[0])
    first = item[0] if item else re.match(r" *", paragraph[0])[0]  # type: ignore[index]
    paragraph = [paragraph[0][len(first) :], *paragraph[1:]]
    words = " ".join(line.strip() for line in paragraph)
    words = _CODE.sub(lambda code: code[0].replace(" ", _GLUE), words)
    lines = textwrap.wrap(
        _MARK.sub(_GLUE, words),
        WIDTH,
        initial_indent=first,
        subsequent_indent=" " * len(first),
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [line.replace(_GLUE, " ") for line in lines]


def wrapped(text: str) -> str:
    """Return a page with its prose wrapped; what is wrapped already stays."""
    wrapper = _Wrapper()
    for line in text.split("\n"):
        wrapper.read(line)
    wrapper.end()
    return "\n".join(wrapper.lines)


def pages() -> dict[Path, str]:
    """Return every page of ours."""
    return {
        path: text
        for path, text in texts().items()
        if path.suffix == ".md" and "golden" not in path.parts
    }


if __name__ == "__main__":
    for path, text in pages().items():
        (ROOT / path).write_text(wrapped(text), encoding="utf-8")
