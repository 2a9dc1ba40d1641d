"""CMS signatures of other makers: what RFC 5652 allows is sound, what it forbids fails."""

import pytest

from signing.validation.cms_value.container import NotSupported, read_container
from signing.validation.cms_value.digests import digester
from signing.validation.cms_value.tokens import Token, read_seal
from tests.signing.validation.cms_value.makers import DATA, Maker, certificate

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
