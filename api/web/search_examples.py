"""What the help below the search box shows: searches that find something in the demonstration."""

from datetime import date, timedelta

from api.web.wording import say

EXAMPLES = (
    "name",
    "id",
    "end",
    "phrase",
    "content",
    "icd",
    "department",
    "form",
    "kind",
    "dates",
)
"""The examples in their order; `texts.yaml` has each as it is typed, and what it finds."""


def typed(today: date) -> list[tuple[str, str]]:
    """Return each example with its name, in the language of the page."""
    return [(name, say(f"search_example.{name}", **days(today))) for name in EXAMPLES]


def days(today: date) -> dict[str, str]:
    """Return the first day of the month before, and `today`, as people type them."""
    first = (today.replace(day=1) - timedelta(days=1)).replace(day=1)
    return {"first": f"{first:%d/%m/%Y}", "last": f"{today:%d/%m/%Y}"}
