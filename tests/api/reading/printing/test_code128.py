"""Code 128: every symbol has its shape, and digits are paired where that is shorter."""

import pytest

from api.reading.printing.code128 import bars


def symbols(widths: list[int]) -> list[tuple[int, ...]]:
    """Return the symbols between start and stop: six widths of eleven modules each."""
    assert widths[-7:] == [2, 3, 3, 1, 1, 1, 2]
    inner = widths[:-7]
    return [tuple(inner[at : at + 6]) for at in range(0, len(inner), 6)]


@pytest.mark.parametrize("text", ["2026-000123", "A", "12", "1234", "12345", "a 1~", "2026-1"])
def test_each_symbol_has_eleven_modules_and_an_even_number_of_them_black(text: str) -> None:
    for symbol in symbols(bars(text)):
        assert len(symbol) == 6
        assert sum(symbol) == 11
        assert sum(symbol[::2]) % 2 == 0


def test_an_archive_number_is_known_symbol_by_symbol() -> None:
    # Start C, 20, 26, code B, -, code C, 00, 01, 23, and the check.
    shapes = symbols(bars("2026-000123"))
    assert len(shapes) == 10
    assert shapes[:3] == [(2, 1, 1, 2, 3, 2), (2, 2, 1, 2, 3, 1), (3, 2, 1, 2, 2, 1)]


@pytest.mark.parametrize("text", ["", "số", "a\n", "\x7f"])
def test_what_code_128_cannot_hold_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="ASCII"):
        bars(text)
