"""The faults that sources name (`archive/base/messages/faults/sources.yaml`), collected here up to
a limit.
"""

from collections.abc import Mapping
from typing import Any

from archive.base.errors import Fault, SubmissionRejected
from archive.base.messages.loader import fault_texts

MOST_FAULTS = 200  # more would not help the person who corrects the file


def fault(path: str, code: str, **facts: object) -> Fault:
    """Return the fault `code` at `path`; raises as :meth:`Fault.of`."""
    return Fault.of("sources", path, code, **facts)


def refuse(path: str, code: str, **facts: object) -> SubmissionRejected:
    """Return the error that refuses a source for one fault after which nothing more can be read."""
    return SubmissionRejected([fault(path, code, **facts)])


def code_of(problem: Mapping[str, Any]) -> str:
    """Return the code of what Pydantic found in the facts of a chart: our own where it has one."""
    kind = str(problem["type"])
    if kind in ("string_too_short", "too_short"):
        return "text.blank"
    return kind if kind in fault_texts("sources") else "facts.invalid"


class Faults:
    """Collects what is wrong with one chart, so that everything is named at once."""

    def __init__(self) -> None:
        self._found: list[Fault] = []

    def add(self, path: str, code: str, **facts: object) -> None:
        """Note the fault `code` at `path`."""
        self.extend([fault(path, code, **facts)])

    def extend(self, faults: list[Fault] | tuple[Fault, ...]) -> None:
        """Note several faults; those past the limit are summed up in one."""
        for each in faults:
            if len(self._found) < MOST_FAULTS:
                self._found.append(each)
            elif len(self._found) == MOST_FAULTS:
                self._found.append(fault("/", "source.more_faults", limit=MOST_FAULTS))

    def __bool__(self) -> bool:
        return bool(self._found)

    def all(self) -> tuple[Fault, ...]:
        """Return the faults in the order in which they were found."""
        return tuple(self._found)
