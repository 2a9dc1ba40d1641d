"""The suite's documents and cases, from their YAML files."""

import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from archive.access.scope import Scope
from archive.base.identifiers import ChartId, DocumentId, FacilityCode, FormCode
from search.contract import ContentRight, Entry

_HERE = Path(__file__).parent


@dataclass(frozen=True)
class Case:
    """What is typed, by whom, and what must be found."""

    says: str
    typed: str
    scope: Scope
    finds: tuple[str, ...]
    total: int
    any_order: bool
    why: dict[str, tuple[str, ...]]
    marks: dict[str, list[str]]
    ignored: int
    limit: int
    offset: int
    right: ContentRight


def documents() -> dict[str, Entry]:
    """Return the suite's entries by key.

    Ids that are not given are UUIDv7 of made-up moments, in order.
    """
    return {
        raw["key"]: _entry(place, dict(raw)) for place, raw in enumerate(_read("documents.yaml"))
    }


def cases() -> list[Case]:
    """Return the suite's cases."""
    return [_case(raw) for raw in _read("cases.yaml")]


def _read(name: str) -> list[dict[str, Any]]:
    loaded: list[dict[str, Any]] = yaml.safe_load((_HERE / name).read_text(encoding="utf-8"))
    return loaded


def _entry(place: int, raw: dict[str, Any]) -> Entry:
    del raw["key"]
    rest: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in raw.items()
    }
    return Entry(
        document_id=DocumentId(rest.pop("document_id", _uuid7(place, "d"))),
        chart_id=ChartId(rest.pop("chart_id", _uuid7(place, "c"))),
        facility=FacilityCode(rest.pop("facility")),
        department=rest.pop("department", None),
        form=FormCode(rest.pop("form")),
        **rest,
    )


def _uuid7(place: int, kind: str) -> str:
    tail = uuid.uuid5(uuid.NAMESPACE_URL, f"{kind}{place}").hex[12:]
    return str(uuid.UUID(f"0199{place:08x}7{tail[1:4]}8{tail[5:]}"))


def _case(raw: dict[str, Any]) -> Case:
    scope = raw.get("scope", {"facility": "01001"})
    departments = scope.get("departments")
    return Case(
        says=raw["says"],
        typed=raw["typed"],
        scope=Scope(
            FacilityCode(scope["facility"]), None if departments is None else frozenset(departments)
        ),
        finds=tuple(raw["finds"]),
        total=raw.get("total", len(raw["finds"])),
        any_order=raw.get("any_order", False),
        why={key: tuple(names) for key, names in raw.get("why", {}).items()},
        marks=raw.get("marks", {}),
        ignored=raw.get("ignored", 0),
        limit=raw.get("limit", 50),
        offset=raw.get("offset", 0),
        right=ContentRight(raw.get("right", ContentRight.ALL)),
    )
