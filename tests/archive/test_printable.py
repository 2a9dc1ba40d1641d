"""A name from outside is printed in one form that cannot forge a line."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.printable import is_utf8, printable


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("a.json", "a.json"),
        ("Phiếu khám bệnh.pdf", "Phiếu khám bệnh.pdf"),
        ("a\nb\r\tc", "a‹U+000A›b‹U+000D›‹U+0009›c"),
        ("\x1b[31m", "‹U+001B›[31m"),
        ("\x9b31m", "‹U+009B›31m"),
        ("x\u202egpj.exe", "x‹U+202E›gpj.exe"),
        ("a\u2028b\u200bc\ufeff", "a‹U+2028›b‹U+200B›c‹U+FEFF›"),
        (b"H\xf2a".decode("utf-8", "surrogateescape"), "H‹F2›a"),
        ("\ud800", "‹U+D800›"),
    ],
)
def test_what_cannot_be_seen_is_shown_by_its_number(name: str, shown: str) -> None:
    assert printable(name) == shown


def test_two_spellings_of_a_name_can_be_told_apart() -> None:
    names = [unicodedata.normalize(form, "quét") for form in ("NFC", "NFD")]
    assert [printable(name, marks=True) for name in names] == ["quét", "que‹U+0301›t"]
    assert [printable(name) for name in names] == names


@given(st.binary())
def test_every_name_that_a_disk_can_have_becomes_one_line_of_utf8(data: bytes) -> None:
    name = data.decode("utf-8", "surrogateescape")
    shown = printable(name)
    assert shown.encode("utf-8").decode() == shown
    assert len(shown.splitlines()) <= 1
    assert not any(unicodedata.category(letter) in {"Cc", "Cf", "Cs"} for letter in shown)
    assert printable(shown) == shown
    assert is_utf8(name) == (name.encode("utf-8", "surrogateescape") == data and _is_text(data))


def _is_text(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
