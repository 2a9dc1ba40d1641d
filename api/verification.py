"""Verification: the validator's report on a file, on the file that it covers, and whether this
archive knows it.

A cover's verdict is about the cover; the file that is attached to it has a verdict of its own.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from api.claims import held_against
from api.sharing.recognising import refuse_envelope
from archive.base.identifiers import Sha256, sha256
from archive.catalog import records
from ingest.files.opening import covered
from signing.trust import TrustRoots
from signing.validation.isolated import validate_isolated
from signing.validation.result.report import ValidationReport

if TYPE_CHECKING:
    from api.home import Home
    from archive.access.scope import Scope


@dataclass(frozen=True, slots=True)
class Covered:
    """The file that a cover carries, judged apart."""

    sha256: Sha256
    report: ValidationReport

    def as_json(self) -> dict[str, Any]:
        """Return its digest and its report."""
        return {"sha256": self.sha256, **self.report.as_json()}


@dataclass(frozen=True, slots=True)
class Verification:
    """A report, and the document of this archive whose original the file is, if the caller may see
    one.

    `superseded`: a newer paper has replaced that document; False where there is none. `origin`:
      what that document is.
    `covered`: the report on the file that a cover carries. `attached_to`: the document that this
      file was attached to.
    """

    report: ValidationReport
    document_id: str | None
    superseded: bool = False
    origin: str | None = None
    covered: Covered | None = None
    attached_to: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Return what `kho verify` prints."""
        return {
            **self.report.as_json(),
            "known": self.document_id is not None,
            "document_id": self.document_id,
            "superseded": self.superseded,
            "origin": self.origin,
            "attachment": self.covered.as_json() if self.covered else None,
            "attachment_of": self.attached_to,
        }


def verify(
    data: bytes, trust: TrustRoots, home: "Home | None" = None, scope: "Scope | None" = None
) -> Verification:
    """Validate `data` in a process of its own, and look it up in `home` within `scope` where one is
    given.

    A file that names this facility and is not of this archive has a verdict of its own
    (`api/claims.py`). That the archive knows the file is said only where the signed act in the
    vault says so, too. Raises :class:`archive.base.errors.Unreadable` where the bytes are no PDF;
    its kind says so of packets and receipts. Raises
    :class:`archive.acts.signed_acts.CatalogueAltered` where the catalogue claims what no act says,
    and VaultError.
    """
    refuse_envelope(data)
    report = validate_isolated(data, trust)
    inside = covered(data)
    found = (
        Covered(sha256(inside), validate_isolated(inside, trust)) if inside is not None else None
    )
    if home is None or scope is None:
        return Verification(report, None, covered=found)
    _ = home.facility  # a catalogue that is behind its vault catches up
    report = held_against(home, data, report)
    if found is not None and inside is not None:
        found = Covered(found.sha256, held_against(home, inside, found.report))
    with home.catalog.read() as session:
        document = records.document_of_digest(session, sha256(data), scope)
        holder = records.document_of_attachment(session, sha256(data), scope)
    if holder is not None:
        home.signed.document(holder)
    attached_to = holder.id if holder else None
    if document is None:
        return Verification(report, None, covered=found, attached_to=attached_to)
    home.signed.document(document)
    superseded = home.signed.successor(document) is not None
    return Verification(report, document.id, superseded, document.origin, found, attached_to)
