"""The facts found in a PDF, without judgement: the verdict is made from these alone."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from signing.baseline import BaselineLevel


class SignatureKind(StrEnum):
    """What a signature field holds (ISO 32000-2, 12.8.1 and 12.8.5)."""

    SEAL = "seal"  # /Sig: a person's signature or a facility's seal
    DOCUMENT_TIMESTAMP = "document_timestamp"  # /DocTimeStamp
    OTHER = "other"  # anything else: its meaning is unknown


class ChangeKind(StrEnum):
    """What a change does to the document."""

    ARCHIVAL = "archival"  # security store, document timestamps and their invisible fields
    DATES = "dates"  # when and by which program the file was written last
    SIGNATURE = "signature"  # a further signature, or an empty field for one
    COVERING = "covering"  # the picture of a further signature lies over what a page shows
    FIELDS = "fields"  # values of form fields
    COMMENT = "comment"  # notes and links, and annotations beside what the page shows
    ANNOTATION = "annotation"  # other annotations: they lie over it, or play, or bring files
    METADATA = "metadata"  # title, author and other descriptions
    UNEXPLAINED = "unexplained"  # nothing of the pages, and nothing that is known
    CONTENT = "content"  # what the pages show, attachments, scripts


@dataclass(frozen=True, slots=True, order=True)
class Change:
    """One change; `what` names fields, pages (from 1) or entries."""

    kind: ChangeKind
    what: str = ""


class ChainProblem(StrEnum):
    """Why a certificate is not trusted at a given time (RFC 5280, clause 6; RFC 6960)."""

    NO_CHAIN = "no_chain"  # no path to a trusted root
    EXPIRED = "expired"  # the certificate itself
    # a CA certificate above it, or a certificate that signed the evidence
    CA_EXPIRED = "ca_expired"
    NOT_YET_VALID = "not_yet_valid"
    REVOKED = "revoked"
    CA_REVOKED = "ca_revoked"
    EVIDENCE_MISSING = "evidence_missing"  # neither OCSP nor CRL in the file
    EVIDENCE_STALE = "evidence_stale"  # its nextUpdate had passed
    WEAK_ALGORITHM = "weak_algorithm"
    WRONG_USAGE = "wrong_usage"  # key usage or extended key usage
    OTHER = "other"


class Flaw(StrEnum):
    """Something wrong with the file that sound mathematics does not excuse."""

    # The signature cannot be checked.
    BYTE_RANGE = "byte_range"  # not exactly all bytes of its revision but /Contents
    CMS_UNREADABLE = "cms_unreadable"  # /Contents is no CMS signature
    HIDDEN_SIGNATURE = "hidden_signature"  # a signature value that no field shows
    # What was signed is not what the file shows now.
    MODIFIED = "modified"  # pages, attachments or scripts changed after this signature
    FORBIDDEN = "forbidden"  # a change that the signer forbade (DocMDP, FieldMDP)
    # The signature may be sound, but the file leaves a question open.
    UNPARSABLE = "unparsable"  # the structure cannot be followed to its end, or had to be guessed
    HEADER = "header"  # %PDF- is not the first thing in the file
    END_OF_FILE = "end_of_file"  # bytes after the end that are no update
    CONTENTS_HEX = "contents_hex"  # /Contents is not hex digits of one case without white space
    CONTENTS_PADDING = "contents_padding"  # something else than zeros after the CMS
    CMS_FRAMING = "cms_framing"  # a part of the last CMS that nothing covers has a form of no maker
    DUPLICATE = "duplicate"  # two fields for one value, or two signatures over the same bytes
    UNKNOWN_SIGNATURE = "unknown_signature"  # a SubFilter that Kho does not know
    UNEXPLAINED = "unexplained"  # a change after the signature that shows nothing and has no reason
    FILLED = "filled"  # form fields filled after the signature, which says nothing about that
    ANNOTATED = "annotated"  # annotations added after the signature
    COVERED = "covered"  # the picture of a later signature lies over what a page shows
    METADATA = "metadata"  # title, author and the like rewritten after the signature
    ENCRYPTED = "encrypted"
    SCRIPT = "script"  # JavaScript, or an action that runs, sends, hides or fetches something
    XFA = "xfa"
    # A certificate in the last CMS, which no signature covers, was not signed by a known
    # certificate.
    UNVOUCHED_CERTIFICATE = "unvouched_certificate"


UNCHECKABLE = frozenset({Flaw.BYTE_RANGE, Flaw.CMS_UNREADABLE, Flaw.HIDDEN_SIGNATURE})
CHANGED = frozenset({Flaw.MODIFIED, Flaw.FORBIDDEN})
OPEN = frozenset(Flaw) - UNCHECKABLE - CHANGED - {Flaw.UNVOUCHED_CERTIFICATE}


@dataclass(frozen=True, slots=True)
class CertificateFacts:
    """A signer's certificate as it says itself; names for people, `serial` lower-case hex."""

    subject: str
    issuer: str
    # đơn vị quản lý (TT 15/2025/TT-BKHCN): organisational unit, else organisation
    managing_unit: str | None
    serial: str
    not_before: datetime
    not_after: datetime
    common_name: str | None = None


@dataclass(frozen=True, slots=True)
class ChainFacts:
    """A certificate's chain at the moment of use, and at the last moment at which the signature
    provably existed.
    """

    used_at: datetime
    when_used: ChainProblem | None
    proven_at: datetime
    when_proven: ChainProblem | None


@dataclass(frozen=True, slots=True)
class TokenFacts:
    """One CMS signature: a seal's, a signature timestamp's or a document timestamp's."""

    certificate: CertificateFacts | None  # None: the CMS does not hold it
    digest_algorithm: str
    signature_algorithm: str
    strong_algorithms: bool
    integrity: bool  # what was signed is what is there
    cryptography: bool  # the signature value is the certificate's key's
    chain: ChainFacts | None  # None where there is no certificate
    time: datetime | None  # genTime (RFC 3161); None for a seal


@dataclass(frozen=True, slots=True)
class SignatureFacts:
    """One filled signature field. Times are aware, UTC."""

    field: str
    kind: SignatureKind
    end: int  # of its revision: the signature covers the bytes before, except its own value
    token: TokenFacts
    claimed_time: datetime | None  # /M: what the signer says
    timestamp: TokenFacts | None  # the signature timestamp, for seals of level B-T and higher
    # None for document timestamps, and for seals that are not PAdES baseline
    level: BaselineLevel | None
    is_shown: bool = False  # a page has room for it
    flaws: frozenset[Flaw] = frozenset()
    # what updates changed from here to the next signature, or to the end of the file
    changes: tuple[Change, ...] = ()

    @property
    def sealed_at(self) -> datetime | None:
        """Return the proven time: the timestamp's genTime, never the signer's own claim."""
        return next((token.time for token in self.tokens if token.time), None)

    @property
    def tokens(self) -> tuple[TokenFacts, ...]:
        """Return the signature's own token and its timestamp's."""
        return (self.token,) if self.timestamp is None else (self.token, self.timestamp)


@dataclass(frozen=True, slots=True)
class DocumentFacts:
    """All that was found. `at` is the moment for which the question was asked."""

    at: datetime
    signatures: tuple[SignatureFacts, ...] = ()
    flaws: frozenset[Flaw] = frozenset()  # of the file; each signature has its own beside
    times_in_order: bool = True  # seal, its timestamp, document timestamps, `at`
    # what the XMP claims, e.g. "PDF/A-3A", "PDF/UA-1"; it was not checked
    pdfa: tuple[str, ...] = ()

    @property
    def seals(self) -> tuple[SignatureFacts, ...]:
        """Return the signatures that are not document timestamps."""
        return tuple(
            signature
            for signature in self.signatures
            if signature.kind is not SignatureKind.DOCUMENT_TIMESTAMP
        )

    @property
    def all_flaws(self) -> frozenset[Flaw]:
        """Return the flaws of the file and of its signatures."""
        return self.flaws.union(*(signature.flaws for signature in self.signatures))

    @property
    def tokens(self) -> tuple[TokenFacts, ...]:
        """Return every CMS signature of the file."""
        return tuple(token for signature in self.signatures for token in signature.tokens)
