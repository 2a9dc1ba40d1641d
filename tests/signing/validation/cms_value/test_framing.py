"""The unsigned parts of a CMS: what other makers write is accepted, what was changed is found."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from asn1crypto import cms, core, crl
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
from cryptography.x509.oid import NameOID
from hypothesis import given, settings
from hypothesis import strategies as st

from signing.validation.cms_value.brought import brought_evidence
from signing.validation.cms_value.container import NotCms, read_container
from signing.validation.cms_value.digests import digester
from signing.validation.cms_value.framing import MOST_CERTIFICATES, is_framed, is_vouched_for
from signing.validation.cms_value.tokens import (
    Token,
    read_seal,
    read_signature_timestamps,
    read_timestamp,
    token_facts,
)
from tests.signing.validation.authority import NOW, Authority
from tests.signing.validation.cms_value.makers import (
    DATA,
    Maker,
    attribute,
    certificate,
    in_ber,
    timestamp,
    tlv,
)

AUTHORITY = Authority()
CRL = cms.RevocationInfoChoice(name="crl", value=crl.CertificateList.load(AUTHORITY.crls(NOW)[0]))
OCSP_FORMAT = core.Any.load(
    tlv(0xA1, core.ObjectIdentifier("1.3.6.1.5.5.7.16.2").dump(), b"\x30\x00")
)
ATTRIBUTE_CERTIFICATE = core.Any.load(tlv(0xA2, b"\x30\x00"))
EVIDENCE_RECORD = attribute("1.2.840.113549.1.9.16.2.49", b"\x30\x03\x02\x01\x01")
UNKNOWN = attribute("1.3.6.1.4.1.99999.1", b"\x0c\x03abc", b"\x05\x00")


def value_of(maker: Maker) -> bytes:
    return bytes(seal(maker).signer_info["signature"].native)


def seal(maker: Maker) -> Token:
    return read_seal(read_container(maker.make()).signed_data, digester([DATA]))


def stamped(*values: core.Asn1Value) -> Maker:
    return Maker(unsigned=[attribute("signature_time_stamp_token", *values)])


FOREIGN = {
    "by key identifier": Maker(by_key_identifier=True),
    "EC": Maker("p256"),
    "PSS": Maker(mechanism="rsassa_pss"),
    "rsaEncryption": Maker(mechanism="rsassa_pkcs1v15"),
    "CRL": Maker(crls=[CRL]),
    "OCSP response": Maker(crls=[OCSP_FORMAT], version="v5"),
    "OCSP response in PKCS#7": Maker(crls=[OCSP_FORMAT]),
    "attribute certificate": Maker(
        certificates=[certificate("rsa"), ATTRIBUTE_CERTIFICATE], version="v4"
    ),
    "several digest algorithms": Maker(digest_algorithms=["sha1", "sha256", "sha512"]),
    "other digest algorithms": Maker(digest_algorithms=["sha1", "sha512"]),
    "no digest algorithm": Maker(digest_algorithms=[]),
    "unknown unsigned attributes": Maker(unsigned=[EVIDENCE_RECORD, UNKNOWN]),
    "two timestamps": stamped(*(timestamp(value_of(Maker())) for _ in range(2))),
    "EC timestamp": stamped(timestamp(value_of(Maker()), Maker("p384", digest="sha384"))),
    "timestamp with attributes": stamped(
        timestamp(value_of(Maker()), Maker("p256", unsigned=[UNKNOWN], crls=[CRL]))
    ),
    "a timestamp of something else": Maker(
        unsigned=[attribute("1.2.840.113549.1.9.16.2.25", timestamp(b"other").dump())]
    ),
}


@pytest.mark.parametrize("name", FOREIGN)
def test_a_form_of_another_maker_is_framed(name: str) -> None:
    assert is_framed(seal(FOREIGN[name]), ())


@pytest.mark.parametrize("name", FOREIGN)
def test_a_form_of_another_maker_in_ber_is_framed(name: str) -> None:
    container = read_container(in_ber(FOREIGN[name].make()))
    token = read_seal(container.signed_data, digester([DATA]))
    assert (token.integrity, token.cryptography, container.is_der) == (True, True, False)
    assert is_framed(token, ())


@pytest.mark.parametrize(
    "maker",
    [
        Maker(version="v3"),
        Maker(version="v5"),
        Maker(by_key_identifier=True, version="v4"),
        Maker(digest_algorithms=["sha512"]),
        Maker(crls=[core.Any.load(b"\x30\x00")]),
        Maker(unsigned=[attribute("1.2.840.113549.1.9.16.2.14", b"\x30\x00")]),
        # the timestamp is there by another name, so it would not be seen
        Maker(
            unsigned=[attribute("1.2.840.113549.1.9.16.2.15", timestamp(value_of(Maker())).dump())]
        ),
    ],
)
def test_what_rfc_5652_does_not_allow_is_not_framed(maker: Maker) -> None:
    assert not is_framed(seal(maker), ())


def test_a_timestamp_authority_names_its_algorithm_in_one_way() -> None:
    def stamp(mechanism: str) -> Token:
        token = timestamp(DATA, Maker(mechanism=mechanism)).dump()
        return read_timestamp(read_container(token).signed_data, digester([DATA]))

    usual, other = stamp("sha256_rsa"), stamp("rsassa_pkcs1v15")
    assert is_framed(other, [other])
    assert not is_framed(other, [usual])


def _issued(names: Sequence[str], serial: int = 1) -> list[asn1_x509.Certificate]:
    """Return a chain of certificates by name, the first a root."""
    start, keys, issued = datetime(2026, 1, 1, tzinfo=UTC), [], []
    for number, name in enumerate(names):
        keys.append(ec.generate_private_key(ec.SECP256R1()))
        issuer = names[max(0, number - 1)]
        signed = (
            x509.CertificateBuilder(_name(issuer), _name(name), keys[-1].public_key(), serial)
            .not_valid_before(start)
            .not_valid_after(start + timedelta(days=1))
            .sign(keys[max(0, number - 1)], hashes.SHA256())
        )
        issued.append(asn1_x509.Certificate.load(signed.public_bytes(Encoding.DER)))
    return issued


def _name(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"TEST {name}")])


def test_certificates_whose_issuer_is_not_known_are_no_change() -> None:
    _, ca, leaf = _issued(["root", "ca", "leaf"])
    maker = Maker(certificates=[leaf, ATTRIBUTE_CERTIFICATE, certificate("rsa"), ca])
    assert is_vouched_for(seal(maker), ())


def test_a_certificate_that_its_issuer_did_not_sign_is_found() -> None:
    _, ca, _ = _issued(["root", "ca", "leaf"])
    _, _, other_leaf = _issued(["root", "ca", "leaf"])
    assert not is_vouched_for(seal(Maker(certificates=[certificate("rsa"), other_leaf])), [ca])


@pytest.mark.parametrize("part", ["tag", "issuer", "key", "signature"])
def test_a_changed_copy_of_a_known_certificate_is_found(part: str) -> None:
    root, ca, leaf = _issued(["root", "ca", "leaf"])
    encoded = leaf.dump()
    at = {
        "tag": 0,
        "issuer": encoded.index(b"TEST ca") + 6,
        "key": encoded.index(leaf.public_key.dump()) + 60,
        "signature": len(encoded) - 1,
    }[part]
    changed = core.Any.load(
        encoded[:at] + bytes([encoded[at] ^ (0x93 if part == "tag" else 1)]) + encoded[at + 1 :]
    )
    maker = Maker(certificates=[certificate("rsa"), changed])
    assert is_vouched_for(seal(Maker(certificates=[certificate("rsa"), leaf])), [root, ca, leaf])
    assert not is_vouched_for(seal(maker), [root, ca, leaf])


def _token(certificates: int) -> Token:
    """Return a signature with so many certificates of one name, each of which signed itself."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "TEST Mẫu")])
    start = datetime(2026, 1, 1, tzinfo=UTC)
    pairs = []
    for _ in range(certificates):
        key = ec.generate_private_key(ec.SECP256R1())
        serial = x509.random_serial_number()
        builder = x509.CertificateBuilder(name, name, key.public_key(), serial).not_valid_before(
            start
        )
        pairs.append(
            (builder.not_valid_after(start + timedelta(days=1)).sign(key, hashes.SHA256()), key)
        )
    signed = pkcs7.PKCS7SignatureBuilder().set_data(b"x").add_signer(*pairs[0], hashes.SHA256())
    for more, _ in pairs[1:]:
        signed = signed.add_certificate(more)
    content = cms.ContentInfo.load(signed.sign(Encoding.DER, [pkcs7.PKCS7Options.Binary]))[
        "content"
    ]
    assert len(content["certificates"]) == certificates
    return Token(content, None, (), True, True, None)


@pytest.mark.parametrize(
    ("certificates", "vouched_for"), [(3, True), (MOST_CERTIFICATES + 1, False)]
)
def test_a_signature_with_very_many_certificates_is_not_vouched_for(
    certificates: int, vouched_for: bool
) -> None:
    assert is_vouched_for(_token(certificates), ()) is vouched_for


@settings(max_examples=300)
@given(which=st.sampled_from(sorted(FOREIGN)), at=st.integers(0, 9000), flip=st.integers(1, 255))
def test_a_changed_byte_raises_nothing_but_not_cms(which: str, at: int, flip: int) -> None:
    value = FOREIGN[which].make()
    at %= len(value)
    try:
        container = read_container(value[:at] + bytes([value[at] ^ flip]) + value[at + 1 :])
        token = read_seal(container.signed_data, digester([DATA]))
    except NotCms:
        return
    stamps = read_signature_timestamps(token)
    evidence = brought_evidence(container.signed_data)
    for read in (token, *stamps):
        token_facts(read, None)
        is_framed(read, [token, *stamps], evidence.certificates)
        is_vouched_for(read, evidence.certificates)
