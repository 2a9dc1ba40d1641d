"""What a field of a form is: its name in `data`, its label, its type,
and for tables their columns.
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field as Key
from pydantic import model_validator

from archive.base.bilingual import Text
from archive.base.facts import Strict

Name = Annotated[str, Key(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,63}$")]  # a name in `data`


class Words(Strict):
    """A label in Vietnamese and English."""

    vi: Annotated[str, Key(min_length=1)]
    en: Annotated[str, Key(min_length=1)]

    @property
    def text(self) -> Text:
        """The label as the ground floor's :class:`~archive.base.bilingual.Text`."""
        return Text(self.vi, self.en)


class FieldType(StrEnum):
    """How a value is written in `data`.

    Text: `line` (one line), `text` (many). Time: `date` YYYY-MM-DD, `datetime` ISO 8601 with its
    offset. `code`: a key of one of the form's code lists, as text. `table`: a list of rows, each an
    object of its columns and details.
    """

    LINE = "line"
    TEXT = "text"
    DATE = "date"
    DATETIME = "datetime"
    NUMBER = "number"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    CODE = "code"
    TABLE = "table"


class Field(Strict):
    """One field of a form, or one column of its table."""

    name: Name
    label: Words
    type: FieldType
    required: bool = False
    max: Annotated[int, Key(gt=0)] | None = None  # characters of text, rows of a table
    unit: str | None = None  # printed after the value
    list: str | None = None  # for `code`: a name in `code_lists`
    # where an inferred form has it from; not archived
    source: Annotated[str | None, Key(exclude=True)] = None
    columns: tuple["Field", ...] = ()  # for `table`
    detail: tuple["Field", ...] = ()  # for `table`: values printed under each row
    width: Annotated[float, Key(gt=0)] | None = None  # for a column: its share of the width
    # for `table`: each row is printed as labels with values; a matter of the look, not archived
    records: Annotated[bool, Key(exclude=True)] = False

    @model_validator(mode="after")
    def _parts_fit_the_type(self) -> Self:
        if (self.type is FieldType.TABLE) != bool(self.columns):
            raise ValueError(f"{self.name}: a table has columns, nothing else has")
        if self.records and not self.columns:
            raise ValueError(f"{self.name}: only a table has records")
        if self.detail and not self.columns:
            raise ValueError(f"{self.name}: only a table has detail")
        if (self.type is FieldType.CODE) != (self.list is not None):
            raise ValueError(f"{self.name}: a code names its list, nothing else does")
        if any(part.type is FieldType.TABLE for part in self.parts):
            raise ValueError(f"{self.name}: a table holds no table")
        refuse_twins(part.name for part in self.parts)
        return self

    @property
    def parts(self) -> tuple["Field", ...]:
        """The fields of one row of a table: its columns, then its details."""
        return self.columns + self.detail


def refuse_twins(names: Iterable[str]) -> None:
    """Raise :class:`ValueError` when a name occurs twice."""
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise ValueError(f"the name {name} occurs twice")
        seen.add(name)
