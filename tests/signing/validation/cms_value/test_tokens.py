"""CMS signatures of other makers: what RFC 5652 allows is sound, what it forbids fails."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from asn1crypto import core, x509

from signing.validation.cms_value import attributes
from signing.validation.cms_value.container import NotCms, NotSupported, read_container
from signing.validation.cms_value.digests import digester
from signing.validation.cms_value.tokens import (
    Token,
    read_content_timestamps,
    read_seal,
    read_sha1_seal,
    read_signature_timestamps,
    read_timestamp,
    token_facts,
)
from tests.signing.validation.cms_value.makers import (
    DATA,
    START,
    Maker,
    attribute,
    certificate,
    signing_certificate,
    timestamp,
)

DIGEST = digester([DATA])
SOUND = {
    "by key identifier": Maker(by_key_identifier=True),
    "named by SHA-1": Maker(named="v1"),
    "rsaEncryption": Maker(mechanism="rsassa_pkcs1v15"),
    "PSS": Maker(mechanism="rsassa_pss"),
    "PSS with another digest": Maker(mechanism="rsassa_pss", signature_digest="sha384"),
    "P-256": Maker("p256"),
    "P-384": Maker("p384", digest="sha384"),
    "P-521": Maker("p521", digest="sha512"),
    "ECDSA with another digest": Maker("p256", signature_digest="sha512"),
    "Ed25519": Maker("ed25519", digest="sha512"),
    "Ed448": Maker("ed448", digest="shake256"),
    "without signed attributes": Maker(signed_attributes=False),
    "without signed attributes, EC": Maker("p256", signed_attributes=False),
    "other certificates first": Maker(
        certificates=[certificate("p256", "TEST Other"), certificate("rsa")]
    ),
}


def read(maker: Maker) -> Token:
    return read_seal(read_container(maker.make()).signed_data, DIGEST)


@pytest.mark.parametrize("name", SOUND)
def test_a_sound_signature_is_sound(name: str) -> None:
    token = read(SOUND[name])
    assert (token.integrity, token.cryptography) == (True, True)
    assert token.certificate is not None
    assert token.certificate.dump() == SOUND[name].certificate.dump()


@pytest.mark.parametrize("name", SOUND)
def test_other_data_is_not_what_was_signed(name: str) -> None:
    token = read_seal(read_container(SOUND[name].make()).signed_data, digester([DATA, b"!"]))
    assert not token.integrity


@pytest.mark.parametrize("by_key_identifier", [False, True])
def test_a_signer_that_the_cms_lacks_is_looked_for_among_the_known(by_key_identifier: bool) -> None:
    maker = Maker(certificates=[], by_key_identifier=by_key_identifier)
    signed_data = read_container(maker.make()).signed_data
    alone = read_seal(signed_data, DIGEST)
    assert (alone.certificate, alone.integrity, alone.cryptography) == (None, True, False)
    known = [certificate("p256", "TEST Other"), maker.certificate]
    token = read_seal(signed_data, DIGEST, known)
    assert (token.certificate, token.integrity, token.cryptography) == (known[1], True, True)


def test_an_unknown_algorithm_is_not_supported() -> None:
    value = Maker().make()
    # sha256WithRSAEncryption becomes an algorithm that does not exist, as long as the other
    known, unknown = bytes.fromhex("2a864886f70d01010b"), bytes.fromhex("2a864886f70d010163")
    changed = value[::-1].replace(known[::-1], unknown[::-1], 1)[::-1]
    with pytest.raises(NotSupported):
        read_seal(read_container(changed).signed_data, DIGEST)


def test_a_certificate_that_the_attribute_does_not_name_is_a_substitute() -> None:
    substitute = Maker(certificates=[certificate("p256", "TEST Signer")])
    assert read(substitute).certificate is None
    named_another = Maker(
        named=None, more_signed=[signing_certificate(certificate("p256", "TEST Other"), "v2")]
    )
    assert read(named_another).certificate is None
    twice = Maker(more_signed=[signing_certificate(certificate("rsa"), "v2")])
    assert read(twice).certificate is None


@pytest.mark.parametrize(
    ("arrange", "cryptography"),
    [(sorted, True), (lambda members: sorted(members, reverse=True), False)],
)
def test_signed_attributes_that_are_not_in_der_order_fail(
    arrange: Callable[[list[bytes]], list[bytes]], cryptography: bool
) -> None:
    assert read(Maker(arrange=arrange)).cryptography is cryptography


@pytest.mark.parametrize(
    "more", [attribute("message_digest", b"\0" * 32), attribute("content_type", "data")]
)
def test_content_type_and_message_digest_occur_once(more: core.Asn1Value) -> None:
    assert not read(Maker(more_signed=[more])).integrity


def test_the_content_type_is_the_one_that_was_signed() -> None:
    maker = Maker()
    signed_data = read_container(maker.make()).signed_data
    stamp = read_container(timestamp(DATA).dump()).signed_data
    assert not read_seal(stamp, DIGEST).integrity
    with pytest.raises(NotCms):
        read_timestamp(signed_data, DIGEST)


def test_every_signature_timestamp_is_read_oldest_first() -> None:
    plain = Maker()
    value = read(plain).signer_info["signature"].native
    times = [START + timedelta(days=days) for days in (3, 1, 2)]
    stamps = [timestamp(value, at=at) for at in times]
    broken = attribute(attributes.SIGNATURE_TIMESTAMP, b"\x30\x00")
    two = attribute("signature_time_stamp_token", *stamps[:2])
    more = attribute("signature_time_stamp_token", stamps[2])
    token = read(Maker(unsigned=[two, broken, more]))
    stamped = read_signature_timestamps(token)
    assert [stamp.time for stamp in stamped] == sorted(times)
    assert all(stamp.integrity and stamp.cryptography for stamp in stamped)


def test_the_authority_of_a_timestamp_may_be_known_from_elsewhere() -> None:
    authority = Maker("p256", certificates=[])
    stamp = timestamp(read(Maker()).signer_info["signature"].native, authority)
    token = read(Maker(unsigned=[attribute("signature_time_stamp_token", stamp)]))
    (alone,) = read_signature_timestamps(token)
    (known,) = read_signature_timestamps(token, [authority.certificate])
    assert (alone.certificate, known.certificate) == (None, authority.certificate)
    assert known.cryptography


def test_a_content_timestamp_is_over_the_data() -> None:
    stamp = attribute(attributes.CONTENT_TIMESTAMP, timestamp(DATA).dump())
    token = read(Maker(more_signed=[stamp]))
    (before,) = read_content_timestamps(token, DIGEST)
    assert (before.time, before.integrity) == (START, True)


@pytest.mark.parametrize("signed_attributes", [True, False])
def test_a_signature_over_a_sha1_digest_is_sound_and_weak(signed_attributes: bool) -> None:
    maker = Maker(content=DIGEST("sha1"), signed_attributes=signed_attributes)
    signed_data = read_container(maker.make()).signed_data
    token = read_sha1_seal(signed_data, DIGEST)
    facts = token_facts(token, None)
    assert (facts.integrity, facts.cryptography) == (True, True)
    assert (facts.digest_algorithm, facts.strong_algorithms) == ("sha1", False)
    assert not read_sha1_seal(signed_data, digester([b"other"])).integrity
    assert not read_seal(signed_data, DIGEST).integrity
    assert not read_sha1_seal(read_container(Maker().make()).signed_data, DIGEST).integrity


def test_a_weak_imprint_makes_a_timestamp_weak() -> None:
    stamp = read_timestamp(
        read_container(timestamp(DATA, imprint_digest="sha1").dump()).signed_data, DIGEST
    )
    facts = token_facts(stamp, None)
    assert (facts.integrity, facts.strong_algorithms) == (True, False)
    assert facts.digest_algorithm == "sha1"


def test_a_token_in_the_version_of_pkcs7_is_read() -> None:
    stamp = timestamp(DATA, Maker(version="v1")).dump()
    token = read_timestamp(read_container(stamp).signed_data, DIGEST)
    assert (token.time, token.integrity, token.cryptography) == (START, True, True)


def test_a_key_for_pss_alone_is_used() -> None:
    # the same key in a certificate that says id-RSASSA-PSS (RFC 4055, 1.2)
    plain = certificate("rsa")
    own = plain.copy()
    own["tbs_certificate"]["subject_public_key_info"]["algorithm"] = {"algorithm": "rsassa_pss"}
    only_pss = x509.Certificate.load(own.dump(force=True))
    maker = Maker(mechanism="rsassa_pss", certificates=[only_pss], named=None)
    token = read(maker)
    assert (token.integrity, token.cryptography, token.strong_algorithms) == (True, True, True)
    assert not read(Maker(certificates=[only_pss], named=None)).cryptography
