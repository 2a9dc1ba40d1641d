"""Detached CAdES signatures (ETSI EN 319 122-1), the seal of packets: the same facts, table and
words as for PDFs.

No signature covers the CMS itself, so each of its parts must have its only possible form: a CMS
that is rebuilt from the parsed parts must have the same bytes. A known certificate must have signed
every certificate, CRL and OCSP response in it.
"""

import asyncio
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from asn1crypto import cms, core, crl, ocsp, x509
from cryptography.exceptions import InvalidSignature
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko_certvalidator.sig_validate import DefaultSignatureValidator, SignatureValidationContext

from archive.base.errors import Unreadable
from signing import cms as writing
from signing.keys.signer import SealKey
from signing.trust import TrustRoots
from signing.validation.certificates.chains import SIGNER, TIMESTAMP_AUTHORITY, Chains, Revocation
from signing.validation.certificates.evidence import ChainEvidence
from signing.validation.cms_value import der
from signing.validation.cms_value.framing import is_framed, is_vouched_for
from signing.validation.cms_value.tokens import (
    Token,
    read_seal,
    read_timestamp,
    signature_timestamps,
    token_facts,
)
from signing.validation.facts import (
    ChainFacts,
    DocumentFacts,
    Flaw,
    SignatureFacts,
    SignatureKind,
    TokenFacts,
)
from signing.validation.moments import CLOCK_TOLERANCE
from signing.validation.result.report import ValidationReport, make_report

MAX_BYTES = 32 << 20  # national CRLs reach several MB each


@dataclass(frozen=True, slots=True)
class DetachedReport:
    """The report on a detached signature, and its signer's certificate (None: the CMS does not hold
    it).
    """

    report: ValidationReport
    certificate: x509.Certificate | None


def validate_detached(
    signature: bytes, data: bytes, trust: TrustRoots, *, at: datetime | None = None
) -> DetachedReport:
    """Say whether `signature` (DER of a ContentInfo) seals `data`, as of `at` (aware; now where
    None).

    Nothing is fetched: certificates, CRLs and OCSP responses are those in the CMS. Raises
    :class:`archive.base.errors.Unreadable` where the bytes are no CMS SignedData in DER.
    """
    at = at or datetime.now(UTC)
    try:
        if len(signature) > MAX_BYTES:
            raise der.NotDer("too large")
        der.check(signature)
        content = cms.ContentInfo.load(signature, strict=True)
        if content["content_type"].native != "signed_data":
            raise der.NotDer("other content")
        read = _read(content["content"], data)
    except Exception as error:  # asn1crypto and pyHanko raise what they like on other bytes
        raise Unreadable(
            why_vi="chữ ký không phải CMS", why_en="the signature is not a CMS"
        ) from error
    try:
        facts = asyncio.run(_collect(signature, read, trust, at))
    except Exception:  # noqa: BLE001 - as above; what cannot be followed to its end is never valid (fail closed)
        facts = DocumentFacts(at, flaws=frozenset({Flaw.UNPARSABLE}))
    return DetachedReport(make_report(facts), read.token.certificate)


@dataclass(frozen=True, slots=True)
class _Read:
    """A CMS and what it brings."""

    token: Token
    stamp: Token | None
    evidence: ChainEvidence


def _read(signed_data: cms.SignedData, data: bytes) -> _Read:
    token = read_seal(signed_data, lambda algorithm: hashlib.new(algorithm, data).digest())
    imprint = token.signer_info["signature"].native
    stamps = signature_timestamps(token.signer_info)
    stamp = (
        read_timestamp(stamps[0], lambda algorithm: hashlib.new(algorithm, imprint).digest())
        if stamps
        else None
    )
    brought = [*token.certificates, *(stamp.certificates if stamp else ())]
    choices = [] if signed_data["crls"] is core.VOID else list(signed_data["crls"])
    crls = tuple(choice.chosen for choice in choices if choice.name == "crl")
    others = [choice.chosen for choice in choices if choice.name == "other"]
    ocsps = tuple(
        other["other_rev_info"]
        for other in others
        if other["other_rev_info_format"].native == "ocsp_response"
    )
    return _Read(
        token,
        stamp,
        ChainEvidence(
            tuple(brought),
            crls,
            tuple(ocsp.OCSPResponse.load(response.dump()) for response in ocsps),
        ),
    )


async def _collect(signature: bytes, read: _Read, trust: TrustRoots, at: datetime) -> DocumentFacts:
    chains = Chains(trust, read.evidence.known_by(at + CLOCK_TOLERANCE))
    made_at = read.stamp.time if read.stamp else None

    async def facts(token: Token, usage: KeyUsageConstraints) -> TokenFacts:
        chain = None
        if token.certificate is not None:
            used_at = made_at or at
            when_used = await chains.problem(token.certificate, used_at, usage, Revocation.FRESH)
            when_proven = await chains.problem(token.certificate, at, usage, Revocation.ANY_AGE)
            chain = ChainFacts(used_at, when_used, at, when_proven)
        return token_facts(token, chain)

    signature_facts = SignatureFacts(
        field="signature",
        kind=SignatureKind.SEAL,
        end=0,
        token=await facts(read.token, SIGNER),
        claimed_time=_signing_time(read.token),
        timestamp=await facts(read.stamp, TIMESTAMP_AUTHORITY) if read.stamp else None,
        level=None,
    )
    flaws = frozenset(_flaws(signature, read, trust))
    return DocumentFacts(
        at, (signature_facts,), flaws, made_at is None or made_at <= at + CLOCK_TOLERANCE
    )


def _signing_time(token: Token) -> datetime | None:
    claims = [
        attribute["values"][0].native
        for attribute in token.signer_info["signed_attrs"]
        if attribute["type"].native == "signing_time"
    ]
    return claims[0] if claims else None


def _flaws(signature: bytes, read: _Read, trust: TrustRoots) -> Iterable[Flaw]:
    stamp_bare = read.stamp is None or read.stamp.signer_info["unsigned_attrs"] is core.VOID
    if (
        not stamp_bare
        or (read.stamp and not is_framed(read.stamp, ()))
        or not _is_as_written(signature, read)
    ):
        yield Flaw.CMS_FRAMING
    known = [*read.evidence.certificates, *trust.anchors]
    statements = [
        *read.evidence.crls,
        *(response.basic_ocsp_response for response in read.evidence.ocsps),
    ]
    if not is_vouched_for(read.token, known) or not all(
        _is_signed(statement, known) for statement in statements
    ):
        yield Flaw.UNVOUCHED_CERTIFICATE


def _is_as_written(signature: bytes, read: _Read) -> bool:
    """Tell whether the CMS is what `signing/cms.py` makes of its parts: version, names, order and
    nothing else.
    """
    token, info = read.token, read.token.signer_info
    if token.certificate is None:
        return False
    stamps = signature_timestamps(info)
    again = writing.detached(
        SealKey(token.certificate, (), _no_key),
        writing.SignedAttributes(info["signed_attrs"].untag().dump()),
        info["signature"].native,
        unsigned=[writing.timestamp_attribute(_content_info(stamp)) for stamp in stamps],
        more_certificates=token.others,
        crls=[crl.dump() for crl in read.evidence.crls],
        ocsps=[response.dump() for response in read.evidence.ocsps],
    )
    return again == signature


def _content_info(signed_data: cms.SignedData) -> bytes:
    return bytes(cms.ContentInfo({"content_type": "signed_data", "content": signed_data}).dump())


def _no_key(_: bytes) -> bytes:
    raise AssertionError("nothing is signed while validating")


def _is_signed(
    statement: crl.CertificateList | ocsp.BasicOCSPResponse, known: Sequence[x509.Certificate]
) -> bool:
    """Tell whether one of `known`, or a certificate that a response brings itself, signed a CRL or
    OCSP response.
    """
    if isinstance(statement, ocsp.BasicOCSPResponse):
        brought = statement["certs"] or ()
        return any(
            _verifies(statement, statement["tbs_response_data"], responder)
            for responder in (*brought, *known)
        )
    body = statement["tbs_cert_list"]
    issuers = [
        certificate
        for certificate in known
        if certificate.subject.dump() == statement.issuer.dump()
    ]
    same_algorithm = body["signature"].dump() == statement["signature_algorithm"].dump()
    return same_algorithm and any(_verifies(statement, body, issuer) for issuer in issuers)


def _verifies(statement: core.Sequence, body: core.Sequence, certificate: x509.Certificate) -> bool:
    if statement["signature"].contents[0] != 0:  # else its last zero bits could be called unused
        return False
    algorithm = statement["signature_algorithm"]
    context = SignatureValidationContext(
        contextual_md_algorithm=algorithm.hash_algo, prehashed=False
    )
    try:
        DefaultSignatureValidator().validate_signature(
            statement["signature"].native, body.dump(), certificate.public_key, algorithm, context
        )
    # another kind of key is another's
    except (InvalidSignature, ValueError, TypeError, NotImplementedError):
        return False
    return True
