"""Facilities under one shared root, each with a seal of its own, and what tests do with them."""

from collections.abc import Callable
from typing import Any

from api.home import Home
from api.sharing.identity import Identity
from api.sharing.order import parse_order
from api.sharing.proven_sender import proven_identity
from archive.catalog import projection
from tests.fixtures.home import CLERK, chart, take

OURS, SENDER, RECIPIENT = "79003", "79001", "79002"
SEALS = ("clinic", "sender", "recipient", "renewed")
OVERLAY = {
    "x-key-bits": dict.fromkeys(("root", "issuing-ca", "tsa-ca", *SEALS), 2048),
    "keysets": {"{arch}": {"keys": {label: {"path": f"{label}.pem"} for label in SEALS}}},
    "pki-architectures": {
        "{arch}": {
            "entities": {label: {"common-name": f"TEST {label.title()}"} for label in SEALS},
            "certs": {
                label: {
                    "subject": label,
                    "issuer": "issuing-ca",
                    "validity": {"valid-from": "{valid_from}", "valid-to": "{leaf_until}"},
                    "profiles": ["digsig-commitment"],
                    "extensions": [
                        {
                            "id": "authority_information_access",
                            "smart-value": {
                                "schema": "aia-urls",
                                "params": {
                                    "ocsp-responder-names": ["issuing-ca"],
                                    "ca-issuer-links": [{"repo": "issuing-ca"}],
                                },
                            },
                        }
                    ],
                }
                for label in SEALS
            },
        }
    },
}
MakeHome = Callable[[str, str], Home]


def packet(home: Home, chart_id: str, to: str = "79002") -> bytes:
    """Make a packet of a chart."""
    packet = home.open_for_writing().packets.create(
        parse_order(chart_id, to, "Chuyển tuyến"), CLERK, home.scope, lambda _: None
    )
    home.follow_ups.run()
    return packet.data


def packet_of(home: Home, to: str = OURS, **changes: Any) -> bytes:
    (result,) = take(home, chart(1, facility=home.code, **changes))
    assert not result.faults
    return packet(home, result.receipts[0].chart_id, to)


def forged_patient() -> dict[str, Any]:
    return {**chart(1)["patient"], "name": "Kẻ Mạo Danh"}


def dump(home: Home) -> list[bytes]:
    with home.catalog.read() as session:
        return sorted(projection.lines(session))


def identity(home: Home, data: bytes) -> Identity:
    return proven_identity(data, home.trust, home.clock.now())


def give_back(home: Home, data: bytes) -> Any:
    return home.open_for_writing().returns.accept(data, home.trust, CLERK, home.scope)
