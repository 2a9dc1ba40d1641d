"""Verification: the validator's report on a file, on the file that it covers, and whether this
archive knows it.

A cover's verdict is about the cover; the file that is attached to it has a verdict of its own.
"""

from dataclasses import dataclass, replace
from typing import Any

from api.reading.claims import ClaimCheck
from api.reading.within import within
from api.sharing.recognising import refuse_others
from archive.access.scope import Scope
from archive.acts.signed_acts import SignedActs
from archive.base.identifiers import sha256
from archive.catalog import records
from archive.catalog.database import Catalog
from ingest.files.opening import covered
from signing.trust import TrustRoots
from signing.validation.isolated import validate_isolated
from signing.validation.result.report import ValidationReport


@dataclass(frozen=True, slots=True)
class Covered:
    """The file that a cover carries, judged apart."""

    data: bytes
    report: ValidationReport

    def as_json(self) -> dict[str, Any]:
        """Return its digest and its report."""
        return {"sha256": sha256(self.data), **self.report.as_json()}


@dataclass(frozen=True, slots=True)
class Verification:
    """A report, and the document of this archive whose original the file is, if the caller may see
    one.

    `superseded`: a newer paper has replaced that document; False where there is none. `origin`:
      what that document is.
    `countersigned`: others have added to the original, as their signatures may.
    `covered`: the report on the file that a cover carries. `attached_to`: the document that this
      file was attached to.
    """

    report: ValidationReport
    document_id: str | None
    superseded: bool = False
    origin: str | None = None
    covered: Covered | None = None
    attached_to: str | None = None
    countersigned: bool = False

    def as_json(self) -> dict[str, Any]:
        """Return what `kho verify` prints."""
        return {
            **self.report.as_json(),
            "known": self.document_id is not None,
            "document_id": self.document_id,
            "superseded": self.superseded,
            "origin": self.origin,
            "countersigned": self.countersigned,
            "attachment": self.covered.as_json() if self.covered else None,
            "attachment_of": self.attached_to,
        }


def judged(data: bytes, trust: TrustRoots) -> Verification:
    """Validate `data` in a process of its own; no archive is asked.

    Raises :class:`archive.base.errors.Unreadable` where the bytes are no PDF; its kind says so of
    packets, receipts, pictures, texts and office files.
    """
    refuse_others(data)
    report = validate_isolated(data, trust)
    inside = covered(data)
    if inside is None:
        return Verification(report, None)
    return Verification(report, None, covered=Covered(inside, validate_isolated(inside, trust)))


class VerificationService:
    """Verifies files with the trust anchors and the acts of one archive. Safe for threads."""

    def __init__(
        self, catalog: Catalog, signed: SignedActs, trust: TrustRoots, claims: ClaimCheck
    ) -> None:
        self._catalog, self._signed, self._trust, self._claims = catalog, signed, trust, claims

    def verify(self, data: bytes, scope: Scope, trust: TrustRoots | None = None) -> Verification:
        """Validate `data` in a process of its own, and look it up within `scope`.

        `trust`: anchors in place of the archive's own. A file that names this facility and is not
          of this archive has
        a verdict of its own (`api/reading/claims.py`). That the archive knows the file is said only
        where the signed act in the vault says so, too. Raises as :func:`judged`;
        :class:`archive.acts.signed_acts.CatalogueAltered` where the catalogue claims what no act
        says, and VaultError.
        """
        verification = judged(data, self._trust if trust is None else trust)
        report, inside = self._claims.judged(data, verification.report), verification.covered
        if inside is not None:
            inside = replace(inside, report=self._claims.judged(inside.data, inside.report))
        with self._catalog.read() as session:
            document = records.document_of_digest(session, sha256(data), scope)
            countersigned = False
            if document is None:
                document = within(session, data, report, scope)
                countersigned = document is not None
            holder = records.document_of_attachment(session, sha256(data), scope)
        if holder is not None:
            self._signed.document(holder)
        attached_to = holder.id if holder else None
        if document is None:
            return Verification(report, None, covered=inside, attached_to=attached_to)
        self._signed.document(document)
        superseded = self._signed.successor(document) is not None
        return Verification(
            report, document.id, superseded, document.origin, inside, attached_to, countersigned
        )

    def report(self, data: bytes) -> ValidationReport:
        """Return the report on a file, with the archive's own anchors; raises as :meth:`verify`."""
        return self._claims.judged(data, judged(data, self._trust).report)

    def is_original(self, data: bytes, code: str, scope: Scope) -> bool:
        """Return whether `data` is the original of the document whose id begins with `code`, as the
        catalogue has it within `scope`.
        """
        with self._catalog.read() as session:
            document = records.document_of_digest(session, sha256(data), scope)
        return document is not None and document.id.startswith(code)
