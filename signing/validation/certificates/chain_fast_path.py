"""Plain chains: a fast check (a thousandth of the time) that accepts common chains and leaves
others to certvalidator.

A chain is plain where nothing in it needs judgement: RSA (PKCS#1 v1.5) or ECDSA on a NIST curve
with SHA-2 throughout, names that match exactly, no critical extensions but the three common ones,
no constraints on names or policies, whole and direct CRLs, OCSP answers from the issuer's own
responder, no certificate revoked at any time. Then RFC 5280, 6.1 reduces to the rules in this file.
Other chains go to pyhanko-certvalidator, which alone reports a problem. So a plain chain that this
check misses costs only time, and every rule here must be at least as strict as certvalidator's. One
thing it knows that certvalidator does not: OCSP answers that name the issuer by SHA-384 or SHA-512.
Parsed by `cryptography` (OpenSSL, Rust).

Results that do not depend on the moment (parsing, signatures) are cached: the same bytes give the
same answer.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from functools import cached_property

from cryptography import x509

from signing.validation.certificates.plain_certificates import (
    Asked,
    PlainCertificate,
    is_issued,
    read_plain,
)
from signing.validation.certificates.plain_crls import clears, read_crl
from signing.validation.certificates.plain_ocsps import answer_about

_MAX_DEPTH = 4  # certificates below the root
_MAX_STEPS = 32  # certificates that are looked above; hostile ones may all have signed each other


class ChainFastPath:
    """The certificates, CRLs and OCSP responses (DER) of one file, and the roots (DER) that are
    trusted.
    """

    def __init__(
        self,
        anchors: Iterable[bytes],
        certificates: Iterable[bytes],
        crls: Sequence[bytes],
        ocsps: Sequence[bytes],
    ) -> None:
        self._anchors = tuple(dict.fromkeys(anchors))
        self._between = tuple(
            certificate
            for certificate in dict.fromkeys(certificates)
            if certificate not in self._anchors
        )
        self._crls, self._ocsps = crls, ocsps

    @cached_property
    def _crls_of(self) -> dict[x509.Name, list[bytes]]:
        """The CRLs by the name of their issuer."""
        by_issuer: dict[x509.Name, list[bytes]] = {}
        for crl in self._crls:
            by_issuer.setdefault(read_crl(crl).issuer, []).append(crl)
        return by_issuer

    def sound(self, certificate: bytes, moment: datetime, asked: Asked) -> bool:
        """Tell whether `certificate` (DER) has a plain chain that is good at `moment`; False says
        nothing.
        """
        try:
            return any(self._is_good(path, moment, asked) for path in self._paths(certificate))
        except MemoryError:
            raise  # says nothing about the chain
        except Exception:  # noqa: BLE001 - cryptography's errors have no root: what it cannot read is not plain
            return False

    def _paths(self, certificate: bytes) -> Iterator[tuple[bytes, ...]]:
        """Yield the paths from `certificate` (first) to a root (last)."""
        if certificate in self._anchors:
            return
        waiting: list[tuple[bytes, ...]] = [(certificate,)]
        for _ in range(_MAX_STEPS):
            if not waiting:
                return
            path = waiting.pop()
            yield from ((*path, anchor) for anchor in self._anchors if is_issued(path[-1], anchor))
            if len(path) < _MAX_DEPTH:
                waiting += [
                    (*path, certificate)
                    for certificate in self._between
                    if certificate not in path and is_issued(path[-1], certificate)
                ]

    def _is_good(self, path: tuple[bytes, ...], moment: datetime, asked: Asked) -> bool:
        read = [read_plain(certificate) for certificate in path]
        return all(
            certificate is not None and certificate.begins <= moment <= certificate.ends
            for certificate in read
        ) and all(
            _may_issue(issuer, below)
            and (
                not asked.required
                or self._is_not_revoked(path[below], path[below + 1], moment, asked)
            )
            for below, issuer in enumerate(read[1:])
        )

    def _is_not_revoked(
        self, certificate: bytes, issuer: bytes, moment: datetime, asked: Asked
    ) -> bool:
        """Tell whether at least one statement clears `certificate`, and none that there is says
        anything else.
        """
        below, above = read_plain(certificate), read_plain(issuer)
        assert below is not None
        assert above is not None  # both were read as parts of the path
        crls = self._crls_of.get(above.parsed.subject, ())
        said: list[bool | None] = [clears(crl, below, issuer, moment, asked) for crl in crls]
        if below.asks_ocsp:
            said += [
                answer_about(response, below, above, issuer, moment, asked)
                for response in self._ocsps
            ]
        return True in said and False not in said


def _may_issue(issuer: PlainCertificate | None, below: int) -> bool:
    """Tell whether a certificate with `below` authorities under it in the path may have issued (RFC
    5280, 6.1.4).
    """
    return (
        issuer is not None
        and issuer.authority
        and issuer.usage is not None
        and issuer.usage.key_cert_sign
        and (issuer.path_length is None or issuer.path_length >= below)
    )
