"""Verification, for every door: the validator's report on a file, and whether this archive knows it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from archive.catalog import records
from archive.identifiers import sha256
from signing.trust import TrustRoots
from signing.validation.isolated import validate_isolated
from signing.validation.report import ValidationReport

if TYPE_CHECKING:
    from api.home import Home
    from archive.access.scope import Scope


@dataclass(frozen=True, slots=True)
class Verification:
    """A report, and the document of this archive whose original the file is, if the caller may see one.

    `superseded`: a newer paper has replaced that document; False where there is none.
    """

    report: ValidationReport
    document_id: str | None
    superseded: bool = False

    def as_json(self) -> dict[str, Any]:
        """Return what `kho verify` prints."""
        return {**self.report.as_json(), "known": self.document_id is not None}


def verify(data: bytes, trust: TrustRoots, home: "Home | None" = None, scope: "Scope | None" = None) -> Verification:
    """Validate `data` in a process of its own, and look it up in `home` within `scope` where one is given.

    Raises :class:`archive.errors.Unreadable` where the bytes are no PDF.
    """
    report = validate_isolated(data, trust)
    if home is None or scope is None:
        return Verification(report, None)
    _ = home.facility  # a catalogue that is behind its vault catches up
    with home.catalog.read() as session:
        document = records.document_of_digest(session, sha256(data), scope)
    if document is None:
        return Verification(report, None)
    return Verification(report, document.id, document.superseded_by is not None)
