"""The part of `kho check` that looks at the seal's certificates and at where its key lies."""

from collections.abc import Iterable, Iterator

from retention.health.faults import HealthFault, health_fault
from signing.expiry import CertificateState


def seal_faults(states: Iterable[CertificateState], *, key_in_file: bool) -> Iterator[HealthFault]:
    """Yield a notice for each certificate that ends soon or has ended.

    Yield another for a key in a file: TT 15/2025/TT-BKHCN wants it in a device.
    """
    for state in states:
        if state.within is not None:
            code = "certificate.ended" if state.has_ended else "certificate.ends_soon"
            yield health_fault(code, named(state))
    if key_in_file:
        yield health_fault("seal.key_in_file", "seal.pkcs12")


def named(state: CertificateState) -> str:
    """Return the certificate's role, name, last day and days left, for people."""
    return f"{state.role} {state.name}: {state.last_day:%d/%m/%Y} ({state.days_left})"
