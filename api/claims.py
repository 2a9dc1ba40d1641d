"""The verdict on a file that names this facility but is not of this archive, also if its signature
is valid.

Under a shared root the seal of every facility is valid. So a valid signature does not prove that
the facility which a paper names has made it. The signed acts prove that.
"""

from dataclasses import replace
from typing import TYPE_CHECKING

from api.sharing.container import read_container
from archive.acts.facility import Facility
from archive.base.bilingual import Text
from archive.base.errors import Fault, Unreadable
from archive.base.identifiers import sha256
from archive.base.text import normal, stream_safe
from archive.catalog.records import document_of_digest
from archive.catalog.tables import SealChainRow
from ingest.files.claiming import Claims, claims_of
from signing.trust import TrustRoots, read_certificates
from signing.validation.isolated import validate_isolated
from signing.validation.result.report import ValidationReport
from signing.validation.result.verdict import Verdict

if TYPE_CHECKING:
    from api.home import Home

# Small letters of other alphabets, and of Latin, that look like the one beside them (as in UTS #39,
# confusables).
_LOOKALIKES = str.maketrans("đðıɩаеорсухіјѕһԁοαν", "ddiiaeopcyxijshdoav")
_DOCUMENTS = "documents/"  # where a packet holds its originals (`api/sharing/names.py`)
_OPEN = (Verdict.VALID, Verdict.INDETERMINATE)  # the other verdicts warn already
NOT_OF_THIS_ARCHIVE = Text(
    "Tệp mang tên hoặc mã của cơ sở này nhưng không phải của kho này. Không sử dụng; người ký: {subject}.",
    "The file names this facility but is not of this archive. Do not rely on it; it was signed by {subject}.",
)


def held_against(home: "Home", data: bytes, report: ValidationReport) -> ValidationReport:
    """Return `report` on the PDF `data`; if the file only claims to be of this facility, with
    NOT_OF_THIS_ARCHIVE.

    Raises :class:`archive.base.errors.Unreadable` as reading its claims does, and
    :class:`archive.acts.signed_acts.CatalogueAltered` where the catalogue and the acts say
    different things of the seals.
    """
    if report.verdict not in _OPEN:
        return report
    facility = home.facility
    with home.catalog.read() as session:
        # Not limited to the caller's scope: a caller that has the bytes of an original learns
        # nothing new.
        document = document_of_digest(session, sha256(data), home.scope)
        chains = session.query(SealChainRow).filter_by(facility=facility.code).all()
    if document is not None and document.origin != "external":
        home.signed.document(document)
        return report
    try:
        claims = claims_of(data)
    except Unreadable:
        if report.verdict is Verdict.VALID:
            raise  # nothing is called valid whose claims cannot be read
        return report
    # The signed acts say which seals are this facility's own. The catalogue could be altered.
    seals = [read_certificates(home.signed.seal_chain(chain).encode())[0] for chain in chains]
    # Issuer and serial name a certificate (RFC 5280, 4.1.2.2); written as the report writes them.
    ours = {(seal.issuer.human_friendly, f"{seal.serial_number:x}") for seal in seals}
    made = {(one["issuer"], one["serial"]) for one in report.signatures if one["kind"] == "seal"}
    by_name = _has_name(home, claims) and not made & ours
    if claims.code != facility.code and not by_name:
        return report
    subject = "; ".join(str(one["subject"]) for one in report.signatures if one["kind"] == "seal")
    return replace(
        report,
        verdict=Verdict.NOT_OF_THIS_ARCHIVE,
        reasons=NOT_OF_THIS_ARCHIVE.fill(subject=subject),
    )


def warnings_of(home: "Home", packet: bytes, trust: TrustRoots) -> tuple[Fault, ...]:
    """Return a warning for each paper of a packet that names this facility and is not of this
    archive.

    A confirmed partner may pass on what others made. `trust`: the trust roots of the packet's
    verification. A paper whose claims cannot be read has a warning that says so. Raises
    :class:`archive.acts.signed_acts.CatalogueAltered` as :func:`held_against` does.
    """
    files = read_container(packet)
    said = (
        (name, _warning(home, data, trust))
        for name, data in files.items()
        if name.startswith(_DOCUMENTS)
    )
    return tuple(
        Fault(name, f"packet.{Verdict.NOT_OF_THIS_ARCHIVE.value}", text)
        for name, text in said
        if text
    )


def _warning(home: "Home", data: bytes, trust: TrustRoots) -> Text | None:
    try:
        claims = claims_of(data)
        if claims.code != home.code and not _has_name(home, claims):
            return None
        report = held_against(home, data, validate_isolated(data, trust))
    except Unreadable as error:
        return error.sentences()[0]
    return report.reasons if report.verdict is Verdict.NOT_OF_THIS_ARCHIVE else None


def _has_name(home: "Home", claims: Claims) -> bool:
    """Return whether a file names this facility as its signed act 0 does."""
    stated = home.signed.facts(0)
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
