"""What of a shown text was searched for, between <mark> and </mark>."""

from collections.abc import Callable, Sequence

from markupsafe import Markup

from archive.access.scope import Scope
from search.contract import Highlight, Query
from search.highlight import Highlighter
from search.plan import plan


def highlighted(highlight: Highlight) -> Markup:
    """Return the text of a highlight with its parts marked; whatever is in the text stays text."""
    return _marked(highlight.text, highlight.ranges)


def _marked(text: str, ranges: Sequence[tuple[int, int]]) -> Markup:
    markup, end = Markup(), 0
    for start, stop in ranges:
        markup += Markup("{}<mark>{}</mark>").format(text[end:start], text[start:stop])
        end = stop
    return markup + text[end:]


Marker = Callable[[str, str | None], Markup]


def marker(query: Query, scope: Scope) -> Marker:
    """Return the function that marks a text shown as this field of a hit; whatever is in the text
    stays text.
    """
    highlighter = Highlighter(plan(query, scope))

    def marked(field: str, text: str | None) -> Markup:
        return _marked(text or "", highlighter.ranges(field, text or ""))

    return marked
