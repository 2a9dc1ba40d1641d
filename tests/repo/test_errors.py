"""Every error explains itself in both languages and keeps the contract of codes and exit codes."""

import importlib
import re
import string
import unicodedata
from collections import Counter
from functools import cache

from archive.base.bilingual import Text
from archive.base.errors import KhoError
from tests.repo.tree import ROOT, module_name, modules, packages

SENTENCES = ("what", "unchanged", "remedy")


@cache
def errors() -> tuple[type[KhoError], ...]:
    """Return every error class of ours, with all modules imported (but Alembic's scripts: they run
    when imported).
    """
    for path in modules():
        if "migrations" not in path.parts and path.name != "__main__.py":
            importlib.import_module(module_name(path))
    found: list[type[KhoError]] = [KhoError]
    for cls in found:
        found.extend(child for child in cls.__subclasses__() if child not in found)
    return tuple(cls for cls in found if cls.__module__.split(".")[0] in packages())


def places(sentence: str) -> set[str]:
    """Return the names of a sentence's `{name}` places; `{why_vi}` and `{why_en}` are one place,
    `why`.
    """
    names = {name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None}
    return {re.sub(r"_(vi|en)$", "", name) for name in names}


def test_every_error_has_a_code_of_its_own() -> None:
    inherited = [cls.__qualname__ for cls in errors() if "code" not in vars(cls)]
    assert not inherited
    twice = [code for code, times in Counter(cls.code for cls in errors()).items() if times > 1]
    assert not twice


def test_every_code_reads_subject_dot_fact() -> None:
    assert not [
        cls.code
        for cls in errors()
        if not re.fullmatch(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)+", cls.code)
    ]


def test_every_error_says_what_happened_what_was_not_changed_and_what_to_do() -> None:
    for cls in errors():
        for name in SENTENCES:
            text: Text = getattr(cls, name)
            for sentence in (text.vi, text.en):
                where = f"{cls.__qualname__}.{name}"
                assert sentence.strip() == sentence, where
                assert sentence.endswith((".", "?", "!")), where
                assert unicodedata.is_normalized("NFC", sentence), where
            assert text.vi != text.en, f"{cls.__qualname__}.{name} is not translated"


def test_both_languages_speak_of_the_same_facts() -> None:
    for cls in errors():
        for name in SENTENCES:
            text: Text = getattr(cls, name)
            assert places(text.vi) == places(text.en), f"{cls.__qualname__}.{name}"


def test_every_http_status_is_an_error() -> None:
    assert not [cls.__qualname__ for cls in errors() if not 400 <= cls.http_status <= 599]


def test_every_exit_code_is_published() -> None:
    document = ROOT / "docs" / "scripting.md"
    published = {
        int(code)
        for code in re.findall(r"^\| *`?(\d+)`? *\|", document.read_text("utf-8"), re.MULTILINE)
    }
    assert {0} | {cls.exit_code for cls in errors()} <= published
