"""How a form is printed, block by block: what `body` of a section in `form.yaml` says.

A body is read once and drives the paper, the page on which the form is filled, and the order of the
fields. The grammar is in `docs/forms.md`.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Tag, model_validator
from pydantic import Field as Key

from archive.base.facts import Strict
from ingest.forms.field import Name

Millimetres = Annotated[float, Key(gt=0, le=180)]


class Fact(StrEnum):
    """What the chart says already, so that no field asks for it again."""

    NAME = "patient.name"
    BORN = "patient.born"
    AGE = "patient.age"
    SEX = "patient.sex"
    LOCAL_ID = "patient.local_id"
    NATIONAL_ID = "patient.national_id"
    SOCIAL_INSURANCE = "patient.social_insurance"
    CARD = "patient.card"
    ADDRESS = "patient.address"
    EPISODE = "chart.episode"
    DEPARTMENT = "chart.department"
    ADMITTED = "chart.admitted"
    DISCHARGED = "chart.discharged"
    FACILITY = "facility.name"
    FACILITY_ADDRESS = "facility.address"
    AUTHORITY = "facility.authority"


class Written(StrEnum):
    """How a day or a moment is written: `10/11/2026`, `ngày 10 tháng 11 năm 2026`, or a box for
    each digit.
    """

    SHORT = "short"
    WORDS = "words"
    BOXES = "boxes"


class Otherwise(Strict):
    """What the chart says, printed where a field and those of `unless` say nothing."""

    fact: Fact
    unless: tuple[Name, ...] = ()


class Look(Strict):
    """How a value is printed on the sheet. It is no part of the archived definition."""

    printed: str = ""  # the label as the sheet prints it, with its number and its colon
    hint: str | None = None  # words in italics after the label
    strong: bool = False  # a bold label
    lines: Annotated[int, Key(ge=1, le=40)] = 1  # ruled lines on a blank sheet
    room: Millimetres | None = None  # the width of the place for the value, within a line
    indent: Millimetres | None = None  # how far in the label begins
    # a code is printed in so many boxes; of options: the chosen codes do, at the end of the words
    boxes: Annotated[int, Key(ge=1, le=16)] | None = None
    over: tuple[str, ...] = ()  # letters above the boxes, one for each
    code: Name | None = None  # the field whose code is in `boxes` at the end of this text
    written: Written = Written.SHORT
    # the words of a moment: after the hour, after the minutes, before the day
    time_words: tuple[str, str, str] = ("giờ", "phút,", "ngày")
    after: str | None = None  # words after the value
    otherwise: Otherwise | None = None
    # of a code, a list of codes or a boolean
    stack: Annotated[int, Key(ge=0, le=6)] = 0  # options in so many columns; 0: in one row
    unnumbered: bool = False  # options without their code before the words
    box_first: bool = False  # the box is before the words
    # of a boolean: words for true and for false, in the order of the sheet, each with a box
    either: dict[bool, str] | None = None
    # of a table
    rows: Annotated[int, Key(ge=0, le=40)] = 3  # empty rows on a blank sheet
    every: Name | None = None  # the column whose every code has a row of its own
    # with `every`: words of a column where the data has none
    given: dict[Name, dict[str, str]] = Key(default_factory=dict)
    ticked: Name | None = None  # the column that has a box for each of its codes
    undashed: bool = False  # with `every`: the codes' words without a dash
    grouped: Name | None = None  # rows of one code of that column are below the code's words
    subtotals: Name | None = None  # with `grouped`: a table of sums, one below each group
    fine: bool = False  # small letters, for many columns
    fold: Annotated[int, Key(ge=1, le=3)] = 1  # the rows stand side by side in so many parts
    lead: tuple[str, ...] = ()  # no grid: each row is a line that begins with the next of these
    counted: bool = False  # a first column, TT, counts the rows
    numbered: str = ""  # the head of a first column that counts the rows, also those of a blank
    spans: tuple[tuple[str, int], ...] = ()  # a row above the head: words, and columns they span
    heads: tuple[tuple[str, int], ...] = ()  # the head, in place of the columns' labels
    # the rows of the data are side by side, so many on a table; the columns are its lines
    turned: Annotated[int, Key(ge=0, le=12)] = 0
    bands: dict[Name, str] = Key(default_factory=dict)  # with `turned`: words above a line
    # with `turned`: the column under whose codes the rows are, so many side by side for each
    halves: Name | None = None
    legends: tuple[Name, ...] = ()  # with `turned`: columns that show codes, their words below


LOOK = frozenset(Look.model_fields)


class Place(Strict):
    """The place of a field on the sheet."""

    name: Name
    look: Look = Look()


class FactPlace(Strict):
    """A value that the chart says, with its label on this sheet."""

    fact: Fact
    look: Look = Look()
    options: tuple[str, ...] = ()  # of `patient.sex`: as the sheet prints them


class Caption(Strict):
    """Words that the sheet prints by itself."""

    text: Annotated[str, Key(min_length=1)]
    strong: bool = False
    hint: bool = False  # in italics
    align: Literal["left", "center", "right"] = "left"
    above: bool = False  # above the box that it is in, on the line of the heading
    size: Literal["small", "normal", "large"] = "normal"

    @model_validator(mode="before")
    @classmethod
    def _short(cls, raw: Any) -> Any:
        return {"text": raw} if isinstance(raw, str) else raw


class Heading(Strict):
    """A heading below that of its section."""

    heading: str


class Line(Strict):
    """Values and words that share a line of the sheet; it goes on below where they are long."""

    line: tuple["Item", ...]


class Columns(Strict):
    """Blocks side by side, each column with its share of the width; with `frame` in boxes."""

    columns: tuple[tuple["Block", ...], ...]
    widths: tuple[float, ...] = ()
    frame: bool = False

    @model_validator(mode="after")
    def _as_many_widths(self) -> "Columns":
        if self.widths and len(self.widths) != len(self.columns):
            raise ValueError("widths: one for each column")
        return self


class Row(Strict):
    """A row of a grid: blocks in each cell; `joined`: without a line above it."""

    cells: tuple[tuple["Block", ...], ...]
    joined: bool = False


class Grid(Strict):
    """Blocks in rows and columns with lines around them; `heads` are repeated on each page."""

    grid: tuple[Row, ...]
    heads: tuple[str, ...] = ()
    widths: tuple[float, ...] = ()

    @model_validator(mode="after")
    def _as_many_cells(self) -> "Grid":
        counts = {len(part) for part in (self.heads, self.widths) if part}
        if len(counts | {len(row.cells) for row in self.grid}) != 1:
            raise ValueError("grid: each row has as many cells as the grid has columns")
        return self


class Signing(Strict):
    """Places to sign, side by side in the order of the paper; `names` are fields of the form."""

    names: tuple[Name, ...]
    date: Name | None = None  # the field with the day above the last place
    # of a signer: the field with the day above that place
    dates: dict[Name, Name] = Key(default_factory=dict)
    name_label: str = "Họ và tên"
    roles: tuple[str, ...] = ()  # as printed
    notes: tuple[str, ...] = ()  # in italics below each role
    beside: tuple["Block", ...] = ()  # blocks on their left


class Masthead(Strict):
    """The head of the first page: the issuer and `left` below it, the title, the printed code and
    `right` below it. `record`: a case record or a sheet, its title in the middle; `paper`: one that
    is handed out, with the motto of the state; its title is below. `under` is below the
    title.
    """

    masthead: Literal["record", "paper"]
    # the words before the authority and the facility; `[]`: `left` has both
    issuer: tuple[str, str] | tuple[()] | None = None
    title_below: bool = False  # of a record: its title is below, not in the middle
    left: tuple["Block", ...] = ()
    right: tuple["Block", ...] = ()
    under: tuple["Block", ...] = ()


class Break(Strict):
    """What follows begins a new page."""

    page_break: Literal[True]


Part = Annotated[float, Key(ge=0, le=1)]


class Inscription(Strict):
    """Words on a drawing; `at`: their middle, as parts of its width and height."""

    text: Annotated[str, Key(min_length=1, max_length=20)]
    at: tuple[Part, Part]


class Picture(Strict):
    """A drawing of Kho (`ingest/render/lib/figures`), with the marks that a field holds."""

    figure: Annotated[str, Key(pattern=r"^[a-z0-9_]+$")]
    marks: Name | None = None  # a table with columns x, y (0 to 1) and a mark
    height: Millimetres = 50
    captions: tuple[str, ...] = ()  # below it, in equal parts of the width
    inscriptions: tuple[Inscription, ...] = ()  # a drawing itself has no words


class Curve(Strict):
    """A column of numbers as a curve on a scale, with a mark at each value."""

    column: Name
    scale: tuple[float, float]  # the values at the foot and at the top
    step: Annotated[float, Key(gt=0)]  # from one number of the scale to the next
    shared: bool = False  # on the scale of the curve before it
    mark: Literal["dot", "ring", "cross", "square", "up", "down"] = "dot"
    line: Literal["solid", "dashed", "dotted", "none"] = "solid"
    color: Literal["black", "red", "blue"] = "black"
    words: str = ""  # in place of the column's label

    @model_validator(mode="after")
    def _few_numbers(self) -> "Curve":
        if not 1 <= (self.scale[1] - self.scale[0]) / self.step <= _MOST_STEPS:
            raise ValueError(f"scale: from 1 to {_MOST_STEPS} steps upwards")
        return self


class Values(Strict):
    """A line of values below the curves: of one column, or of several with a mark between them."""

    columns: tuple[Name, ...]
    words: str = ""  # in place of the column's label
    between: str = "/"

    @model_validator(mode="before")
    @classmethod
    def _short(cls, raw: Any) -> Any:
        return {"columns": (raw,)} if isinstance(raw, str) else raw


class Guide(Strict):
    """A straight line that the sheet prints: from one place (hour, value) to another."""

    words: str
    start: tuple[float, float]
    end: tuple[float, float]


class Curves(Strict):
    """The rows of a table, drawn as curves over their moments, with lines of values below."""

    curves: Name
    x: Name  # the column of the moments
    slots: Annotated[int, Key(ge=1, le=48)] = 18  # columns of one grid; more are in grids below
    hourly: bool = False  # a column is an hour from `since`, else from the first row
    since: Name | None = None
    headed: bool = True  # days and hours above it; false: with `hourly` only the count of hours
    height: Millimetres = 60
    series: Annotated[tuple[Curve, ...], Key(min_length=1)]
    minor: Annotated[int, Key(ge=1, le=10)] = 1  # fine parts of a step of the first scale
    rows: tuple[Values, ...] = ()
    guides: tuple[Guide, ...] = ()  # on the first scale
    # the guides move sideways: the first passes through the first value from here up
    anchored: float | None = None

    @property
    def columns(self) -> tuple[Name, ...]:
        """The columns of the table that are drawn."""
        below = (name for row in self.rows for name in row.columns)
        return (self.x, *(curve.column for curve in self.series), *below)


_MOST_STEPS = 40
_KINDS = (
    "name",
    "fact",
    "text",
    "heading",
    "line",
    "columns",
    "grid",
    "names",
    "masthead",
    "page_break",
    "curves",
)


def _kind(raw: Any) -> str:
    if isinstance(raw, str):
        return "text"
    keys = raw if isinstance(raw, Mapping) else vars(raw)
    for key in _KINDS:
        if key in keys:
            return key
    return "figure"


Item = Annotated[
    Annotated[Place, Tag("name")]
    | Annotated[FactPlace, Tag("fact")]
    | Annotated[Caption, Tag("text")],
    Discriminator(_kind),
]
Block = Annotated[
    Annotated[Place, Tag("name")]
    | Annotated[FactPlace, Tag("fact")]
    | Annotated[Caption, Tag("text")]
    | Annotated[Heading, Tag("heading")]
    | Annotated[Line, Tag("line")]
    | Annotated[Columns, Tag("columns")]
    | Annotated[Grid, Tag("grid")]
    | Annotated[Signing, Tag("names")]
    | Annotated[Masthead, Tag("masthead")]
    | Annotated[Break, Tag("page_break")]
    | Annotated[Curves, Tag("curves")]
    | Annotated[Picture, Tag("figure")],
    Discriminator(_kind),
]
Line.model_rebuild()
Columns.model_rebuild()
Row.model_rebuild()
Grid.model_rebuild()
Signing.model_rebuild()
Masthead.model_rebuild()
