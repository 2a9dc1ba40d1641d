"""Certificates, CRLs and OCSP responses: from a PDF's security store (ETSI EN 319 142-1, 5.4), from
a CMS.

What cannot be parsed proves nothing, so it is left out: one broken item must not make a file
unreadable whose other items are enough.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache, partial
from threading import local
from typing import Any, TypeVar

from asn1crypto import core, crl, ocsp, x509

V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class ChainEvidence:
    """The evidence for checking a certificate's chain; no other evidence is used, and nothing is
    fetched.
    """

    certificates: tuple[x509.Certificate, ...] = ()
    crls: tuple[crl.CertificateList, ...] = ()
    ocsps: tuple[ocsp.OCSPResponse, ...] = ()

    def with_certificates(self, more: Iterable[x509.Certificate]) -> "ChainEvidence":
        """Return this evidence and the certificates that a CMS contains."""
        return ChainEvidence((*self.certificates, *more), self.crls, self.ocsps)

    def known_by(self, moment: datetime) -> "ChainEvidence":
        """Return what can have existed by `moment`: a statement from the future is a forgery or a
        broken clock.
        """
        return ChainEvidence(
            self.certificates,
            tuple(crl for crl in self.crls if crl["tbs_cert_list"]["this_update"].native <= moment),
            tuple(response for response in self.ocsps if _issued(response) <= moment),
        )

    @property
    def revocation(self) -> frozenset[bytes]:
        """Return the encoded CRLs and OCSP responses."""
        return frozenset(statement.dump() for statement in (*self.crls, *self.ocsps))

    def and_also(self, more: "ChainEvidence") -> "ChainEvidence":
        """Return this evidence and `more`."""
        return ChainEvidence(
            (*self.certificates, *more.certificates),
            (*self.crls, *more.crls),
            (*self.ocsps, *more.ocsps),
        )


def evidence_of(
    certificates: Iterable[bytes] = (), ocsps: Iterable[bytes] = (), crls: Iterable[bytes] = ()
) -> ChainEvidence:
    """Return the evidence in DER values (RFC 5280; RFC 6960), each value once.

    An item that cannot be parsed, and an OCSP response without an answer, is left out.
    """
    return ChainEvidence(
        tuple(_parsed(certificates, _CACHES.certificate)),
        tuple(_parsed(crls, _CACHES.crl)),
        tuple(_parsed(ocsps, _CACHES.ocsp)),
    )


def _parsed(ders: Iterable[bytes], parse: Callable[[bytes], V | None]) -> Iterator[V]:
    return (value for der in dict.fromkeys(ders) if (value := parse(der)) is not None)


def parse_now(*values: core.Asn1Value) -> None:
    """Parse all of `values`: asn1crypto parses at the first use, and fails only then."""
    for value in values:
        value.native  # noqa: B018 - asn1crypto has no other way


def _load(kind: type[Any], parse: Callable[[Any], None], der: bytes) -> Any:
    """Return a value, or None where it cannot be parsed. `parse` parses what later code reads."""
    try:
        value = kind.load(der)
        parse(value)
    except MemoryError:
        raise  # says nothing about the value
    except Exception:  # noqa: BLE001 - asn1crypto raises what it likes on other bytes
        return None
    return value


def _parse_certificate(certificate: x509.Certificate) -> None:
    body = certificate["tbs_certificate"]
    names = ("serial_number", "signature", "issuer", "validity", "subject")
    parse_now(*(body[name] for name in names), certificate.public_key["algorithm"])
    parse_now(certificate["signature_algorithm"], certificate["signature_value"])
    extensions = (  # what everyone reads; certvalidator reads others where it needs them
        certificate.basic_constraints_value,
        certificate.key_usage_value,
        certificate.extended_key_usage_value,
        certificate.key_identifier_value,
        certificate.authority_key_identifier_value,
    )
    parse_now(*(extension for extension in extensions if extension is not None))


def _parse_crl(listed: crl.CertificateList) -> None:
    """The entries apart: there can be a million."""
    body = listed["tbs_cert_list"]
    names = ("signature", "issuer", "this_update", "next_update", "crl_extensions")
    parse_now(*(body[name] for name in names))
    parse_now(listed["signature_algorithm"], listed["signature"])


def _parse_ocsp(response: ocsp.OCSPResponse) -> None:
    if response["response_status"].native != "successful":
        raise ValueError("no answer")
    basic = response.basic_ocsp_response
    parse_now(basic["tbs_response_data"], basic["signature_algorithm"], basic["signature"])
    for certificate in basic["certs"] or ():
        _parse_certificate(certificate)
    if not basic["tbs_response_data"]["responses"]:
        raise ValueError("no answer")


class _Caches(local):
    """What was parsed, by its DER: a file's security stores, one for each revision, and its
    signatures hold the same values again and again.

    asn1crypto parses a value while it is used, so each thread has its own.
    """

    def __init__(self) -> None:
        self.certificate = lru_cache(maxsize=512)(
            partial(_load, x509.Certificate, _parse_certificate)
        )
        # national lists have megabytes
        self.crl = lru_cache(maxsize=16)(partial(_load, crl.CertificateList, _parse_crl))
        self.ocsp = lru_cache(maxsize=64)(partial(_load, ocsp.OCSPResponse, _parse_ocsp))


_CACHES = _Caches()


def _issued(response: ocsp.OCSPResponse) -> datetime:
    """Return when the newest statement of an OCSP response was made."""
    statements = response.basic_ocsp_response["tbs_response_data"]["responses"]
    newest: datetime = max(statement["this_update"].native for statement in statements)
    return newest
