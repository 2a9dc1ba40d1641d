"""Certificates, CRLs and OCSP responses as a PDF's security store holds them (ETSI EN 319 142-1,
5.4).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from asn1crypto import crl, ocsp, x509
from pyhanko.pdf_utils.decode_limits import DecodePurpose
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import DocumentSecurityStore
from pyhanko.sign.validation.errors import NoDSSFoundError


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


def read_evidence(reader: PdfFileReader, revision: int) -> ChainEvidence:
    """Return the security store as of `revision` (0 is the file before its first update)."""
    try:
        store = DocumentSecurityStore.read_dss(reader.get_historical_resolver(revision))
    except NoDSSFoundError:
        return ChainEvidence()
    return ChainEvidence(
        tuple(store.load_certs()),
        tuple(
            crl.CertificateList.load(_read(stream, DecodePurpose.CRL), strict=True)
            for stream in store.crls
        ),
        tuple(
            response
            for stream in store.ocsps
            if (
                response := ocsp.OCSPResponse.load(
                    _read(stream, DecodePurpose.OCSP_RESPONSE), strict=True
                )
            )["response_status"].native
            == "successful"
        ),
    )


def _read(stream: Any, purpose: DecodePurpose) -> bytes:
    return bytes(stream.get_object().read_data(purpose))


def _issued(response: ocsp.OCSPResponse) -> datetime:
    """Return when the newest statement of an OCSP response was made."""
    statements = response.basic_ocsp_response["tbs_response_data"]["responses"]
    newest: datetime = max(statement["this_update"].native for statement in statements)
    return newest
