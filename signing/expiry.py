"""When the certificates end that Kho seals with: how many days are left, and who should know."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from asn1crypto import x509

from archive.base.clock import vietnam_date


class CertificateRole(StrEnum):
    """What a certificate does for the facility's seals."""

    SEAL = "seal"
    SEAL_AUTHORITY = "seal-authority"
    TSA = "tsa"
    TSA_AUTHORITY = "tsa-authority"


@dataclass(frozen=True, slots=True)
class CertificateState:
    """A certificate in use: its last day (Viet Nam), and the days until then, below 0 afterwards.

    `within` is the smallest threshold (days) that `days_left` has reached; None before the first.
    """

    role: CertificateRole
    name: str
    last_day: date
    days_left: int
    within: int | None

    @property
    def has_ended(self) -> bool:
        """Whether its last day is over."""
        return self.days_left < 0

    def as_json(self) -> dict[str, Any]:
        """Return the state as the API gives it."""
        return {
            "role": self.role.value,
            "name": self.name,
            "last_day": self.last_day.isoformat(),
            "days_left": self.days_left,
            "within": self.within,
        }


Chain = Sequence[x509.Certificate]  # a certificate first, then those above it


def certificate_states(
    seal: Chain, tsa: Chain, now: datetime, thresholds: Iterable[int]
) -> tuple[CertificateState, ...]:
    """Return the state of each certificate of both chains once, the next to end first."""
    days = sorted(thresholds)
    today = vietnam_date(now)
    watched = {certificate.dump(): role for role, certificate in _roles(seal, tsa)}
    states = (_state(role, der, today, days) for der, role in watched.items())
    return tuple(sorted(states, key=lambda state: (state.days_left, state.role)))


def _roles(seal: Chain, tsa: Chain) -> Iterator[tuple[CertificateRole, x509.Certificate]]:
    """Yield the certificates with their roles; of a shared authority, the seal's comes last."""
    yield from ((CertificateRole.TSA_AUTHORITY, above) for above in tsa[1:])
    yield from ((CertificateRole.SEAL_AUTHORITY, above) for above in seal[1:])
    yield from ((CertificateRole.TSA, certificate) for certificate in tsa[:1])
    yield from ((CertificateRole.SEAL, certificate) for certificate in seal[:1])


def _state(role: CertificateRole, der: bytes, today: date, days: list[int]) -> CertificateState:
    # asn1crypto parses lazily: a thread that seals may be parsing the certificate itself.
    certificate = x509.Certificate.load(der)
    last_day = vietnam_date(certificate.not_valid_after)
    days_left = (last_day - today).days
    name = certificate.subject.native.get("common_name") or certificate.subject.human_friendly
    within = next((threshold for threshold in days if days_left <= threshold), None)
    return CertificateState(role, str(name), last_day, days_left, within)
