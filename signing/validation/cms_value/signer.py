"""The signer of a CMS: which certificate is its own (RFC 5652, 5.3; ETSI EN 319 102-1, 5.2.3)."""

import hmac
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from asn1crypto import cms, core, tsp, x509
from pyhanko.sign.general import match_issuer_serial

from signing.validation.certificates.evidence import evidence_of
from signing.validation.cms_value import attributes, ber
from signing.validation.cms_value.digests import digest_of

_CERTIFICATE = 0x30  # a SEQUENCE; the other CertificateChoices are tagged (RFC 5652, 10.2.2)


@dataclass(frozen=True, slots=True)
class SigningCertificate:
    """The signing-certificate attributes of a signature (RFC 2634, 5.4; RFC 5035, 4)."""

    # Digest algorithm and digest of the certificate in each attribute. None: an attribute cannot be
    # read, or occurs twice.
    digests: tuple[tuple[str, bytes], ...] | None

    def names(self, certificate: x509.Certificate) -> bool:
        """Tell whether every attribute names `certificate`. Its digest decides: issuer and serial
        number are a hint (EN 319 102-1, 5.2.3.4).
        """
        return self.digests is not None and all(
            hmac.compare_digest(digest, digest_of(algorithm, certificate.dump()))
            for algorithm, digest in self.digests
        )


def certificates_in(signed_data: cms.SignedData) -> tuple[x509.Certificate, ...]:
    """Return the certificates in a CMS that can be parsed, in its order; attribute certificates
    apart.
    """
    choices = signed_data["certificates"]
    if choices is core.VOID:
        return ()
    return evidence_of(
        value for value in ber.values(choices.contents) if value[0] == _CERTIFICATE
    ).certificates


def find_signer(
    info: cms.SignerInfo, certificates: Iterable[x509.Certificate]
) -> x509.Certificate | None:
    """Return the certificate of `certificates` that `info` names as its signer's, or None.

    A certificate that the signing-certificate attribute does not name is a substitute, so it is not
    taken (EN 319 102-1, 5.2.3.4).
    """
    named = signing_certificate(info)
    return next(
        (
            certificate
            for certificate in _identified(info, certificates)
            if named.names(certificate)
        ),
        None,
    )


def signing_certificate(info: cms.SignerInfo) -> SigningCertificate:
    """Return the signing-certificate attributes of a signer."""
    signed = attributes.signed(info)
    digests = []
    for oid, kind in _ATTRIBUTES.items():
        values = attributes.values(signed, oid)
        if len(values) > 1:
            return SigningCertificate(None)
        try:
            # the first names the signer's, the others those above it
            digests += [_digest(kind.load(value, strict=True)["certs"][0]) for value in values]
        except (ValueError, TypeError, IndexError, KeyError):
            return SigningCertificate(None)
    return SigningCertificate(tuple(digests))


_ATTRIBUTES: dict[str, type[core.Sequence]] = {
    attributes.SIGNING_CERTIFICATE: tsp.SigningCertificate,
    attributes.SIGNING_CERTIFICATE_V2: tsp.SigningCertificateV2,
}


def _digest(named: core.Sequence) -> tuple[str, bytes]:
    algorithm = (
        "sha1" if isinstance(named, tsp.ESSCertID) else named["hash_algorithm"]["algorithm"].native
    )
    return algorithm, named["cert_hash"].native


def _identified(
    info: cms.SignerInfo, certificates: Iterable[x509.Certificate]
) -> Iterator[x509.Certificate]:
    sid = info["sid"]
    identifier = sid.chosen
    for certificate in certificates:
        if sid.name == "issuer_and_serial_number":
            identified = match_issuer_serial(identifier, certificate)
        else:
            # without the extension: the common way to make it (RFC 5280, 4.2.1.2, method 1)
            own = certificate.key_identifier or certificate.public_key.sha1
            identified = own == identifier.native
        if identified:
            yield certificate
