"""The catalogue of cases, from `catalogue.yaml`: ids, gravities and sentences."""

from functools import cache
from importlib.resources import files
from typing import Literal

import yaml

from archive.base.bilingual import Text
from archive.base.facts import Strict
from archive.conformance.case import Gravity

Kind = Literal["s3", "folder"]


class Sentence(Strict):
    """A few words in both languages."""

    vi: str
    en: str

    @property
    def text(self) -> Text:
        """The words as the house's own type."""
        return Text(self.vi, self.en)


class Case(Strict):
    """One case: what it shows, how grave a failure is, what a failure means.

    `only` names one make of store.
    """

    id: str
    gravity: Gravity
    shows: Sentence
    means: Sentence
    kind: Kind = "s3"
    only: str = ""

    @property
    def group(self) -> str:
        """The subject that the case belongs to."""
        return self.id.partition(".")[0]


class Catalogue(Strict):
    """All cases; `suite` is the version that records name, `valid_days` how long one counts."""

    suite: int
    valid_days: int
    groups: dict[str, Sentence]
    cases: tuple[Case, ...]

    def of(self, kind: Kind, make: str) -> list[Case]:
        """Return the cases of one kind of store, and of its make, in order."""
        return [case for case in self.cases if case.kind == kind and case.only in ("", make)]

    def case(self, name: str) -> Case:
        """Return a case by its id; raises :class:`KeyError`."""
        return {case.id: case for case in self.cases}[name]


@cache
def catalogue() -> Catalogue:
    """Return the catalogue that Kho ships."""
    text = files("archive.conformance").joinpath("catalogue.yaml").read_text("utf-8")
    return Catalogue.model_validate(yaml.safe_load(text))
