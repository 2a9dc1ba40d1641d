"""Departments of records: people read `Khoa Hồi sức cấp cứu` where a record says `K02`."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files

import yaml

_BETWEEN = ";"


@dataclass(frozen=True, slots=True)
class DepartmentName:
    """A name that the facility gave to the department `code`, in force from the day `since` on."""

    code: str
    name: str
    since: date


class Departments:
    """The names of a facility's departments; the Ministry's list names the others."""

    def __init__(self, stated: Iterable[DepartmentName], today: date) -> None:
        """`stated`: what the facility named, in any order; `today`: the day in Viet Nam."""
        self._today = today
        self._stated: dict[str, list[DepartmentName]] = {}
        for named in sorted(stated, key=lambda named: named.since, reverse=True):
            self._stated.setdefault(named.code, []).append(named)

    @property
    def codes(self) -> list[str]:
        """Every code that has a name, in order."""
        return sorted({*self._stated, *ministry_names()})

    def stated(self, code: str) -> list[DepartmentName]:
        """Return the names that the facility gave to a code, the newest first."""
        return self._stated.get(code, [])

    def name(self, code: str, on: date | None = None) -> str | None:
        """Return the name of one code on a day (None: today); None for a code without a name."""
        return self._own(code, on or self._today) or ministry_names().get(code)

    def _own(self, code: str, on: date) -> str | None:
        return next((named.name for named in self.stated(code) if named.since <= on), None)

    def in_force(self, on: date) -> dict[str, str]:
        """Return the facility's own names by code, as they are on a day."""
        return {code: name for code in self._stated if (name := self._own(code, on))}

    def names(self, code: str) -> list[str]:
        """Return every name that a code has or had, also the Ministry's."""
        ministry = ministry_names().get(code)
        stated = (named.name for named in self.stated(code))
        return list(dict.fromkeys([*stated, *([ministry] if ministry else [])]))

    def title(self, codes: str | None, on: date | None = None) -> str:
        """Return the words for what a record says: a code, or several with `;` between them.

        A code without a name stays as it is; without a code the text is empty.
        """
        return "; ".join(self.name(code, on) or code for code in codes_of(codes))


def codes_of(stated: str | None) -> tuple[str, ...]:
    """Return the codes that a record states as its department, each once, in their order.

    A stay in several departments has several, with `;` between them (QĐ 4750, MA_KHOA).
    """
    codes = (code.strip() for code in (stated or "").split(_BETWEEN))
    return tuple(dict.fromkeys(code for code in codes if code))


@cache
def ministry_names() -> Mapping[str, str]:
    """Return the Ministry's names by code (`departments.yaml`)."""
    source = files("archive.base").joinpath("departments.yaml")
    names: dict[str, str] = yaml.safe_load(source.read_text(encoding="utf-8"))
    return names
