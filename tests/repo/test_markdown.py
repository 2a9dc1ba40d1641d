"""The prose of every page is wrapped: `make format` does it."""

from tests.repo.markdown import pages, wrapped


def test_every_page_is_wrapped() -> None:
    assert not [str(path) for path, text in pages().items() if wrapped(text) != text]


def test_wrapping_keeps_every_word_and_is_done_once() -> None:
    for text in pages().values():
        assert wrapped(text).split() == text.split()
        assert wrapped(wrapped(text)) == wrapped(text)


def test_what_is_not_prose_stays() -> None:
    long = "word " * 40
    kept = f"# {long}\n\n| {long}|\n\n```\n{long}\n```\n\n    {long}\n\n<p>{long}\n"
    assert wrapped(kept) == kept


def test_an_item_goes_on_below_its_text_and_no_word_becomes_a_mark() -> None:
    item = "- " + "word " * 17 + "and a sum of 1 + 2\n"
    assert wrapped(item).splitlines()[1].startswith("  ")
    assert not wrapped(item).splitlines()[1].strip().startswith("+")
