"""The names of departments, for pages, commands and API: facility data, no patient's."""

import threading
import time
from dataclasses import dataclass

from archive.access.scope import Scope
from archive.base.clock import Clock, vietnam_date
from archive.base.departments import DepartmentName, Departments
from archive.base.identifiers import FacilityCode
from archive.catalog.database import Catalog
from archive.catalog.departments import codes_of_charts, stated_names

FRESH = 10.0  # seconds; a name that this process gives ends it sooner


@dataclass(frozen=True, slots=True)
class _Read:
    """What the catalogue said at a moment."""

    at: float
    stated: list[DepartmentName]
    of_charts: list[str]


class DepartmentService:
    """Reads the names of one facility's departments.

    Nearly every page shows some, so what was read is kept for a moment. Safe for threads.
    """

    def __init__(self, catalog: Catalog, facility: FacilityCode, clock: Clock) -> None:
        self._catalog, self._facility, self._clock = catalog, facility, clock
        self._guard = threading.Lock()
        self._kept: _Read | None = None

    def names(self) -> Departments:
        """Return the names as they are now, or were a moment ago."""
        return Departments(self._read().stated, vietnam_date(self._clock.now()))

    def of_charts(self, scope: Scope) -> list[str]:
        """Return the codes that charts within `scope` have, in order."""
        return [code for code in self._read().of_charts if scope.holds(scope.facility, code)]

    def forget(self) -> None:
        """Read again: a department has another name."""
        with self._guard:
            self._kept = None

    def _read(self) -> _Read:
        with self._guard:
            if self._kept is None or time.monotonic() - self._kept.at > FRESH:
                with self._catalog.read() as session:
                    self._kept = _Read(
                        time.monotonic(),
                        stated_names(session, self._facility),
                        codes_of_charts(session, self._facility),
                    )
            return self._kept
