"""The corpus's test PKI: signers with RSA and P-256 keys, two TSAs, CRLs and OCSP, on loopback."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import urllib3
import yaml
from asn1crypto import crl, x509
from certomancer.registry import CertLabel

from signing.testpki.make import load_architecture
from tests.fixtures.pki import RunningPki, make_running_pki

PASSPHRASE = "test"
SIGNERS = ("seal", "seal-ec", "seal-sub", "seal-revoked", "seal-expired", "stranger")
_AUTHORITIES = ("root", "issuing-ca", "tsa-ca", "upper-ca", "sub-ca", "ec-ca")


@dataclass
class CorpusPki:
    """A running test PKI, with a PKCS#12 file for each of :data:`SIGNERS`."""

    running: RunningPki
    folder: Path

    @property
    def trust_path(self) -> Path:
        """PEM file with the root, the only trust anchor."""
        return self.running.trust_path

    def p12(self, signer: str) -> Path:
        """Return the PKCS#12 file of `signer`; its passphrase is :data:`PASSPHRASE`."""
        return self.folder / f"{signer}.p12"

    def tsa_url(self, tsa: str = "tsa") -> str:
        """Return the RFC 3161 address of `tsa` (RSA) or `tsa-ec` (P-256)."""
        return f"{self.running.tsa_url.removesuffix('tsa')}{tsa}"

    @cached_property
    def root(self) -> x509.Certificate:
        """The trust anchor."""
        return self.certificate("root")

    @cached_property
    def authorities(self) -> list[x509.Certificate]:
        """Every CA below the root."""
        return [self.certificate(label) for label in _AUTHORITIES[1:]]

    @cached_property
    def crls(self) -> list[crl.CertificateList]:
        """The newest CRL of every CA, as its server publishes it."""
        base = f"{self.running.base_url}/{self.running.pki.arch}/crls"
        with urllib3.PoolManager() as pool:
            return [
                crl.CertificateList.load(pool.request("GET", f"{base}/{label}/latest.crl").data)
                for label in _AUTHORITIES
            ]

    def certificate(self, label: str) -> x509.Certificate:
        """Return the certificate that `pki.yaml` calls `label`."""
        return self._architecture.get_cert(CertLabel(label))

    @cached_property
    def _architecture(self) -> Any:
        return load_architecture(self.running.pki)


@contextmanager
def corpus_pki(folder: Path) -> Iterator[CorpusPki]:
    """Make the PKI in `folder` and serve it until the end of the block."""
    overlay = yaml.safe_load(Path(__file__).with_name("pki.yaml").read_text(encoding="utf-8"))
    running = make_running_pki(folder, overlay)
    try:
        # The makers fetch from the addresses in the certificates.
        assert running.base_url == running.pki.base_url, "the PKI's port was taken"
        for signer in SIGNERS:
            (folder / f"{signer}.p12").write_bytes(running.pkcs12(signer, PASSPHRASE.encode()))
        yield CorpusPki(running, folder)
    finally:
        running.stop()
