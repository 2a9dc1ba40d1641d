"""The scope of a caller: one facility, its departments, and the forms that its role may not know
of.
"""

from collections.abc import Iterable

from api.access.lines import is_one_line
from api.access.passwords import AccountInvalid
from archive.access.actor import Actor, Permission, may_be_limited
from archive.access.scope import Scope
from archive.base.departments import codes_of
from archive.base.identifiers import FacilityCode
from ingest.sources.bhyt.policy import policy


def scope_of(actor: Actor, facility: str, departments: Iterable[str] | None) -> Scope:
    """Return what `actor` sees of `facility`; `departments`: the codes (mã khoa), None for all.

    Papers of sensitive forms (`ingest/sources/bhyt/archive.yaml`: HIV, tuberculosis with HIV
    status) do not exist for a role without the permission `sensitive`.
    """
    return Scope(
        FacilityCode(facility),
        None if departments is None else frozenset(departments),
        frozenset() if actor.may(Permission.SENSITIVE) else policy().sensitive,
    )


def departments_of(role: str, departments: Iterable[str] | None) -> list[str] | None:
    """Return the departments (mã khoa) that an account or key of `role` is limited to, None for
    all.

    A text with several codes means each of them. Raises AccountInvalid.
    """
    if departments is None:
        return None
    if not may_be_limited(role):
        raise AccountInvalid(
            why_vi=f"vai trò {role} không giới hạn theo khoa",
            why_en=f"the role {role} cannot be limited to departments",
        )
    texts = list(departments)
    codes = sorted({code for text in texts for code in codes_of(text)})
    if not codes or not all(is_one_line(text) and codes_of(text) for text in texts):
        raise AccountInvalid(
            why_vi="mã khoa phải là một dòng chữ, từ 1 đến 100 ký tự",
            why_en="a department code must be one line of 1 to 100 characters",
        )
    return codes
