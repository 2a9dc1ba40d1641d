"""The verdict on a file that names this facility but is not of this archive, also if its signature
is valid.

Under a shared root the seal of every facility is valid. So a valid signature does not prove that
the facility which a paper names has made it. The signed acts prove that.
"""

from dataclasses import replace

from api.reading.within import within
from archive.access.scope import Scope
from archive.acts.facility import Facility
from archive.acts.signed_acts import SignedActs
from archive.base.bilingual import Text
from archive.base.errors import Fault, Unreadable
from archive.base.identifiers import FacilityCode, sha256
from archive.base.text import normal, stream_safe
from archive.catalog.database import Catalog
from archive.catalog.records import document_of_digest
from archive.catalog.tables import SealChainRow
from ingest.files.claiming import Claims, claims_of
from signing.asic.container import read_container
from signing.trust import TrustRoots, read_certificates
from signing.validation.isolated import validate_isolated
from signing.validation.result.report import ValidationReport
from signing.validation.result.verdict import Verdict

# Small letters of other alphabets, and of Latin, that look like the one beside them (as in UTS #39,
# confusables).
_LOOKALIKES = str.maketrans("đðıɩаеорсухіјѕһԁοαν", "ddiiaeopcyxijshdoav")
_DOCUMENTS = "documents/"  # where a packet holds its originals (`api/sharing/names.py`)
_OPEN = (Verdict.VALID, Verdict.INDETERMINATE)  # the other verdicts warn already
NOT_OF_THIS_ARCHIVE = Text(
    "Tệp mang tên hoặc mã của cơ sở này nhưng không phải của kho này. Không sử dụng; người ký: "
    "{subject}.",
    "The file names this facility but does not come from this archive. Do not use it; it was "
    "signed by {subject}.",
)


class ClaimCheck:
    """Compares what files claim of one facility with its signed acts. Safe for threads."""

    def __init__(self, facility: FacilityCode, catalog: Catalog, signed: SignedActs) -> None:
        self._facility, self._catalog, self._signed = facility, catalog, signed

    def judged(self, data: bytes, report: ValidationReport) -> ValidationReport:
        """Return `report` on the PDF `data`; with NOT_OF_THIS_ARCHIVE if the file only claims to be
        of this facility.

        Raises :class:`archive.base.errors.Unreadable` as reading its claims does, and
        :class:`archive.acts.signed_acts.CatalogueAltered` where catalogue and acts say different
        things of the seals.
        """
        if report.verdict not in _OPEN:
            return report
        with self._catalog.read() as session:
            # Not limited to the caller's scope: a caller that has the bytes of an original learns
            # nothing new.
            whole = Scope(self._facility)
            document = document_of_digest(session, sha256(data), whole)
            document = document or within(session, data, report, whole)
            chains = session.query(SealChainRow).filter_by(facility=self._facility).all()
        if document is not None and document.origin != "external":
            self._signed.document(document)
            return report
        try:
            claims = claims_of(data)
        except Unreadable:
            if report.verdict is Verdict.VALID:
                raise  # nothing is called valid whose claims cannot be read
            return report
        # The signed acts say which seals are this facility's own. The catalogue could be altered.
        seals = [read_certificates(self._signed.seal_chain(chain).encode())[0] for chain in chains]
        # Issuer and serial name a certificate (RFC 5280, 4.1.2.2); written as the report writes
        # them.
        ours = {(seal.issuer.human_friendly, f"{seal.serial_number:x}") for seal in seals}
        seals_on_file = [each for each in report.signatures if each["kind"] == "seal"]
        is_ours = any((each["issuer"], each["serial"]) in ours for each in seals_on_file)
        by_name = self._has_name(claims) and not is_ours
        if claims.code != self._facility and not by_name:
            return report
        subject = "; ".join(str(each["subject"]) for each in seals_on_file)
        reasons = NOT_OF_THIS_ARCHIVE.fill(subject=subject)
        return replace(report, verdict=Verdict.NOT_OF_THIS_ARCHIVE, reasons=reasons)

    def warnings(self, packet: bytes, trust: TrustRoots) -> tuple[Fault, ...]:
        """Return a warning for each paper of a packet that names this facility and is not of this
        archive.

        A confirmed partner may pass on what others made. `trust`: the trust roots of the packet's
        verification. A paper whose claims cannot be read has a warning that says so. Raises
        CatalogueAltered as :meth:`judged`.
        """
        code = f"packet.{Verdict.NOT_OF_THIS_ARCHIVE.value}"
        papers = (
            (name, data)
            for name, data in read_container(packet).items()
            if name.startswith(_DOCUMENTS)
        )
        texts = ((name, self._warning(data, trust)) for name, data in papers)
        return tuple(Fault(name, code, text) for name, text in texts if text)

    def _warning(self, data: bytes, trust: TrustRoots) -> Text | None:
        try:
            claims = claims_of(data)
            if claims.code != self._facility and not self._has_name(claims):
                return None
            report = self.judged(data, validate_isolated(data, trust))
        except Unreadable as error:
            return error.sentences()[0]
        return report.reasons if report.verdict is Verdict.NOT_OF_THIS_ARCHIVE else None

    def _has_name(self, claims: Claims) -> bool:
        """Return whether a file names this facility as its signed act 0 does."""
        stated = self._signed.facts(0)
        assert isinstance(stated, Facility)
        return _letters(stated.name) in map(_letters, claims.names)


def _letters(name: str) -> str:
    """Return the letters and digits of a name, without case, marks and all that a reader does not
    see.

    Letters that look the same are one, so that a forger gains nothing by another spelling of the
    facility's name.
    """
    plain = normal(stream_safe(name), "NFKD").casefold().translate(_LOOKALIKES)
    return "".join(filter(str.isalnum, plain))
