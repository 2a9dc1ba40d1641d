"""What signers allow to be changed after them (ISO 32000-2, 12.8.2.2 and 12.8.2.4), and what a
change means.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pikepdf

from signing.validation.facts import Change, ChangeKind, Flaw
from signing.validation.pdf.fields import SignatureValue

_NOTHING, _FORMS = 1, 2  # /P of a DocMDP; 3 allows comments, too
_LEVELS = (1, 2, 3)
# What each kind of change is: where no signer says anything, and for each /P.
_MEANING: Mapping[ChangeKind, tuple[Flaw | None, Flaw | None, Flaw | None, Flaw | None]] = {
    ChangeKind.ARCHIVAL: (None, None, None, None),
    ChangeKind.DATES: (None, None, None, None),
    ChangeKind.SIGNATURE: (None, Flaw.FORBIDDEN, None, None),
    ChangeKind.COVERING: (Flaw.COVERED,) * 4,
    ChangeKind.FIELDS: (Flaw.FILLED, Flaw.FORBIDDEN, None, None),
    ChangeKind.COMMENT: (Flaw.ANNOTATED, Flaw.FORBIDDEN, Flaw.FORBIDDEN, None),
    # An annotation can cover what a page shows, so even an allowed one leaves a question open.
    ChangeKind.ANNOTATION: (Flaw.MODIFIED, Flaw.MODIFIED, Flaw.MODIFIED, Flaw.ANNOTATED),
    ChangeKind.METADATA: (Flaw.METADATA,) * 4,
    ChangeKind.UNEXPLAINED: (Flaw.UNEXPLAINED,) * 4,
    ChangeKind.CONTENT: (Flaw.MODIFIED,) * 4,
}


@dataclass(frozen=True, slots=True)
class _Lock:
    """The fields that a signature locks (FieldMDP)."""

    action: str  # /All, /Include or /Exclude
    names: frozenset[str]

    def holds(self, name: str) -> bool:
        """Return if the field `name` may not change."""
        named = any(name == other or name.startswith(f"{other}.") for other in self.names)
        return self.action == "/All" or named is (self.action == "/Include")


@dataclass(frozen=True, slots=True)
class Permissions:
    """What the signers up to one signature allow: the strictest /P, and all locks."""

    level: int  # 0: none of them says anything
    locks: tuple[_Lock, ...]

    def flaw_of(self, change: Change) -> Flaw | None:
        """Return what is wrong with `change`; None where it is allowed."""
        if change.kind is ChangeKind.FIELDS and any(lock.holds(change.what) for lock in self.locks):
            return Flaw.FORBIDDEN
        return _MEANING[change.kind][self.level]


def permissions(values: Iterable[SignatureValue]) -> Permissions:
    """Return what the signers of `values` allow together."""
    levels: list[int] = []
    locks = []
    for value in values:
        for method, parameters in value.transforms():
            if method == "/DocMDP":
                level: object = parameters.get("/P", _FORMS)
                # what has no meaning allows nothing
                levels.append(level if level in _LEVELS and isinstance(level, int) else _NOTHING)
            elif method == "/FieldMDP":
                locks.append(_lock(parameters))
    return Permissions(min(levels, default=0), tuple(locks))


def _lock(parameters: pikepdf.Object) -> _Lock:
    fields = parameters.get("/Fields")
    names: Sequence[object] = list(fields) if isinstance(fields, pikepdf.Array) else []
    return _Lock(str(parameters.get("/Action")), frozenset(str(name) for name in names))
