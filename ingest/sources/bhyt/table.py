"""Field tables of the insurance XML, typed: which tables and fields each decision has, loaded from
`tables/*.yaml`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

import yaml


class FieldKind(StrEnum):
    """What a field holds; sizes and codes are strings of the file all the same."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"  # yyyymmdd, parts unknown as 0000; a date of birth may carry HHMM
    DATETIME = "datetime"  # yyyymmddHHMM, Viet Nam time
    DATES = "dates"  # several of either, separated by ';'


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its name, kind, longest length in characters (None: unlimited), and whether the
    portal demands it.
    """

    name: str
    kind: FieldKind
    max: int | None
    required: bool


@dataclass(frozen=True, slots=True)
class Table:
    """One table (XML1 ... XML15): its element names and its fields in the template's order.

    `row` is None for a table that is one record; `root` is None where no template names it (XML12).
    """

    code: str
    root: str | None
    list: str | None
    row: str | None
    fields: Mapping[str, Field]


@dataclass(frozen=True, slots=True)
class Version:
    """One decision's tables, with the day from which it is in use."""

    name: str
    decision: str
    valid_from: date
    tables: Mapping[str, Table]


@cache
def versions() -> tuple[Version, ...]:
    """Return the versions, oldest first."""
    folder = files("ingest.sources.bhyt.tables")
    raw = {
        entry.name.removesuffix(".yaml"): yaml.safe_load(entry.read_text(encoding="utf-8"))
        for entry in folder.iterdir()
        if entry.name.endswith(".yaml")
    }
    read = [
        Version(name, facts["decision"], facts["valid_from"], _tables(facts, raw))
        for name, facts in sorted(raw.items())
    ]
    return tuple(sorted(read, key=lambda version: version.valid_from))


def newest() -> Version:
    """Return the version with the latest day of validity."""
    return versions()[-1]


@cache
def structures() -> Mapping[str, Table]:
    """Return every table with the fields of all versions: what is needed to read one before its
    version is known.

    The element names of tables, lists and rows are the same in all versions.
    """
    merged: dict[str, Table] = {}
    for version in versions():
        for code, table in version.tables.items():
            fields = {**merged[code].fields, **table.fields} if code in merged else table.fields
            merged[code] = replace(table, fields=fields)
    return merged


def recognise(names: Mapping[str, set[str]], discharged: date | None) -> Version:
    """Return the version that a chart was written in, from `names`: the fields that occur, by
    table.

    It is the version that knows most of the names; among equals the one in use on the day of
    discharge, and without a day the newest. (QĐ 3176 renamed fields of XML13; XML13 to 15 came with
    QĐ 4750.)
    """
    unknown = {version.name: _unknown(version, names) for version in versions()}
    fewest = min(unknown.values())
    fitting = [version for version in versions() if unknown[version.name] == fewest]
    in_use = [
        version for version in fitting if discharged is None or version.valid_from <= discharged
    ]
    return in_use[-1] if in_use else fitting[0]


def _unknown(version: Version, names: Mapping[str, set[str]]) -> int:
    count = 0
    for code, fields in names.items():
        known = version.tables[code].fields if code in version.tables else {}
        count += len(fields - known.keys())
    return count


def _tables(facts: Mapping[str, Any], raw: Mapping[str, Mapping[str, Any]]) -> dict[str, Table]:
    if "based_on" not in facts:
        return {code: _table(code, table) for code, table in facts["tables"].items()}
    base = _tables(raw[facts["based_on"]], raw)
    return {
        code: _revised(table, facts)
        for code, table in base.items()
        if code not in facts.get("without", ())
    }


def _table(code: str, raw: Mapping[str, Any]) -> Table:
    fields = [_field(line) for line in raw["fields"]]
    return Table(
        code, raw["root"], raw.get("list"), raw.get("row"), {field.name: field for field in fields}
    )


def _field(line: str) -> Field:
    name, kind, most, *required = line.split()
    return Field(
        name, FieldKind(kind), None if most == "-" else int(most), required == ["required"]
    )


def _revised(table: Table, facts: Mapping[str, Any]) -> Table:
    renamed = facts.get("renamed", {}).get(table.code, {})
    removed = facts.get("removed", {}).get(table.code, ())
    changed = {
        field.name: field for field in map(_field, facts.get("changed", {}).get(table.code, ()))
    }
    fields: dict[str, Field] = {}
    for field in table.fields.values():
        if field.name in removed:
            continue
        name = renamed.get(field.name, field.name)
        fields[name] = replace(changed.get(name, field), name=name, required=field.required)
    return replace(table, fields=fields)
