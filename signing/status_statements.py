"""The CRLs and OCSP responses for one check by pyhanko-certvalidator."""

from collections.abc import Iterable
from itertools import chain

from asn1crypto import crl, ocsp, x509
from pyhanko_certvalidator.ltv.poe import POEManager
from pyhanko_certvalidator.registry import CertificateRegistry
from pyhanko_certvalidator.revinfo.archival import CRLContainer, OCSPContainer
from pyhanko_certvalidator.revinfo.manager import RevinfoManager


class StatusStatements(RevinfoManager):
    """CRLs and OCSP responses; the signature of each CRL is checked for each certificate."""

    def __init__(
        self,
        registry: CertificateRegistry,
        crls: Iterable[crl.CertificateList],
        ocsps: Iterable[ocsp.OCSPResponse],
    ) -> None:
        super().__init__(
            certificate_registry=registry,
            poe_manager=POEManager(),
            crls=[CRLContainer(listed) for listed in crls],
            ocsps=list(chain.from_iterable(map(OCSPContainer.load_multi, ocsps))),
        )

    def record_crl_issuer(
        self, certificate_list: crl.CertificateList, cert: x509.Certificate
    ) -> None:
        """Remember nothing.

        certvalidator 0.33 remembers the issuer of an indirect CRL before it has checked the
        signature, where the CRL states the issuer's own status. Then a forged CRL clears any
        certificate (RFC 5280, 6.3.3 g).
        """
