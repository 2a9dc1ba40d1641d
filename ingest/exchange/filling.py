"""Fills an exchange format from the facts of a chart and the records of its papers."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from jsonschema import Draft202012Validator

from archive.base.departments import codes_of
from archive.base.facts import ChartFacts, Patient
from ingest.exchange.definition import (
    FACTS,
    Element,
    ExchangeFormat,
    Group,
    Items,
    Kind,
    Rows,
    Seen,
)
from ingest.exchange.values import in_words, written
from ingest.forms.model import Form
from ingest.render.chart_facts import age
from ingest.render.display import Moment, moment


@dataclass(frozen=True, slots=True)
class ExchangedPaper:
    """A paper in force, the form that it was made from, and what its record says."""

    document_id: str
    key: str
    form: Form
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A value that the format has no room for: it is not cut, but left out."""

    group: str
    element: str
    longest: int


@dataclass(slots=True)
class FilledGroup:
    """What a group got: how many elements, and from which papers (their ids, in order)."""

    group: Group
    elements: int = 0
    papers: dict[str, str] = field(default_factory=dict)  # id: form

    @property
    def values(self) -> int:
        """How many elements say something beside the key of the chart, which every group has."""
        return self.elements - 1

    def as_json(self) -> dict[str, Any]:
        """Return the group as the report lists it."""
        return {
            "group": self.group.name,
            "title": self.group.title.text.as_json(),
            "names": self.group.seen.value,
            "values": self.values,
            "papers": [{"document_id": each, "form": form} for each, form in self.papers.items()],
        }


@dataclass(frozen=True, slots=True)
class Filled:
    """A filled format: `tree` is what is written; the rest is for the report."""

    tree: dict[str, Any]
    groups: tuple[FilledGroup, ...]
    left_out: tuple[LeftOut, ...]


def fill(
    known: ExchangeFormat,
    facts: Mapping[str, Mapping[str, Any]],
    papers: Sequence[ExchangedPaper],
) -> Filled:
    """Return `known` filled with `facts` and `papers`; the same always gives the same.

    `facts`: by the names of `FACTS`. Raises AssertionError where the result does not keep the
    format's own schema.
    """
    work = _Filling(known, facts, papers)
    groups = {group.name: work.group(group) for group in known.groups}
    tree = {known.root: groups}
    broken = next(Draft202012Validator(known.json_schema()).iter_errors(tree), None)
    assert broken is None, f"{known.root}: {list(broken.absolute_path)}" if broken else ""
    return Filled(tree, tuple(work.filled), tuple(work.left_out))


def facts_of(
    chart: ChartFacts,
    patient: Patient,
    archive_number: str | None,
    facility: Mapping[str, str],
    department_name: str,
) -> dict[str, dict[str, Any]]:
    """Return what the catalogue says of a chart, by the names that the format's sources use."""
    main = next((each for each in chart.diagnoses if each.main), None)
    others = [each for each in chart.diagnoses if each is not main]
    born = moment(patient.birth_date) or Moment()
    identity = patient.national_id or ""
    codes = "; ".join(codes_of(chart.department))
    return {
        "chart": {
            "episode": chart.episode,
            "archive_number": archive_number,
            "admitted_at": chart.admitted_at,
            "discharged_at": chart.discharged_at,
            "outcome": chart.outcome and chart.outcome.value,
            "main_text": main and main.text,
            "main_code": main and main.icd10,
            "other_texts": "; ".join(each.text for each in others if each.text),
            "other_codes": ";".join(each.icd10 for each in others if each.icd10),
        },
        "patient": {
            "local_id": patient.local_id,
            "name": patient.name,
            "birth_date": patient.birth_date,
            "age": chart.admitted_at and age(born, chart.admitted_at),
            "sex": patient.sex and patient.sex.value,
            "citizen_id": identity if identity.isdecimal() else "",
            "passport": "" if identity.isdecimal() else identity,
            "card": next(iter(patient.insurance_cards), ""),
            "address": patient.address,
        },
        "facility": dict(facility),
        "department": {"code": codes, "name": department_name},
    }


class _Filling:
    def __init__(
        self,
        known: ExchangeFormat,
        facts: Mapping[str, Mapping[str, Any]],
        papers: Sequence[ExchangedPaper],
    ) -> None:
        self._facts = facts
        self._papers = {
            name: [paper for paper in papers if known.is_of(name, paper.form.code)]
            for name in known.papers
        }
        self.filled: list[FilledGroup] = []
        self.left_out: list[LeftOut] = []

    def group(self, group: Group) -> dict[str, Any]:
        self.filled.append(FilledGroup(group))
        return self._object(group.elements, group.seen, {})

    def _object(
        self, elements: Sequence[Element], seen: Seen, given: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Return the elements of an object; `given`: values that an item of a list brings."""
        whole: dict[str, Any] = {}
        for element in elements:
            sure = element.within(seen)
            value: Any
            if element.kind is Kind.GROUP:
                value = self._object(element.elements, sure, {})
            elif element.kind is Kind.LIST:
                value = given.get(element.name) or list(self._items(element, sure))
            else:
                value = self._text(element, given)
            if value or sure is not Seen.INFERRED:
                whole[element.name] = value
        return whole

    def _text(self, element: Element, given: Mapping[str, Any]) -> str:
        value = written(element, given.get(element.name))
        if not value:
            texts = (written(element, self._of(source, element)) for source in element.sources)
            value = next((text for text in texts if text), "")
        if element.max is not None and len(value) > element.max:
            self.left_out.append(LeftOut(self.filled[-1].group.name, element.name, element.max))
            return ""
        self.filled[-1].elements += bool(value)
        return value

    def _of(self, source: str, element: Element) -> Any:
        """Return the first value that a source has, in the order of the papers."""
        prefix, _, name = source.partition(".")
        if prefix in FACTS:
            return self._facts[prefix].get(name)
        for paper in self._papers[prefix]:
            value = _field(paper, name, element)
            if written(element, value):
                self._note(paper)
                return value
        return None

    def _items(self, element: Element, seen: Seen) -> Iterator[dict[str, Any]]:
        for items in element.items:
            for paper in self._papers[items.of]:
                for row in _rows(items, paper):
                    given = self._given(element, items, paper, row)
                    for inner in element.elements:
                        if inner.name in items.lists:
                            given[inner.name] = [
                                line
                                for lines in items.lists[inner.name]
                                for line in self._lines(inner, seen, lines, paper)
                            ]
                    if _says(element, items, given):
                        self._note(paper)
                        yield self._object(element.elements, seen, given)

    def _lines(
        self, element: Element, seen: Seen, rows: Rows, paper: ExchangedPaper
    ) -> list[dict[str, Any]]:
        lines = []
        for row in _rows(rows, paper):
            given = self._given(element, rows, paper, row)
            if _says(element, rows, given):
                lines.append(self._object(element.elements, element.within(seen), given))
        return lines

    def _given(
        self, element: Element, rows: Rows, paper: ExchangedPaper, row: Mapping[str, Any] | None
    ) -> dict[str, Any]:
        given = {}
        for inner in element.elements:
            source = rows.values.get(inner.name)
            for either in () if source is None else source.split("|"):
                value = self._item_value(either, inner, rows, paper, row)
                if written(inner, value):
                    given[inner.name] = value
                    break
        return given

    def _item_value(
        self,
        source: str,
        element: Element,
        rows: Rows,
        paper: ExchangedPaper,
        row: Mapping[str, Any] | None,
    ) -> Any:
        prefix, dot, name = source.partition(".")
        if dot and prefix not in ("paper", "document"):
            return self._of(source, element)
        if prefix == "document" and dot:
            return _of_document(paper, name)
        if row is None or dot:
            return _field(paper, name if dot else source, element)
        return _column(paper.form, rows.rows or "", source, row, element)

    def _note(self, paper: ExchangedPaper) -> None:
        self.filled[-1].papers.setdefault(paper.document_id, paper.form.code)


def _says(element: Element, rows: Rows, given: Mapping[str, Any]) -> bool:
    """Return whether an item says something of its own paper."""
    own = [
        each
        for each in element.elements
        if isinstance(given.get(each.name), list)
        or "." not in rows.values.get(each.name, "document.")
    ]
    return any(
        bool(given.get(each.name)) if each.kind is Kind.LIST else written(each, given[each.name])
        for each in own
        if each.name in given
    )


def _rows(rows: Rows | Items, paper: ExchangedPaper) -> Iterator[Mapping[str, Any] | None]:
    if rows.rows is None:
        yield None
        return
    for row in paper.data.get(rows.rows) or ():
        kept = all(str(row.get(name)) in codes for name, codes in rows.only.items())
        says = all(row.get(name) not in (None, "") for name in rows.says)
        if kept and says and all(row.get(name) in (None, "") for name in rows.lacks):
            yield row


def _of_document(paper: ExchangedPaper, name: str) -> str:
    return paper.key if name == "key" else paper.form.title.vi


def _field(paper: ExchangedPaper, name: str, element: Element) -> Any:
    if name in ("form", "key"):
        return paper.form.code if name == "form" else paper.key
    value = paper.data.get(name)
    if element.code:
        return value
    known = next((each for each in paper.form.fields if each.name == name), None)
    return in_words(value, known, paper.form)


def _column(form: Form, table: str, name: str, row: Mapping[str, Any], element: Element) -> Any:
    value = row.get(name)
    if element.code:
        return value
    parts = (part for each in form.fields if each.name == table for part in each.parts)
    return in_words(value, next((part for part in parts if part.name == name), None), form)
