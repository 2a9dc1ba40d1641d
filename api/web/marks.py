"""What of a shown text was searched for, between <mark> and </mark>."""

from collections.abc import Callable

from markupsafe import Markup

from archive.access.scope import Scope
from search.contract import Query
from search.highlight import Highlighter
from search.plan import plan

Marker = Callable[[str, str | None], Markup]


def marker(query: Query, scope: Scope) -> Marker:
    """Return the function that marks a text shown as this field of a hit; whatever is in the text
    stays text.
    """
    highlighter = Highlighter(plan(query, scope))

    def marked(field: str, text: str | None) -> Markup:
        markup, end = Markup(), 0
        for start, stop in highlighter.ranges(field, text or ""):
            markup += Markup("{}<mark>{}</mark>").format(
                (text or "")[end:start], (text or "")[start:stop]
            )
            end = stop
        return markup + (text or "")[end:]

    return marked
