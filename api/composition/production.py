"""Production mode: it takes nothing of a demonstration, and serves no other machine without TLS."""

from collections.abc import Iterable
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING

from archive.base.errors import Misconfigured
from archive.base.settings import Settings
from archive.catalog.tables import SealChainRow

if TYPE_CHECKING:
    from asn1crypto import x509

    from archive.acts.signed_acts import SignedActs
    from archive.base.identifiers import FacilityCode
    from archive.catalog.database import Catalog

DEMO_PASSWORD = Path("keys") / "demo-password"


class TestInProduction(Misconfigured):
    """Production mode with something of a demonstration: its seals prove nothing, and its passwords
    are known.
    """

    __test__ = False
    code = "production.test"


class MixedSeals(Misconfigured):
    """An archive of real certificates is given test ones, or a demonstration real ones."""

    code = "seal.mixed"


def require_real_archive(settings: Settings, chain: str) -> None:
    """In production mode, raise TestInProduction for a demonstration; otherwise check nothing.

    `chain` is the seal chain that the signed act 0 states (PEM): an act never changes.
    """
    from signing.test_marks import states_test

    if not settings.production:
        return
    if states_test(chain):
        raise TestInProduction(
            why_vi="nghiệp vụ 0 của kho này nêu chứng thư TEST",
            why_en="act 0 of this archive states TEST certificates",
        )
    if (settings.home / DEMO_PASSWORD).exists():
        raise TestInProduction(
            why_vi=f"còn tệp mật khẩu trình diễn {DEMO_PASSWORD}",
            why_en=f"the demonstration's password file {DEMO_PASSWORD} still exists",
        )


def require_real(settings: Settings, signed: "SignedActs") -> None:
    """In production mode, raise TestInProduction where the signed act 0 makes the archive a
    demonstration.
    """
    if settings.production:
        require_real_archive(settings, _first_chain(signed))


def is_demonstration(catalog: "Catalog", facility: "FacilityCode") -> bool:
    """Return whether act 0 of the archive, as the catalogue has it, states TEST certificates."""
    from signing.test_marks import states_test

    with catalog.read() as session:
        chain = session.get(SealChainRow, (facility, 0))
    return chain is not None and states_test(chain.pem)


def require_same_kind(certificate: "x509.Certificate", signed: "SignedActs") -> None:
    """Raise MixedSeals unless the seal's certificate and the signed act 0 are both TEST or both
    real.
    """
    from signing.test_marks import is_test, states_test

    if is_test(certificate) != states_test(_first_chain(signed)):
        raise MixedSeals


def _first_chain(signed: "SignedActs") -> str:
    """Return the seal chain that the signed act 0 states (PEM)."""
    return str(signed.act(0).facts.get("seal_chain"))


def require_real_certificates(
    settings: Settings, certificates: "Iterable[x509.Certificate]", where: str
) -> None:
    """In production mode, raise TestInProduction where one of `certificates`, read from `where`, is
    of a test PKI.
    """
    from signing.test_marks import is_test

    if settings.production and any(map(is_test, certificates)):
        raise TestInProduction(
            why_vi=f"{where} có chứng thư TEST", why_en=f"{where} holds TEST certificates"
        )


def require_private(settings: Settings, host: str) -> None:
    """In production mode, raise Misconfigured where `host` is reached from other machines and TLS
    is not in front.

    `kho serve` speaks HTTP: passwords and records would cross the network in the clear.
    `web.behind_tls` says that a proxy with TLS is in front, and that no other machine reaches the
    port.
    """
    if settings.production and not settings.web.behind_tls and not _is_loopback(host):
        raise Misconfigured(
            why_vi=f"web.host {host} mở cho máy khác mà không có TLS; đặt proxy TLS phía trước, "
            "rồi đặt web.behind_tls = true",
            why_en=f"web.host {host} is open to other machines without TLS; put a TLS proxy in "
            "front, "
            "then set web.behind_tls = true",
        )


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
