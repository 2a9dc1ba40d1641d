"""DER is written in one way only; everything else is refused."""

import pytest
from asn1crypto import core, parser
from hypothesis import given
from hypothesis import strategies as st

from signing.validation.cms_value import der


@pytest.mark.parametrize(
    "text",
    [
        "0101ff",
        "010100",
        "020100",
        "0201ff",
        "02020080",
        "0202ff7f",
        "0500",
        "030100",
        "03020780",
        "06022a03",
        "3000",
        "30030201ff",
        "a0030201ff",
        "0481800" + "0" * 255,
    ],
)
def test_der_is_accepted(text: str) -> None:
    der.check(bytes.fromhex(text))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "02",
        "0201",
        "0200",
        "010101",
        "0102ffff",
        "02020001",
        "0202ffff",
        "050100",
        "0300",
        "030101",
        "03020781",
        "03020880",
        "0600",
        "060180",
        "1f0100",
        "30800000",
        "30810101",
        "3082000101",
        "3005020100",
        "2403040100",
        "10020500",
        "0000",
        "020100ff",
        "30030201",
    ],
)
def test_other_encodings_are_refused(text: str) -> None:
    with pytest.raises(der.NotDer):
        der.check(bytes.fromhex(text))


def test_deep_nesting_is_refused() -> None:
    nested = b"\x05\x00"
    for _ in range(100):
        nested = core.OctetString(nested).dump().replace(b"\x04", b"\x30", 1)
    with pytest.raises(der.NotDer):
        der.check(nested)


@given(st.binary(max_size=64))
def test_any_bytes_are_judged(data: bytes) -> None:
    try:
        der.check(data)
    except der.NotDer:
        return
    _, _, _, header, contents, trailer = parser.parse(data, strict=True)
    assert (header + contents, trailer) == (data, b"")


@given(st.integers(), st.binary(), st.booleans())
def test_what_asn1crypto_writes_is_der(number: int, octets: bytes, flag: bool) -> None:
    whole = core.SequenceOf([], spec=core.Any)
    for value in (core.Integer(number), core.OctetString(octets), core.Boolean(flag), core.Null()):
        whole.append(core.Any.load(value.dump()))
    data = whole.dump()
    der.check(data)
    assert der.end_of_value(data + b"\0\0") == len(data)
