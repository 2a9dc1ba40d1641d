"""The table of fields and weights (`fields.toml`), typed."""

import tomllib
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class TextField:
    """A field of words.

    The weights are what a word found in it is worth; `order` is the worth of two neighbours
    besides. `right` is what a caller needs for it (a value of `ContentRight`), empty where the
    catalogue shows the field to all who may search. `why` is its public name where it has another.
    """

    name: str
    exact: int
    bare: int
    folded: int
    order: int = 0
    right: str = ""
    why: str = ""

    @property
    def public_name(self) -> str:
        """Return the name that a hit gives as the reason why it was found."""
        return self.why or self.name

    @property
    def exact_name(self) -> str:
        """Return the name of the engine's field that holds the exact forms.

        `name` holds the folded ones.
        """
        return f"{self.name}_exact"


@dataclass(frozen=True, slots=True)
class CodeField:
    """A field of identifiers.

    `prefix` is the worth of one found by its beginning, 0 where that is not looked for.
    """

    name: str
    whole: int
    prefix: int = 0
    spaced: bool = False


_TABLE = tomllib.loads(Path(__file__).with_name("fields.toml").read_text(encoding="utf-8"))

TEXT_FIELDS = tuple(TextField(name, **weights) for name, weights in _TABLE["text"].items())
CODE_FIELDS = tuple(CodeField(name, **weights) for name, weights in _TABLE["code"].items())
_ENDS = _TABLE["ends"]["identifier_ends"]
ENDS_FIELD = "identifier_ends"
"""The engine's field of identifiers that end in digits, each turned round: an end is a prefix."""
FEWEST_END_DIGITS: int = _ENDS["digits"]
ENDS_WEIGHT: int = _ENDS["weight"]
FILTER_FIELDS: tuple[str, ...] = tuple(_TABLE["filter"]["names"])
WHOLE_NAME_BONUS: int = _TABLE["bonus"]["whole_name"]

EXACT_NAMES = frozenset(field.exact_name for field in TEXT_FIELDS)
"""The engine's fields that hold exact forms."""

TOKEN_FIELDS = (
    "whole_name",
    ENDS_FIELD,
    *FILTER_FIELDS,
    *(field.name for field in CODE_FIELDS),
)
"""The engine's fields of whole tokens."""

_WORTH = {field.public_name: field.exact for field in TEXT_FIELDS} | {
    field.name: field.whole for field in CODE_FIELDS
}
FIELD_NAMES = tuple(sorted(_WORTH, key=lambda name: -_WORTH[name]))
"""The names that :attr:`search.contract.Hit.why` may hold, the field that is worth most first."""
