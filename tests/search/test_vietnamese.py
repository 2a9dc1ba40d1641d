"""Words are the same however they were typed."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.vietnamese import Word, code, words

LETTERS = (
    "aăâbcdđeêghiklmnoôơpqrstuưvxyáàảãạắằẳẵặấầẩẫậéèẻẽẹếềểễệíìỉĩịóòỏõọốồổỗộớờởỡợúùủũụứừửữựýỳỷỹỵ"
)
vietnamese_words = st.text(LETTERS, min_size=1, max_size=8)


def only_word(text: str) -> Word:
    (word,) = words(text)
    return word


@pytest.mark.parametrize(
    ("new", "old"),
    [
        ("hoà", "hòa"),
        ("hoá", "hóa"),
        ("hoả", "hỏa"),
        ("hoã", "hõa"),
        ("hoạ", "họa"),
        ("khoẻ", "khỏe"),
        ("loè", "lòe"),
        ("thuý", "thúy"),
        ("thuỳ", "thùy"),
        ("tuỵ", "tụy"),
        ("quý", "qúy"),
    ],
)
def test_old_and_new_tone_placement_are_one_word(new: str, old: str) -> None:
    assert only_word(new) == only_word(old)


@pytest.mark.parametrize(
    ("one_word", "other"),
    [
        ("hoa", "hòa"),
        ("hỏa", "hòa"),
        ("mai", "mải"),
        ("dan", "đan"),
        ("tan", "tân"),
        ("tan", "tăn"),
        ("du", "dư"),
    ],
)
def test_other_diacritics_are_another_word_that_folds_alike(one_word: str, other: str) -> None:
    assert only_word(one_word).exact != only_word(other).exact
    assert only_word(one_word).folded == only_word(other).folded


def test_i_and_y_are_kept_apart() -> None:
    assert only_word("quí").folded != only_word("quý").folded


def test_every_vietnamese_letter_folds_to_an_ascii_letter() -> None:
    for letter in LETTERS:
        folded = only_word(letter).folded
        assert folded.isascii()
        assert len(folded) == 1


@given(vietnamese_words)
def test_encoding_and_case_do_not_count(word: str) -> None:
    forms = {
        only_word(unicodedata.normalize(form, cased))
        for form in ("NFC", "NFD", "NFKC", "NFKD")
        for cased in (word, word.upper(), word.lower(), word.title())
    }
    assert len(forms) == 1


@given(vietnamese_words)
def test_folding_is_final(word: str) -> None:
    folded = only_word(word).folded
    assert only_word(folded) == Word(folded, folded)


def test_half_composed_and_deprecated_marks_are_understood() -> None:
    assert only_word("ê\u0301") == only_word("ế")
    assert only_word("e\u0301\u0302") == only_word("ế")  # marks in the wrong order
    assert only_word("a\u0340") == only_word("à")
    assert only_word("Ðặng") == only_word("Đặng") == only_word("Ɖặng")


def test_words_end_at_whatever_is_no_letter_and_no_digit() -> None:
    assert [word.exact for word in words("a-b_c.d/e'f\tg\u00a0h\n1,2")] == list("abcdefgh12")


def test_invisible_characters_are_not_there() -> None:
    assert only_word("ho\u200ba\u00ad\ufeff") == only_word("hoa")


@pytest.mark.parametrize(
    "text",
    [
        "Straße",
        "İstanbul",
        "日本語",
        "ภาษาไทย",
        "русский",
        "العربية",
        "\ufdfa",
        "½",
        "👩‍⚕️",
        "\x00\x01",
        "\ud800",
        "a" * 10_000,
    ],
)
def test_other_text_is_harmless(text: str) -> None:
    for word in words(text):
        assert word.exact
        assert word.folded
        assert len(word.folded) <= 200
    assert words(text) == words(text)


@given(st.text())
def test_tokens_never_hold_white_space_and_are_never_empty(text: str) -> None:
    for word in words(text):
        for token in (word.exact, word.folded):
            assert token
            assert not any(c.isspace() for c in token)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("J18.9", "j189"),
        ("DN 4 01 01-123.45678", "dn4010112345678"),
        ("2026-000123", "2026000123"),
        ("01/BV1", "01bv1"),
        ("0190F3A2-7B1C-7D3E-8F40-5162738495A6", "0190f3a27b1c7d3e8f405162738495a6"),
        ("A17.0†", "a170"),
        ("Đ-01", "d01"),
        ("--", ""),
    ],
)
def test_identifiers_are_their_letters_and_digits(typed: str, expected: str) -> None:
    assert code(typed) == expected
