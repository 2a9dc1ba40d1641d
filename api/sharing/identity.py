"""The sender's identity of a packet or receipt, claimed and proven facts, for two persons to
compare.

The code and the name are claims. The ledger's key and the certificate are proven by signatures. The
check code covers all four. It is short enough to be read aloud by telephone, and a person who
compares it has compared everything.
"""

from dataclasses import dataclass
from typing import Any

from asn1crypto import x509

from api.sharing.manifest import Ledger, Sender
from archive.acts.partner import CameFrom, Partner, SealCertificate
from archive.base.canonical import canonical
from archive.base.identifiers import sha256
from archive.catalog.entries import FacilityEntry

# 128 bits: finding a second identity with the same check code is infeasible
_GROUPS = range(0, 32, 4)


@dataclass(frozen=True, slots=True)
class Identity:
    """A facility as its packet or receipt shows it."""

    code: str
    name: str
    ledger_origin: str
    ledger_key: str
    seal: SealCertificate

    @property
    def came_from(self) -> CameFrom:
        """Return what acts record of it."""
        return CameFrom(
            ledger_origin=self.ledger_origin, ledger_key=self.ledger_key, seal=self.seal
        )

    @property
    def ledger_fingerprint(self) -> str:
        """Return the SHA-256 of the ledger's verifier key, in hex."""
        return sha256(self.ledger_key.encode())

    @property
    def check_code(self) -> str:
        """Return the code that two persons compare: eight groups of four hex digits."""
        digest = sha256(
            canonical(
                {
                    "format": "kho-identity/1",
                    "code": self.code,
                    "name": self.name,
                    "ledger_origin": self.ledger_origin,
                    "ledger_key": self.ledger_key,
                    "certificate": self.seal.sha256,
                }
            )
        )
        return " ".join(digest[at : at + 4] for at in _GROUPS)

    def is_check_code(self, text: str) -> bool:
        """Return whether `text` is the check code; spaces, hyphens and letter case do not count."""
        return text.replace(" ", "").replace("-", "").lower() == self.check_code.replace(" ", "")

    @property
    def facts(self) -> dict[str, str]:
        """Return what sentences about it are filled with: texts that keep to their line."""
        return {
            "code": self.code,
            "name": _on_its_line(self.name),
            "ledger": self.ledger_fingerprint,
            "subject": _on_its_line(self.seal.subject),
            "issuer": _on_its_line(self.seal.issuer),
            "certificate": self.seal.sha256,
            "check_code": self.check_code,
        }

    def as_json(self) -> dict[str, Any]:
        """Return what `kho partner show` and `kho packet verify` print."""
        return {
            "code": self.code,
            "name": self.name,
            "ledger": {
                "origin": self.ledger_origin,
                "key": self.ledger_key,
                "sha256": self.ledger_fingerprint,
            },
            "seal": self.seal.model_dump(),
            "check_code": self.check_code,
        }


def seal_certificate(certificate: x509.Certificate) -> SealCertificate:
    """Return the facts of a certificate that acts record."""
    return SealCertificate(
        subject=certificate.subject.human_friendly,
        issuer=certificate.issuer.human_friendly,
        sha256=sha256(certificate.dump()),
    )


def identity_of(
    facility: Sender, ledger: Ledger, certificate: x509.Certificate | None
) -> Identity | None:
    """Return the identity that signed a packet or receipt with `certificate`; None where no
    certificate is known.
    """
    if certificate is None:
        return None
    return Identity(
        facility.code, facility.name, ledger.origin, ledger.key, seal_certificate(certificate)
    )


def identity_of_facility(facility: FacilityEntry, certificate: x509.Certificate) -> Identity:
    """Return what partners see of this facility, whose seal has `certificate`."""
    seal = seal_certificate(certificate)
    return Identity(facility.code, facility.name, facility.ledger_origin, facility.ledger_key, seal)


def is_known_as(identity: Identity, partner: Partner) -> bool:
    """Return whether a person has confirmed just this ledger and this certificate
    for the partner.
    """
    same_ledger = (identity.ledger_origin, identity.ledger_key) == (
        partner.ledger_origin,
        partner.ledger_key,
    )
    return same_ledger and identity.seal.sha256 in {seal.sha256 for seal in partner.seals}


def _on_its_line(text: str) -> str:
    return "".join(
        letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text
    )
