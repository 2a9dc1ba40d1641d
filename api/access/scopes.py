"""The scope of a caller: one facility, its departments, and the forms that its role may not know
of.
"""

from collections.abc import Iterable

from archive.access.actor import Actor, Permission
from archive.access.scope import Scope
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
