"""The catalogue of forms: reads every `form.yaml`, and finds the form that is in force on a day."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import cache, cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any, Self

from archive.base.errors import Fault, KhoError, Misconfigured
from ingest.codes.lists import Listing
from ingest.codes.shelf import CodeLists
from ingest.forms.chart_schema import chart_schema, lookup_schema
from ingest.forms.compiled import compiled
from ingest.forms.definition import (
    BrokenDefinition,
    DefinitionFault,
    definition_fault,
    read_form,
)
from ingest.forms.looked_up import unknown_codes
from ingest.forms.model import Form
from ingest.forms.plain_yaml import load_outside_yaml
from ingest.forms.shared_lists import day_stated
from ingest.forms.validation import faults

_SHIPPED = Path(__file__).parent


class UnknownForm(KhoError):
    """No form of that code is known, or none is in force on that day."""

    code = "form.unknown"


class FormCatalog:
    """All forms that this home knows; immutable once loaded."""

    def __init__(
        self,
        forms: Iterable[Form],
        *,
        own: Iterable[Form] = (),
        broken: Iterable[DefinitionFault] = (),
        codes: CodeLists | None = None,
    ) -> None:
        """Take `forms`, a facility's `own`, which go before them, and its code lists; raises
        :class:`Misconfigured` when two versions of one form are in force on the same day.
        """
        shipped, added = _in_order(forms), _in_order(own)
        self.forms = tuple(sorted((*shipped, *added), key=_code_and_day))
        self.own = frozenset((form.code, form.version) for form in added)
        self.broken = tuple(broken)
        self.codes = codes or CodeLists()
        # the last one that covers a day is in force
        self._versions: dict[str, list[Form]] = {}
        for form in (*shipped, *added):
            self._versions.setdefault(form.code, []).append(form)
        # The days of a year fall into few spans of equal forms: the schema of each is made once.
        self._by_day: dict[frozenset[tuple[str, int]], FormCatalog] = {}
        self._sharing = any(form.shared for form in self.forms)
        self._by_lists: dict[frozenset[tuple[str, date | None]], dict[str, Any]] = {}

    @classmethod
    def load(cls, extra: Path | None = None, codes: CodeLists | None = None) -> Self:
        """Read the forms that Kho ships, and those in the folders of `extra`, a facility's own.

        An own form goes before a shipped one of its code on the days of its validity. One that is
        broken is left out, and named in :attr:`broken`: it never stops the others.
        """
        own, broken = own_forms(extra) if extra else ([], [])
        return cls(_shipped(), own=own, broken=broken, codes=codes)

    def get(self, code: str, on: date | None = None) -> Form:
        """Return the form `code` as it is in force `on` a day, or its newest version without one.

        Raises :class:`UnknownForm`.
        """
        for form in reversed(self._versions.get(code, ())):
            if on is None or form.valid.covers(on):
                return form
        raise UnknownForm(form=code)

    def version(self, code: str, version: int | None = None) -> Form:
        """Return one version of the form `code`, or its newest; raises :class:`UnknownForm`."""
        for form in self._versions.get(code, ()):
            if form.version == version:
                return form
        if version is not None:
            raise UnknownForm(form=f"{code}, version {version}")
        return self.get(code)

    def in_force(self, on: date) -> "FormCatalog":
        """Return the catalogue of the forms in force `on` a day: a source that arrives on that day
        may use them.

        A form that is announced for next year is known, but no source may use it yet.
        """
        codes = self._versions
        in_force = {code: form for code in codes if (form := self._on(code, on)) is not None}
        covered = frozenset((form.code, form.version) for form in in_force.values())
        if covered not in self._by_day:
            self._by_day[covered] = FormCatalog(in_force.values(), codes=self.codes)
        return self._by_day[covered]

    def _on(self, code: str, day: date) -> Form | None:
        versions = reversed(self._versions.get(code, ()))
        return next((form for form in versions if form.valid.covers(day)), None)

    def newest(self) -> Iterator[Form]:
        """Yield the newest version of each form."""
        for versions in self._versions.values():
            yield versions[-1]

    def chart_schema(self) -> dict[str, Any]:
        """Return the JSON Schema of a chart in the JSON record format, by the newest version of
        each form.
        """
        return self._chart_schema

    def chart_faults(self, document: object) -> tuple[Fault, ...]:
        """Return everything in `document` (parsed JSON) that :meth:`chart_schema` does not allow.

        Codes of shared lists are those of the record's day. See
        :func:`ingest.forms.validation.faults`. The cost of a paper does not grow with the
        number of forms.
        """
        return faults(document, self._lookup_on(day_stated(document)))

    def _lookup_on(self, day: date | None) -> dict[str, Any]:
        """Return the schema with the shared code lists of `day`; each state of them has one."""
        if day is None or not self._sharing:
            return self._lookup_schema
        forms = tuple(form.on(day) for form in self.newest())
        state = frozenset(
            (name, listing.since)
            for form in forms
            for name, listing in form.listings.items()
            if name in form.shared
        )
        if state not in self._by_lists:
            self._by_lists[state] = lookup_schema(forms)
        return self._by_lists[state]

    def unknown_codes(self, document: Mapping[str, Any]) -> Iterator[tuple[str, Listing]]:
        """Yield where a valid chart `document` has a code that its shared list does not have on the
        record's day, and that list. A list that is not known whole misses no code.
        """
        day = day_stated(document)
        for number, diagnosis in enumerate(document["chart"].get("diagnoses") or ()):
            shelf, code = self.codes.on("icd10", day), diagnosis.get("icd10")
            if shelf is not None and code and shelf.unknown(code):
                yield f"/chart/diagnoses/{number}/icd10", shelf.listing
        for number, paper in enumerate(document["papers"]):
            form = next(reversed(self._versions.get(paper["form"], ())), None)
            if form is not None:
                data = paper.get("data", {})
                for path, listing in unknown_codes(form, data, self.codes, day):
                    yield f"/papers/{number}/data{path}", listing

    @cached_property
    def _chart_schema(self) -> dict[str, Any]:
        return chart_schema(self.newest())

    @cached_property
    def _lookup_schema(self) -> dict[str, Any]:
        return lookup_schema(self.newest())


def _code_and_day(form: Form) -> tuple[str, date]:
    return form.code, form.valid.since


def _in_order(forms: Iterable[Form]) -> tuple[Form, ...]:
    """Return `forms` by code and day; raises :class:`Misconfigured` where two overlap."""
    ordered = tuple(sorted(forms, key=_code_and_day))
    for earlier, later in pairwise(ordered):
        if earlier.code == later.code and earlier.valid.overlaps(later.valid):
            raise Misconfigured(
                why_vi=f"hai bản của mẫu {later.code} cùng có hiệu lực",
                why_en=f"two versions of form {later.code} are in force on one day",
            )
    return ordered


@cache
def _shipped() -> tuple[Form, ...]:
    return compiled(_SHIPPED, lambda: tuple(map(read_form, sorted(_SHIPPED.glob("*/form.yaml")))))


def own_forms(folder: Path) -> tuple[list[Form], list[DefinitionFault]]:
    """Return a facility's own forms that can be used, and all faults of the others."""
    forms: list[Form] = []
    faults_of_all: list[DefinitionFault] = []
    shipped = {(form.code, form.version) for form in _shipped()}
    for path in sorted(folder.glob("*/form.yaml")):
        try:
            form = read_form(path, load_outside_yaml)
        except BrokenDefinition as error:
            faults_of_all += error.problems
            continue
        clash = "taken" if (form.code, form.version) in shipped else None
        if any(form.code == other.code and form.valid.overlaps(other.valid) for other in forms):
            clash = "overlap"
        if clash is None:
            forms.append(form)
        else:
            named = f"{form.code}, version {form.version}"
            faults_of_all.append(definition_fault(path, clash, named))
    return forms, faults_of_all
