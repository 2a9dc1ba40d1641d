"""Naming departments: an act states the names, and every page shows them from then on."""

from collections.abc import Callable, Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from archive.access.actor import Actor, Permission
from archive.access.scope import Scope
from archive.acts.department_names import (
    LONGEST_CODE,
    LONGEST_NAME,
    MOST,
    SCHEMA,
    DepartmentNames,
    NamedDepartment,
)
from archive.acts.envelope import ActActor, Draft
from archive.base.clock import Clock
from archive.base.departments import DepartmentName
from archive.base.errors import Denied, KhoError
from archive.base.identifiers import FacilityCode
from archive.base.text import line
from archive.catalog.departments import stated_names
from archive.coordination.sequencer import Sequencer
from archive.vault.policy import rolling_until

_NOT_IN_A_CODE = frozenset(" ;")  # between the codes of one stay


class DepartmentInvalid(KhoError):
    """A code, a name or a day that a department cannot have."""

    code = "department.invalid"


class DepartmentNaming:
    """Names the departments of one facility."""

    def __init__(
        self,
        sequencer: Sequencer,
        facility: FacilityCode,
        clock: Clock,
        changed: Callable[[], None],
    ) -> None:
        """`clock`: of what is written; `changed` is called when a name has changed."""
        self._sequencer, self._facility, self._clock = sequencer, facility, clock
        self._changed = changed

    def name(self, names: Iterable[DepartmentName], actor: Actor, scope: Scope) -> int:
        """State names of departments in one act; return how many of them changed something.

        A name that is stated already changes nothing; where all are, no act is written. A code that
        comes twice for one day gets the last name. Raises Denied, also where a department lies
        outside `scope`: no department is named then; DepartmentInvalid.
        """
        actor.require(Permission.DEPARTMENTS)
        wanted = {(named.code, named.since): named for named in map(_checked, names)}
        if not all(scope.holds(self._facility, named.code) for named in wanted.values()):
            raise Denied
        changed = 0

        def make(session: Session) -> tuple[Draft, datetime] | None:
            nonlocal changed
            known = set(stated_names(session, self._facility))
            fresh = [named for named in wanted.values() if named not in known]
            changed = len(fresh)
            if not fresh:
                return None
            return _draft(fresh, actor), rolling_until(self._clock.now())

        if len(wanted) > MOST:
            raise DepartmentInvalid(
                why_vi=f"mỗi lần đặt tên nhiều nhất {MOST} khoa",
                why_en=f"at most {MOST} departments are named at once",
            )
        if wanted:
            self._sequencer.append(make)
        if changed:
            self._changed()
        return changed


def _checked(named: DepartmentName) -> DepartmentName:
    """Return the name with its texts as lines. Raises DepartmentInvalid."""
    try:
        code, name = line(named.code), line(named.name)
    except ValueError as error:
        raise _unfit() from error
    fits = 0 < len(code) <= LONGEST_CODE and 0 < len(name) <= LONGEST_NAME
    if not fits or set(code) & _NOT_IN_A_CODE:
        raise _unfit()
    return DepartmentName(code, name, named.since)


def _unfit() -> DepartmentInvalid:
    return DepartmentInvalid(
        why_vi=f"mã khoa là một từ không có dấu ; và có tối đa {LONGEST_CODE} ký tự, "
        f"tên là một dòng chữ tối đa {LONGEST_NAME} ký tự",
        why_en=f"a code is one word of at most {LONGEST_CODE} characters without ; and a name is "
        f"one line of at most {LONGEST_NAME} characters",
    )


def _draft(names: Iterable[DepartmentName], actor: Actor) -> Draft:
    stated = DepartmentNames(
        names=tuple(
            NamedDepartment(code=named.code, name=named.name, since=named.since.isoformat())
            for named in names
        )
    )
    return Draft(
        schema_name=SCHEMA,
        actor=ActActor(name=actor.name, role=actor.role),
        chart=None,
        facts=stated.model_dump(mode="json"),
    )
