"""What a field of a form is: its name in `data`, its label, its type,
and for tables their columns.
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import Field as Key
from pydantic import SerializerFunctionWrapHandler, model_serializer, model_validator

from archive.base.bilingual import Text
from archive.base.facts import Strict
from ingest.forms.sums import Sum

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

    Text: `line` (one line), `text` (many). Time: `date` YYYY-MM-DD, `partial_date` YYYY[-MM[-DD]],
    `datetime` ISO 8601 with its offset. `code`: a key of one of the form's code lists, as text;
    `codes`: a list of such keys. `table`: a list of rows, each an object of its columns and
    details.
    """

    LINE = "line"
    TEXT = "text"
    DATE = "date"
    PARTIAL_DATE = "partial_date"
    DATETIME = "datetime"
    NUMBER = "number"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    CODE = "code"
    CODES = "codes"
    TABLE = "table"


NUMBERS = (FieldType.NUMBER, FieldType.INTEGER)


class Needed(StrEnum):
    """When a paper must say a value at the latest: when treatment has ended, or by a death."""

    DISCHARGE = "discharge"
    DEATH = "death"


class Field(Strict):
    """One field of a form, or one column of its table."""

    name: Name
    label: Words
    type: FieldType
    required: bool = False
    # a paper may be archived without it and is not complete without it; not archived
    needed: Annotated[Needed | None, Key(exclude=True)] = None
    max: Annotated[int, Key(gt=0)] | None = None  # characters of text, rows of a table
    unit: str | None = None  # printed after the value
    least: float | None = None  # for numbers: the smallest and the largest that can be true
    most: float | None = None
    sum: Sum | None = None  # for numbers: the parts that they are the total of
    points: dict[str, float] | None = None  # for `code`: what each code counts in a sum
    list: str | None = None  # for `code` and `codes`: a name in `code_lists`, or of a shared list
    # the shared list whose codes (of a code typed as text) or words (of a text) the value has:
    # explained and offered, never demanded; not archived
    codes_of: Annotated[Name | None, Key(exclude=True)] = None
    names_of: Annotated[Name | None, Key(exclude=True)] = None
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
        if (self.least, self.most) != (None, None) and self.type not in NUMBERS:
            raise ValueError(f"{self.name}: only a number has a least and a most")
        if self.sum is not None and self.type not in NUMBERS:
            raise ValueError(f"{self.name}: only a number is a sum")
        if self.points is not None and self.type is not FieldType.CODE:
            raise ValueError(f"{self.name}: only a code has points")
        if (self.type in (FieldType.CODE, FieldType.CODES)) != (self.list is not None):
            raise ValueError(f"{self.name}: a code names its list, nothing else does")
        if any(part.type is FieldType.TABLE for part in self.parts):
            raise ValueError(f"{self.name}: a table holds no table")
        refuse_twins(part.name for part in self.parts)
        return self

    @model_serializer(mode="wrap")
    def _without_what_it_lacks(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        # Definitions are archived and known by their digest: keys that came later are left out.
        written: dict[str, Any] = write(self)
        for name in ("least", "most", "sum", "points"):
            if written.get(name) is None:
                written.pop(name, None)
        return written

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
