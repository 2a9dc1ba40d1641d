"""RFC 3161 timestamps over HTTP: requested, checked to the last field, and refused unless
everything fits.
"""

import hashlib
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from asn1crypto import cms, core, tsp, x509
from cryptography.exceptions import InvalidSignature

from archive.base.errors import Unavailable
from signing.algorithms import ALGORITHMS, UnknownAlgorithm, verifies
from signing.fetching import Fetcher
from signing.trust import TrustRoots, Untrusted

COMPONENT = "TSA"
DIGEST = "sha256"
_FIRST_GUESS = 6144  # two certificates of RSA-2048 and RSA-4096 signatures
_DIGESTS = ("sha256", "sha384", "sha512")  # that a TSA may sign with


@dataclass(frozen=True, slots=True)
class Timestamp:
    """A checked token (DER of its ContentInfo): its `genTime` (aware), the certificates that it
    brings, and the path from the TSA's certificate (first) to a trust root (last).
    """

    der: bytes
    gen_time: datetime
    certificates: tuple[x509.Certificate, ...]
    path: tuple[x509.Certificate, ...]


@dataclass(frozen=True, slots=True)
class TimestampRequest:
    """A request for one timestamp: `body` is its DER (RFC 3161, 2.4.1), the rest is what the token
    must repeat.
    """

    imprint: bytes
    nonce: int
    body: bytes


class TimestampAuthority:
    """One TSA. Safe to share between threads.

    `token_size` is how many bytes its tokens take: a guess until the first token arrives. A
    timestamp takes three steps. Only `fetch` waits, and it touches no ASN.1: other threads may work
    meanwhile.
    """

    def __init__(
        self,
        url: str,
        trust: TrustRoots,
        fetcher: Fetcher,
        met: Callable[[Sequence[x509.Certificate]], None] = lambda _: None,
    ) -> None:
        """`met` is given the path of the TSA's certificate when a token first comes by it."""
        self._met, self._path = met, tuple[x509.Certificate, ...]()
        self.token_size = _FIRST_GUESS
        self._seen = 0
        self._url = url
        self._trust = trust
        self._fetcher = fetcher

    @property
    def is_known(self) -> bool:
        """Whether the TSA has sent a token already, so that `token_size` is no guess."""
        return self._seen > 0

    def timestamp(self, imprint: bytes) -> Timestamp:
        """Have the SHA-256 digest `imprint` timestamped.

        Raises :class:`archive.base.errors.Unavailable` with component `TSA` where it does not
        answer, refuses, or answers with a token that is not for this request, not signed by its
        certificate, or not from a TSA that Kho trusts.
        """
        request = self.request(imprint)
        return self.read(request, self.fetch(request))

    def request(self, imprint: bytes) -> TimestampRequest:
        """Return a new request for the SHA-256 digest `imprint`."""
        nonce = secrets.randbits(63) | 1 << 63  # of one length always, so that tokens are
        request = tsp.TimeStampReq(
            {
                "version": "v1",
                "message_imprint": {
                    "hash_algorithm": {"algorithm": DIGEST},
                    "hashed_message": imprint,
                },
                "nonce": nonce,
                "cert_req": True,
            }
        )
        return TimestampRequest(imprint, nonce, request.dump())

    def fetch(self, request: TimestampRequest) -> bytes:
        """Send `request` and return the unparsed answer; raises as :meth:`timestamp`."""
        return self._fetcher.post(
            self._url,
            request.body,
            COMPONENT,
            sends="application/timestamp-query",
            accepts="application/timestamp-reply",
        )

    def read(self, request: TimestampRequest, answer: bytes) -> Timestamp:
        """Return the timestamp in the `answer` to `request`; raises as :meth:`timestamp`."""
        try:
            return self._checked(answer, request.imprint, request.nonce)
        except Untrusted as error:
            raise Unavailable(
                component=COMPONENT, why="its certificate leads to no trusted root"
            ) from error
        # what asn1crypto raises on other bytes
        except (ValueError, TypeError, KeyError, InvalidSignature) as error:
            why = (
                str(error)
                if isinstance(error, _WrongToken)
                else "its token is malformed or wrongly signed"
            )
            raise Unavailable(component=COMPONENT, why=why) from error

    def _checked(self, answer: bytes, imprint: bytes, nonce: int) -> Timestamp:
        response = _Response.load(answer, strict=True)
        if response["status"]["status"].native not in ("granted", "granted_with_mods"):
            raise _WrongToken("it refused the request")
        token: cms.ContentInfo = response["time_stamp_token"]
        info = token_info(token)
        asked = info["message_imprint"]
        if (
            asked["hash_algorithm"]["algorithm"].native != DIGEST
            or asked["hashed_message"].native != imprint
        ):
            raise _WrongToken("its token is for something else")
        if info["nonce"].native != nonce:
            raise _WrongToken("its token answers another request")
        certificate, others = check_token_signature(token)
        gen_time: datetime = info["gen_time"].native
        path = self._trust.path(certificate, others, gen_time)
        usage = certificate.extended_key_usage_value
        # RFC 3161, 2.3: that usage alone, critical
        if usage is None or usage.native != ["time_stamping"]:
            raise _WrongToken("its certificate is not a timestamping one")
        der: bytes = token.dump()
        self._seen = max(self._seen, len(der))
        self.token_size = self._seen
        if path is not self._path:  # the trust roots keep each path
            self._met(path)
            self._path = path
        return Timestamp(der, gen_time, (certificate, *others), path)


class _WrongToken(ValueError):
    """A token that does not fit the request."""


class _Response(core.Sequence):  # type: ignore[misc]
    """TimeStampResp (RFC 3161, 2.4.2) whose token may be missing, as it is in a refusal;
    asn1crypto's may not.
    """

    _fields: ClassVar = [
        ("status", tsp.PKIStatusInfo),
        ("time_stamp_token", cms.ContentInfo, {"optional": True}),
    ]


def token_info(token: cms.ContentInfo) -> tsp.TSTInfo:
    """Return what a timestamp token states; raises :class:`ValueError` for other CMS."""
    if token["content_type"].native != "signed_data":
        raise _WrongToken("its token is not signed")
    content = token["content"]["encap_content_info"]
    if content["content_type"].native != "tst_info":
        raise _WrongToken("its token is not a timestamp")
    info: tsp.TSTInfo = content["content"].parsed
    return info


def check_token_signature(
    token: cms.ContentInfo,
) -> tuple[x509.Certificate, Sequence[x509.Certificate]]:
    """Check a token's signature by the certificate that it names (RFC 5652, 5.4 and 5.6; RFC 3161,
    2.4.2).

    Return that certificate and the other certificates in the token. Raises :class:`ValueError`,
    :class:`cryptography.exceptions.InvalidSignature`.
    """
    signed_data = token["content"]
    if len(signed_data["signer_infos"]) != 1:
        raise _WrongToken("its token has not exactly one signature")
    signer: cms.SignerInfo = signed_data["signer_infos"][0]
    certificates = [
        choice.chosen for choice in signed_data["certificates"] if choice.name == "certificate"
    ]
    certificate = _signer_certificate(signer, certificates)
    attributes = {
        attribute["type"].native: attribute["values"][0] for attribute in signer["signed_attrs"]
    }
    content: bytes = signed_data["encap_content_info"]["content"].contents
    digest_name = signer["digest_algorithm"]["algorithm"].native
    if digest_name not in _DIGESTS:
        raise _WrongToken(f"it signs with {digest_name}")
    if attributes["message_digest"].native != hashlib.new(digest_name, content).digest():
        raise _WrongToken("its token was altered")
    if attributes["content_type"].native != "tst_info":
        raise _WrongToken("its token is not a timestamp")
    _check_names_certificate(attributes, certificate)
    _check_value(signer, certificate, digest_name)
    return certificate, [other for other in certificates if other is not certificate]


def _check_value(signer: cms.SignerInfo, certificate: x509.Certificate, digest: str) -> None:
    """Check the signature's value: RSA by PKCS #1 v1.5 or PSS, ECDSA, as strong as a validator
    will ask for (TT 15/2025/TT-BKHCN, phụ lục I).
    """
    key, algorithm = certificate.public_key, signer["signature_algorithm"]
    if not ALGORITHMS.signature_algorithm_allowed(algorithm, None, key):
        raise _WrongToken("its signature is too weak")
    signed = signer["signed_attrs"].untag().dump()
    try:
        if not verifies(signer["signature"].native, signed, key, algorithm, digest):
            raise InvalidSignature
    except UnknownAlgorithm as error:
        raise _WrongToken("its signature is of a kind that Kho does not know") from error


def _signer_certificate(
    signer: cms.SignerInfo, certificates: Sequence[x509.Certificate]
) -> x509.Certificate:
    sid = signer["sid"].chosen
    for certificate in certificates:
        if isinstance(sid, cms.IssuerAndSerialNumber):
            named = certificate.serial_number == sid["serial_number"].native
            if named and certificate.issuer.dump() == sid["issuer"].dump():
                return certificate
        elif isinstance(sid, core.OctetString) and certificate.key_identifier == sid.native:
            return certificate
    raise _WrongToken("its token lacks the certificate that signed it")


def _check_names_certificate(
    attributes: dict[str, core.Asn1Value], certificate: x509.Certificate
) -> None:
    """The signed attribute must name the certificate by digest (ESSCertID, RFC 2634; ESSCertIDv2,
    RFC 5816).
    """
    if "signing_certificate_v2" in attributes:
        named = attributes["signing_certificate_v2"]["certs"][0]
        algorithm = named["hash_algorithm"]["algorithm"].native
    elif "signing_certificate" in attributes:
        named = attributes["signing_certificate"]["certs"][0]
        algorithm = "sha1"
    else:
        raise _WrongToken("its token does not name its certificate")
    if named["cert_hash"].native != hashlib.new(algorithm, certificate.dump()).digest():
        raise _WrongToken("its token names another certificate")
