"""Certificates and the days that they have left: 90, 30 and 7 days before their end."""

from datetime import UTC, date, datetime, timedelta

import pytest
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from signing.expiry import CertificateRole, certificate_states

KEY = ec.generate_private_key(ec.SECP256R1())
# 18:00 in London is the next day in Viet Nam
END = datetime(2027, 3, 10, 18, 0, tzinfo=UTC)
LAST_DAY = date(2027, 3, 11)
NOTICES = (90, 30, 7)


def certificate(name: str, end: datetime) -> asn1_x509.Certificate:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    issued = (
        x509.CertificateBuilder(subject, subject, KEY.public_key(), 1)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(end)
        .sign(KEY, hashes.SHA256())
    )
    return asn1_x509.Certificate.load(issued.public_bytes(Encoding.DER))


@pytest.mark.parametrize(
    ("days_left", "within"),
    [(91, None), (90, 90), (31, 90), (30, 30), (8, 30), (7, 7), (0, 7), (-1, 7)],
)
def test_a_threshold_is_reached_on_its_day(days_left: int, within: int | None) -> None:
    now = datetime(2027, 3, 11, 9, 0, tzinfo=UTC) - timedelta(days=days_left)
    (state,) = certificate_states([certificate("A", END)], [], now, NOTICES)
    assert (state.last_day, state.days_left, state.within) == (LAST_DAY, days_left, within)
    assert state.has_ended is (days_left < 0)


def test_the_next_to_end_comes_first_and_a_shared_authority_once() -> None:
    root = certificate("Root", END + timedelta(days=900))
    seal, tsa = certificate("Seal", END), certificate("TSA", END - timedelta(days=1))
    states = certificate_states([seal, root], [tsa, root], END - timedelta(days=40), NOTICES)
    assert [(state.name, state.role) for state in states] == [
        ("TSA", CertificateRole.TSA),
        ("Seal", CertificateRole.SEAL),
        ("Root", CertificateRole.SEAL_AUTHORITY),
    ]


def test_thresholds_are_those_of_the_settings() -> None:
    now = END - timedelta(days=50)
    (state,) = certificate_states([certificate("A", END)], [], now, (60,))
    assert state.within == 60
    (state,) = certificate_states([certificate("A", END)], [], now, ())
    assert state.within is None
