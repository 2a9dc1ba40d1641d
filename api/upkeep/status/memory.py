"""What is remembered of an archive: since when each component is as it is, and the last check."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from api.home import Home
from api.upkeep.status.component import Component
from archive.base.errors import Unavailable
from archive.catalog.operations import ComponentStateRow, HealthCheckRow
from retention.health.check import CheckReport


@dataclass(frozen=True, slots=True)
class LastCheck:
    """When the last check of an archive ended, and the codes of the errors that it found."""

    at: datetime
    codes: tuple[str, ...]


def with_since(home: Home, components: Iterable[Component]) -> list[Component]:
    """Return the components, each with the time since which it has been seen in its state.

    A change is remembered where the catalogue can be written.
    """
    now = home.clock.now()
    try:
        with home.catalog.read() as session:
            mine = select(ComponentStateRow).where(ComponentStateRow.facility == home.code)
            rows = {row.name: row for row in session.scalars(mine)}
    except Unavailable:
        return list(components)
    seen: list[Component] = []
    changed: list[ComponentStateRow] = []
    for component in components:
        row = rows.get(component.name)
        if row is not None and row.state == component.state:
            seen.append(component.seen_since(row.since))
            continue
        seen.append(component.seen_since(now))
        changed.append(
            ComponentStateRow(
                facility=home.code, name=component.name, state=component.state.value, since=now
            )
        )
    if changed and not home.catalog.read_only:
        with suppress(Unavailable), home.catalog.write() as session:
            for row in changed:
                session.merge(row)
    return seen


def keep_check(home: Home, report: CheckReport) -> None:
    """Remember what a check found, where the catalogue can be written."""
    if home.catalog.read_only:
        return
    codes = sorted({fault.kind.code for fault in report.faults if fault.kind.severity == "error"})
    row = HealthCheckRow(facility=home.code, ended_at=home.clock.now(), codes=codes)
    with suppress(Unavailable), home.catalog.write() as session:
        session.merge(row)


def last_check(home: Home) -> LastCheck | None:
    """Return what the last check found; None where none is remembered. Raises Unavailable."""
    with home.catalog.read() as session:
        row = session.get(HealthCheckRow, home.code)
    return LastCheck(row.ended_at, tuple(row.codes)) if row is not None else None
