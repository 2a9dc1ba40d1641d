"""What the archive requires of an insurance chart: `archive.yaml`, typed."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import yaml

from archive.base.facts import ChartKind, Outcome


@dataclass(frozen=True, slots=True)
class Signs:
    """Fields and tables that mean something when they occur."""

    fields: tuple[str, ...]
    tables: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """`archive.yaml`, which says what each part means."""

    required: Mapping[str, tuple[str, ...]]
    repeatable: frozenset[str]
    sensitive: frozenset[str]
    ignored: frozenset[str]
    keys: frozenset[str]
    facility: frozenset[str]
    facts: tuple[str, ...]
    same_patient: Signs
    kinds: Mapping[str, ChartKind]
    inpatient_signs: Signs
    outcomes: Mapping[str, Outcome]
    icd10: re.Pattern[str]


@cache
def policy() -> Policy:
    """Return the policy that `archive.yaml` states."""
    raw = yaml.safe_load(
        files("ingest.sources.bhyt").joinpath("archive.yaml").read_text(encoding="utf-8")
    )
    return Policy(
        required={table: tuple(fields) for table, fields in raw["required"].items()},
        repeatable=frozenset(raw["repeatable"]),
        sensitive=frozenset(raw["sensitive"]),
        ignored=frozenset(raw["ignored"]),
        keys=frozenset(raw["keys"]),
        facility=frozenset(raw["facility"]),
        facts=tuple(raw["facts"]),
        same_patient=_signs(raw["same_patient"]),
        kinds={code: ChartKind(kind) for code, kind in raw["kinds"].items()},
        inpatient_signs=_signs(raw["inpatient_signs"]),
        outcomes={code: Outcome(outcome) for code, outcome in raw["outcomes"].items()},
        icd10=re.compile(raw["icd10"]),
    )


def _signs(raw: Mapping[str, list[str]]) -> Signs:
    return Signs(tuple(raw["fields"]), tuple(raw["tables"]))
