"""Revocation status by OCSP (RFC 6960) and CRL (RFC 5280): fetched where certificates say, checked,
kept while fresh.

Fails closed: a certificate whose status cannot be fetched and checked stops the seal.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from asn1crypto import crl, ocsp, x509
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import PathBuildingError, PathValidationError, RevokedError
from pyhanko_certvalidator.registry import CertificateRegistry

from archive.base.clock import Clock
from archive.base.errors import Unavailable
from signing.algorithms import ALGORITHMS, ClosedSignatureValidator
from signing.errors import CertificateRevoked, SealRefused
from signing.fetching import Fetcher
from signing.status_statements import StatusStatements
from signing.trust import TrustRoots, subject

OCSP = "OCSP"
CRL = "CRL"
# Kho fetches a status again after this time, even if its issuer allows a longer use.
MAX_AGE = timedelta(hours=1)

Path = Sequence[x509.Certificate]  # a certificate first, its trust root last


@dataclass(frozen=True, slots=True)
class RevocationEvidence:
    """What a validator needs to find certificates good: those certificates, and DER of OCSP
    responses and CRLs.

    `fresh_until` is when the first of them must be fetched again.
    """

    certificates: tuple[x509.Certificate, ...]
    ocsps: tuple[bytes, ...]
    crls: tuple[bytes, ...]
    fresh_until: datetime

    def with_(self, other: "RevocationEvidence") -> "RevocationEvidence":
        """Return both together, each thing once, in order."""
        certificates = {
            certificate.sha256: certificate
            for certificate in (*self.certificates, *other.certificates)
        }
        return RevocationEvidence(
            tuple(certificates.values()),
            tuple(dict.fromkeys((*self.ocsps, *other.ocsps))),
            tuple(dict.fromkeys((*self.crls, *other.crls))),
            min(self.fresh_until, other.fresh_until),
        )


@dataclass(frozen=True, slots=True)
class _Answer:
    """One OCSP response or CRL, and until when it may be used."""

    data: bytes
    until: datetime


class Revocation:
    """Gathers evidence for paths.

    Safe to share between threads: at worst a thing is fetched twice.
    """

    def __init__(self, trust: TrustRoots, fetcher: Fetcher, clock: Clock) -> None:
        self._trust = trust
        self._fetcher = fetcher
        self._clock = clock
        self._kept: dict[bytes, RevocationEvidence] = {}
        self._crls: dict[tuple[str, ...], _Answer] = {}

    def evidence(self, path: Path) -> RevocationEvidence:
        """Return checked evidence that no certificate of `path` is revoked now; its root needs
        none.

        Raises :class:`signing.errors.CertificateRevoked`; :class:`archive.base.errors.Unavailable`
        with component `OCSP` or `CRL`; :class:`signing.errors.SealRefused` where a certificate
        names no service, or an answer does not prove what it must.
        """
        now = self._clock.now()
        kept = self._kept.get(path[0].sha256)
        if kept is not None and now < kept.fresh_until:
            return kept
        ocsps: list[_Answer] = []
        crls: dict[tuple[str, ...], _Answer] = {}
        for certificate, issuer in pairwise(path):
            listed = [certificate]
            if certificate.ocsp_urls and certificate is path[0]:
                response = self._ocsp(certificate, issuer)
                ocsps.append(response)
                listed = _responders_to_check(response.data)
            for listed_certificate in listed:
                urls = _crl_urls(listed_certificate)
                crls[urls] = crls.get(urls) or self._crl(urls)
        evidence = RevocationEvidence(
            certificates=tuple(path),
            ocsps=tuple(response.data for response in ocsps),
            crls=tuple(crl.data for crl in crls.values()),
            fresh_until=min(
                (status.until for status in (*ocsps, *crls.values())), default=now + MAX_AGE
            ),
        )
        self._check(path, evidence)
        self._crls.update(crls)  # only now: a spoilt list must not be kept
        self._kept[path[0].sha256] = evidence
        return evidence

    def _ocsp(self, certificate: x509.Certificate, issuer: x509.Certificate) -> _Answer:
        request = _ocsp_request(certificate, issuer)
        data = self._first(
            certificate.ocsp_urls,
            lambda url: self._fetcher.post(
                url,
                request,
                OCSP,
                sends="application/ocsp-request",
                accepts="application/ocsp-response",
            ),
        )
        try:
            response = ocsp.OCSPResponse.load(data, strict=True)
            if response["response_status"].native != "successful":
                raise Unavailable(
                    component=OCSP, why=f"it answered {response['response_status'].native}"
                )
            _ = response.native  # asn1crypto parses lazily: a malformed part raises here
            single = next(
                single_response
                for single_response in response.response_data["responses"]
                if single_response["cert_id"]["serial_number"].native == certificate.serial_number
            )
            next_update = single["next_update"].native
        # what asn1crypto raises on other bytes
        except (ValueError, TypeError, KeyError, StopIteration) as error:
            raise Unavailable(
                component=OCSP, why="its answer is malformed or for something else"
            ) from error
        return _Answer(data, self._until(next_update))

    def _crl(self, urls: tuple[str, ...]) -> _Answer:
        kept = self._crls.get(urls)
        if kept is not None and self._clock.now() < kept.until:
            return kept
        data = self._first(urls, lambda url: self._fetcher.get(url, CRL))
        try:
            next_update = crl.CertificateList.load(data, strict=True)["tbs_cert_list"][
                "next_update"
            ].native
        except (ValueError, TypeError, KeyError) as error:  # what asn1crypto raises on other bytes
            raise Unavailable(component=CRL, why="its answer is no revocation list") from error
        return _Answer(data, self._until(next_update))

    @staticmethod
    def _first(urls: Sequence[str], fetch: Callable[[str], bytes]) -> bytes:
        """Return what the first address that answers gives; certificates may name several for this
        very case.
        """
        for url in urls[:-1]:
            try:
                return fetch(url)
            except Unavailable:
                continue
        return fetch(urls[-1])

    def _until(self, next_update: datetime | None) -> datetime:
        """An answer without nextUpdate is good for the present seal only (RFC 6960, 4.2.2.1)."""
        now = self._clock.now()
        return min(next_update, now + MAX_AGE) if next_update is not None else now

    def _check(self, path: Path, evidence: RevocationEvidence) -> None:
        registry = CertificateRegistry.build(path[1:])
        try:
            statements = StatusStatements(
                registry,
                map(crl.CertificateList.load, evidence.crls),
                map(ocsp.OCSPResponse.load, evidence.ocsps),
            )
            context = ValidationContext(
                trust_roots=list(self._trust.anchors),
                certificate_registry=registry,
                revinfo_manager=statements,
                allow_fetching=False,
                algorithm_usage_policy=ALGORITHMS,
                signature_validator=ClosedSignatureValidator(),
                revocation_mode="require",
                moment=self._clock.now(),
            )
            validator = CertificateValidator(path[0], validation_context=context)
            asyncio.run(validator.async_validate_usage(set()))
        except RevokedError as error:
            raise CertificateRevoked(certificate=subject(path[0])) from error
        except (PathBuildingError, PathValidationError, ValueError, TypeError, KeyError) as error:
            # The last three are what asn1crypto raises on malformed parts, and certvalidator lets
            # through.
            raise SealRefused(
                why_vi="không chứng minh được chứng thư chưa bị thu hồi",
                why_en="nothing proves that the certificates are not revoked",
            ) from error


def _ocsp_request(certificate: x509.Certificate, issuer: x509.Certificate) -> bytes:
    """Return a request for one certificate; names by SHA-1, which every responder knows (RFC 5019,
    2.1.1).
    """
    cert_id = ocsp.CertId(
        {
            "hash_algorithm": {"algorithm": "sha1"},
            "issuer_name_hash": issuer.subject.sha1,
            "issuer_key_hash": issuer.public_key.sha1,
            "serial_number": certificate.serial_number,
        }
    )
    request = ocsp.OCSPRequest({"tbs_request": {"request_list": [{"req_cert": cert_id}]}})
    data: bytes = request.dump()
    return data


def _crl_urls(certificate: x509.Certificate) -> tuple[str, ...]:
    """Return where the list that may name `certificate` is published; raises SealRefused where it
    does not say.
    """
    urls = tuple(url for point in certificate.crl_distribution_points if (url := point.url))
    if not urls:
        raise SealRefused(
            why_vi=f"chứng thư {subject(certificate)} không cho biết nơi tra cứu thu hồi",
            why_en=f"the certificate {subject(certificate)} names no revocation service",
        )
    return urls


def _responders_to_check(response: bytes) -> list[x509.Certificate]:
    """Return the responder's certificates whose own status matters: those without `nocheck` (RFC
    6960, 4.2.2.2.1).
    """
    basic = ocsp.OCSPResponse.load(response).basic_ocsp_response
    return [
        certificate
        for certificate in basic["certs"]
        if certificate.ocsp_no_check_value is None and not certificate.ca
    ]
