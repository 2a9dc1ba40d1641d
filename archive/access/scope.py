"""Which records a caller may see at all: a part of every query, never an afterthought."""

from dataclasses import dataclass

from archive.base.departments import codes_of
from archive.base.identifiers import FacilityCode


@dataclass(frozen=True, slots=True)
class Scope:
    """One facility, and within it all departments (`None`) or only those named (mã khoa).

    A chart of several departments lies in the scope of each of them. Only a scope of all
    departments includes a chart without a department. An empty set includes nothing. Documents of
    `hidden_forms` (codes of forms) are not in it; their charts are.
    """

    facility: FacilityCode
    departments: frozenset[str] | None = None
    hidden_forms: frozenset[str] = frozenset()

    def holds(self, facility: str, department: str | None) -> bool:
        """Tell whether a record of `facility` and `department` lies in this scope.

        `department`: a code, or several with `;` between them.
        """
        if facility != self.facility:
            return False
        return self.departments is None or not self.departments.isdisjoint(codes_of(department))
