"""A signature value is read as it lies in /Contents: DER or BER, with its padding."""

import pytest
from asn1crypto import cms, core
from hypothesis import given
from hypothesis import strategies as st

from signing.validation.cms_value.container import NotCms, NotSupported, read_container
from signing.validation.cms_value.digests import digester
from signing.validation.cms_value.tokens import read_seal
from tests.signing.validation.cms_value.makers import DATA, Maker, in_ber


def test_der_is_read_with_its_padding() -> None:
    value = Maker().make()
    container = read_container(value + b"\0\0\x01")
    assert (container.length, container.is_der, container.padding) == (
        len(value),
        True,
        b"\0\0\x01",
    )
    assert container.signed_data.dump() == cms.ContentInfo.load(value)["content"].dump()


def test_ber_is_read_and_its_signature_is_whole() -> None:
    value = in_ber(Maker().make())
    container = read_container(value + b"\0" * 8)
    assert (container.length, container.is_der, container.padding) == (len(value), False, b"\0" * 8)
    token = read_seal(container.signed_data, digester([DATA]))
    assert (token.integrity, token.cryptography) == (True, True)


def test_a_signature_of_another_kind_is_not_supported() -> None:
    bare = core.OctetString(b"PKCS#1").dump()
    data = cms.ContentInfo({"content_type": "data", "content": b"x"}).dump()
    for value in (bare, data):
        with pytest.raises(NotSupported):
            read_container(value + b"\0")


@given(st.binary(max_size=64))
def test_other_bytes_are_no_cms(data: bytes) -> None:
    with pytest.raises(NotCms):
        read_container(data)


@given(at=st.integers(0, 5000), byte=st.integers(0, 255))
def test_a_changed_byte_is_read_or_no_cms(at: int, byte: int) -> None:
    value = Maker().make()
    at %= len(value)
    try:
        container = read_container(value[:at] + bytes([byte]) + value[at + 1 :])
    except NotCms:
        return
    assert container.length <= len(value)
