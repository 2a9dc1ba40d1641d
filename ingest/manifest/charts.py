"""From rows to charts: each value checked, rows of one episode put together, every fault named by
row and column.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from archive.base.chronology import disorders
from archive.base.errors import Fault
from archive.base.facts import ChartFacts, Patient
from archive.base.text import Blank, ControlCharacter, NotALine, TooManyMarks, line, same_name
from ingest.manifest import values
from ingest.manifest.columns import columns, fault
from ingest.manifest.files import ManifestFiles, Stamp, WrongFile
from ingest.manifest.table import Row, Table
from ingest.sources.limits import DEFAULT_LIMITS

_PATIENT = tuple(Patient.model_fields)
_CHART = ("episode", "kind", "department", "admitted_at", "discharged_at", "outcome")
_CONVERT: dict[str, Callable[[str], Any]] = {
    "day": values.day,
    "partial_date": values.partial_date,
    "moment": values.moment,
    "lines": values.several,
}
_DISORDERS = {
    "chart.dates_reversed": "manifest.dates_reversed",
    "date.birth_later": "manifest.birth_later",
}
_WRONG = {"day": "manifest.day", "partial_date": "manifest.day", "moment": "manifest.moment"}


@dataclass(frozen=True, slots=True)
class ManifestPaper:
    """One row: a file, and what it is.

    `stamp` (size and time) shows whether the file was changed since.
    """

    row: int
    file: str  # below the manifest's folder, '/'-separated, as the disk spells it
    stamp: Stamp
    form: str
    key: str
    dated: date | None


@dataclass(frozen=True, slots=True)
class ManifestChart:
    """The rows of one episode."""

    patient: Patient
    chart: ChartFacts
    papers: tuple[ManifestPaper, ...]

    @property
    def rows(self) -> tuple[int, ...]:
        """Return the numbers of its rows."""
        return tuple(paper.row for paper in self.papers)


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a manifest says: charts that can be loaded, in order of their first rows, and all that
    is wrong.
    """

    charts: tuple[ManifestChart, ...]
    faults: tuple[Fault, ...]
    bad_charts: int  # episodes with a fault: none of their rows is in `charts`


def charts_of(table: Table, folder: Path, knows_form: Callable[[str], bool]) -> Manifest:
    """Return the charts of a table whose files lie in `folder`.

    The files are checked for size and time, not read.
    """
    reader = _Reader(table, folder, knows_form)
    return reader.read()


class _Reader:
    def __init__(self, table: Table, folder: Path, knows_form: Callable[[str], bool]) -> None:
        self._table, self._knows_form = table, knows_form
        self._located = ManifestFiles(folder)
        self._faults = list(table.faults)
        self._files: dict[str, int] = {}  # file -> row

    def read(self) -> Manifest:
        episodes = defaultdict[str, list[Row]](list)
        charts, bad = list[ManifestChart](), 0
        for row in self._table.rows:
            if not row.cells.get("episode"):
                self._fault(row, "episode", "manifest.required")
            episodes[_line(row.cells.get("episode", ""))].append(row)
        for episode, rows in episodes.items():
            before = len(self._faults)
            chart = self._chart(rows) if episode else None
            if chart is None or len(self._faults) > before:
                bad += 1
            else:
                charts.append(chart)
        return Manifest(tuple(charts), tuple(self._faults), bad)

    def _chart(self, rows: list[Row]) -> ManifestChart | None:
        stated = self._stated(rows)
        papers = [paper for row in rows if (paper := self._paper(row)) is not None]
        self._require_different(papers)
        if sum(paper.stamp[0] for paper in papers) > DEFAULT_LIMITS.files_bytes:
            self._fault(
                rows[0], "file", "manifest.files_too_large", limit=DEFAULT_LIMITS.files_bytes
            )
        patient = self._model(
            Patient, {name: stated[name] for name in _PATIENT if name in stated}, rows[0]
        )
        facts = {name: stated[name] for name in _CHART if name in stated}
        chart = self._model(ChartFacts, {**facts, "diagnoses": _diagnoses(stated)}, rows[0])
        if patient is None or chart is None:
            return None
        for fact, code in disorders(patient, chart):
            self._fault(rows[0], fact.rpartition("/")[2], _DISORDERS[code])
        return ManifestChart(patient, chart, tuple(papers))

    def _stated(self, rows: list[Row]) -> dict[str, Any]:
        """Return the facts that the rows of an episode state; an empty cell states nothing."""
        stated: dict[str, Any] = {}
        for column in columns().all:
            if not column.chart:
                continue
            said: tuple[Row, Any] | None = None
            for row in rows:
                text = row.cells.get(column.field, "")
                value = self._value(row, column.field, column.kind, text) if text else None
                if value is None:
                    continue
                if said is None:
                    said = row, value
                elif not _same(column.field, said[1], value):
                    self._fault(row, column.field, "manifest.differs", first=said[0].number)
            if said is not None:
                stated[column.field] = said[1]
            elif column.default:
                stated[column.field] = column.default
            elif column.required:
                self._fault(rows[0], column.field, "manifest.required")
        return stated

    def _value(self, row: Row, field: str, kind: str, text: str) -> Any:
        try:
            if kind == "code":
                return values.code(field, text)
            return _CONVERT[kind](text) if kind in _CONVERT else _line(text)
        except KeyError:
            self._fault(row, field, "manifest.code", allowed=columns().allowed(field))
        except ValueError:
            self._fault(row, field, _WRONG[kind])
        return None

    def _paper(self, row: Row) -> ManifestPaper | None:
        located = self._file(row)
        form = row.cells.get("form") or columns().by_header["form"].default
        if not self._knows_form(form):
            self._fault(row, "form", "manifest.form")
        dated = (
            self._value(row, "dated", "day", row.cells["dated"]) if row.cells.get("dated") else None
        )
        if located is None:
            return None
        file, stamp = located
        key = row.cells.get("key") or values.key_of(file)
        if not values.is_key(key):
            self._fault(row, "key", "manifest.key")
        return ManifestPaper(row.number, file, stamp, form, key, dated)

    def _file(self, row: Row) -> tuple[str, Stamp] | None:
        """Return a row's file and its stamp, once it is known to lie in the manifest's folder."""
        try:
            name, stamp = self._located.locate(row.cells.get("file", ""))
            first = self._files.setdefault(name, row.number)
            if first != row.number:
                raise WrongFile("manifest.file_repeated", first=first)
        except WrongFile as wrong:
            self._fault(row, "file", wrong.code, **wrong.facts)
            return None
        return name, stamp

    def _require_different(self, papers: Iterable[ManifestPaper]) -> None:
        seen = dict[tuple[str, str], int]()
        for paper in papers:
            first = seen.setdefault((paper.form, paper.key), paper.row)
            if first != paper.row:
                self._faults.append(
                    fault(paper.row, self._header("key"), "manifest.paper_repeated", first=first)
                )

    def _model(self, model: type[Any], stated: dict[str, Any], row: Row) -> Any:
        try:
            return model.model_validate(stated)
        except ValidationError as error:
            for problem in error.errors(
                include_input=False, include_url=False, include_context=False
            ):
                field = "icd10" if problem["loc"][0] == "diagnoses" else str(problem["loc"][0])
                if field in stated or field == "icd10":  # missing fields have a fault already
                    self._fault(row, field, "manifest.value")
            return None

    def _fault(self, row: Row, field: str, code: str, **facts: object) -> None:
        self._faults.append(fault(row.number, self._header(field), code, **facts))

    def _header(self, field: str) -> str:
        return self._table.headers.get(field, field)


def _line(cell: str) -> str:
    """Return a cell in the form in which rows are compared.

    A cell that is no line stays: the model names its fault.
    """
    try:
        return line(cell)
    except (Blank, ControlCharacter, NotALine, TooManyMarks):
        return cell


def _same(field: str, value: Any, other: Any) -> bool:
    """Return whether two rows agree about a field of an episode; a name may differ in the place of
    its tone marks.
    """
    return value == other or (field == "name" and same_name(value, other))


def _diagnoses(stated: dict[str, Any]) -> list[dict[str, Any]]:
    code, text = stated.get("icd10"), stated.get("diagnosis", "")
    return [{"icd10": code, "text": text, "main": True}] if code or text else []
