"""A code list: its codes with their words and days, and the legal text behind it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Self

import yaml
from pydantic import BeforeValidator, Field, model_validator

from archive.base.bilingual import Text
from archive.base.facts import Strict

_SHIPPED = Path(__file__).parent / "shipped"


class Words(Strict):
    """The title of a list in both languages."""

    vi: Annotated[str, Field(min_length=1)]
    en: Annotated[str, Field(min_length=1)]


class _Days(Strict):
    """Days from `from` to `to`, both included; without one of them: no such limit."""

    since: Annotated[date | None, Field(alias="from")] = None
    until: Annotated[date | None, Field(alias="to")] = None

    def covers(self, day: date) -> bool:
        after_start = self.since is None or self.since <= day
        return after_start and (self.until is None or day <= self.until)


class Term(_Days):
    """What a code means on some days."""

    vi: Annotated[str, Field(min_length=1)]
    en: Annotated[str | None, Field(min_length=1)] = None


class Source(_Days):
    """The legal text that the list follows on some days."""

    text: Annotated[str, Field(min_length=1)]


def _terms(written: Any) -> Any:
    """Return the terms of a code: `Kinh`, `{vi: Kinh, to: …}`, or a list of such mappings."""
    if isinstance(written, str):
        return ({"vi": written},)
    return tuple(written) if isinstance(written, list) else (written,)


Code = Annotated[str, Field(pattern=r"^[0-9A-Za-z+.\-]{1,20}$")]
Terms = Annotated[tuple[Term, ...], BeforeValidator(_terms), Field(min_length=1)]


@dataclass(frozen=True, slots=True)
class Listing:
    """A list as it is on a day: the words of each code in force, and the source of that day.

    `since`: the day from which it is like this; None: always, or the codes of any day.
    """

    title: Text
    source: str
    words: Mapping[str, str]
    since: date | None = None


class CodeList(Strict):
    """One shared list (a file of `shipped/`, grammar in `docs/codes.md`).

    A list that is not `complete` explains codes. It refuses none, and no form may name it.
    """

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,30}$")]
    title: Words
    sources: Annotated[tuple[Source, ...], Field(min_length=1)]
    complete: bool = True
    imported: bool = False  # whether a facility may import it
    shape: str = ".+"  # of its codes, a regular expression
    codes: dict[Code, Terms] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _one_meaning_a_day(self) -> Self:
        for code, terms in self.codes.items():
            for earlier, later in pairwise(terms):  # the oldest is written first
                if not (earlier.until and later.since and earlier.until < later.since):
                    raise ValueError(f"{self.id}: the code {code} means two things on one day")
        return self

    def on(self, day: date) -> Listing:
        """Return the list as it is on `day`."""
        since = max((each for each in self._changes() if each <= day), default=None)
        words = {
            code: term.vi
            for code, terms in self.codes.items()
            for term in terms
            if term.covers(day)
        }
        source = next((s.text for s in reversed(self.sources) if s.covers(day)), "–")
        return Listing(self.heading, source, words, since)

    def ever(self) -> Listing:
        """Return all codes of any day; one that changed has the words of each of its days."""
        words = {code: " / ".join(term.vi for term in terms) for code, terms in self.codes.items()}
        return Listing(self.heading, self.sources[-1].text, words)

    def _changes(self) -> Iterator[date]:
        """Yield the days on which the list becomes another one."""
        terms = (term for terms in self.codes.values() for term in terms)
        for each in (*terms, *self.sources):
            if each.since is not None:
                yield each.since
            if each.until is not None:
                yield each.until + timedelta(days=1)

    @property
    def heading(self) -> Text:
        """The title as a text."""
        return Text(self.title.vi, self.title.en)


@cache
def shipped() -> Mapping[str, CodeList]:
    """Return the lists that Kho ships, by id."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    lists = (
        CodeList.model_validate(yaml.load(path.read_text("utf-8"), Loader=loader))  # noqa: S506
        for path in sorted(_SHIPPED.glob("*.yaml"))
    )
    return {each.id: each for each in lists}


@lru_cache(maxsize=10_000)
def shipped_on(name: str, day: date | None) -> Listing:
    """Return the shipped list `name` as it is on `day`, or with the codes of any day.

    Raises :class:`KeyError`.
    """
    known = shipped()[name]
    return known.ever() if day is None else known.on(day)
