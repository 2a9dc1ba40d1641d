"""The table of fields and weights (`fields.toml`), typed."""

import tomllib
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class TextField:
    """A field of words.

    The weights are what a word found in it is worth; `order` is the worth of two neighbours
    besides.
    """

    name: str
    exact: int
    bare: int
    folded: int
    order: int = 0

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
WHOLE_NAME_BONUS: int = _TABLE["bonus"]["whole_name"]

_WORTH = {field.name: field.exact for field in TEXT_FIELDS} | {
    field.name: field.whole for field in CODE_FIELDS
}
FIELD_NAMES = tuple(sorted(_WORTH, key=lambda name: -_WORTH[name]))
"""The names that :attr:`search.contract.Hit.why` may hold, the field that is worth most first."""
