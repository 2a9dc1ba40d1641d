"""A name from outside is printed in one form that cannot forge a line."""

import json
import unicodedata
from pathlib import Path

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from archive.base.bilingual import Text
from archive.base.errors import Fault, Unavailable
from archive.base.printable import escaped, is_utf8, on_one_line, printable
from archive.process.log import configure_logging


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


def test_two_spellings_of_a_name_can_be_distinguished() -> None:
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


@given(st.text())
def test_json_says_the_same_with_nothing_hidden_in_it(text: str) -> None:
    safe = escaped(json.dumps({"name": text}, ensure_ascii=False))
    assert json.loads(safe) == json.loads(json.dumps({"name": text}))
    assert safe.encode("utf-8")


def test_every_mark_without_a_shape_is_escaped_in_json() -> None:
    hidden = [
        chr(point)
        for point in range(0x110000)
        if unicodedata.category(chr(point)) in {"Cc", "Zl", "Zp", "Cs"}
    ]
    hidden += [
        chr(point)
        for point in (0x202A, 0x202E, 0x2066, 0x2069, 0x200E, 0x200F, 0x061C, 0xFEFF, 0xE0001)
    ]
    safe = escaped(json.dumps("".join(hidden), ensure_ascii=False))
    assert safe.isascii()


def test_a_fact_never_begins_a_line_of_its_own() -> None:
    for fact in ("a\r\n\x1b[2Kb", Path("a\r\n\x1b[2Kb"), ValueError("a\r\n\x1b[2Kb")):
        assert Text("{name}.", "{name}.").fill(name=fact).en == "a ‹U+001B›[2Kb."
    assert Text("{n:g}", "{n:g}").fill(n=2.0).en == "2"
    assert len(Unavailable(component="x\n✓ done", why="y").explain("en").splitlines()) == 1
    assert on_one_line("a\u2028b\x85c\n") == "a b c"


def test_a_fault_s_path_is_printable() -> None:
    assert Fault("/a\nb/\udcf2", "x", Text("", "")).path == "/a‹U+000A›b/‹F2›"


@pytest.mark.parametrize("as_json", [True, False])
def test_an_event_is_one_line_of_the_log(capsys: pytest.CaptureFixture[str], as_json: bool) -> None:
    before = structlog.get_config()
    try:
        configure_logging("info", json=as_json)
        structlog.get_logger("test").info("file.seen", name="a\nerror: forged\x1b[2K\u202e\udcf2")
    finally:
        structlog.configure(**before)
    (line,) = capsys.readouterr().err.splitlines()
    assert not {"\x1b", "\u202e"} & set(line)
