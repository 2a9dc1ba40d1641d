"""Every code has its texts in both languages, every text has a code, and the entry points map each
code.
"""

import ast
import importlib
import re
import string
import tomllib
import unicodedata
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from api.error_answers import ANSWERS
from archive.base.bilingual import Text
from archive.base.errors import KhoError
from archive.base.messages.loader import error_texts, fault_texts, read_messages
from tests.repo.tree import ROOT, module_name, modules, packages

MESSAGES = ROOT / "archive" / "base" / "messages"
# Messages with more facts than their texts: beside the code that needs the facts.
BESIDE_THEIR_CODE = (
    ("api.sharing", "findings.yaml"),
    ("ingest.forms", "faults.yaml"),
    ("retention.health", "faults.yaml"),
    ("signing.validation.result", "sentences.yaml"),
)
# Sentences that hold no claim of their own and so need no end: `kho check` adds it.
WITHOUT_END = {("retention.health", "faults.yaml")}
# of a file of messages: parts of sentences
_PARTS = ("types", "formats", "expected")


@cache
def errors() -> tuple[type[KhoError], ...]:
    """Return every error class of ours, with all modules imported (but Alembic's scripts: they run
    when imported).
    """
    for path in modules():
        if "migrations" not in path.parts and path.name != "__main__.py":
            importlib.import_module(module_name(path))
    classes: list[type[KhoError]] = [KhoError]
    for cls in classes:
        classes.extend(child for child in cls.__subclasses__() if child not in classes)
    return tuple(cls for cls in classes if cls.__module__.split(".")[0] in packages())


def codes() -> set[str]:
    return {cls.code for cls in errors()}


def areas() -> list[str]:
    return sorted(path.stem for path in (MESSAGES / "faults").iterdir())


def sentences() -> Iterator[tuple[str, Text]]:
    """Yield every sentence with the name of its place."""
    for code, texts in error_texts().items():
        for part in ("what", "unchanged", "remedy"):
            yield f"{code}.{part}", getattr(texts, part)
    for area in areas():
        for code, text in fault_texts(area).items():
            yield f"{area}: {code}", text
    for package, name in BESIDE_THEIR_CODE:
        for place, text in texts_in(read_messages(package, name), f"{package}/{name}"):
            if any(f"/{part}/" in place for part in _PARTS):
                continue
            ended = Text(text.vi + ".", text.en + ".") if (package, name) in WITHOUT_END else text
            yield place, ended


def texts_in(entry: Any, place: str) -> Iterator[tuple[str, Text]]:
    if isinstance(entry, Text):
        yield place, entry
    elif isinstance(entry, dict):
        for name, inner in entry.items():
            yield from texts_in(inner, f"{place}/{name}")


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
    known = codes().union(*(fault_texts(area) for area in areas()))
    assert not [code for code in known if not re.fullmatch(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)+", code)]


def test_every_code_has_texts_and_every_text_has_a_code() -> None:
    assert set(error_texts()) == codes()


def test_no_code_has_two_entries() -> None:
    for path in [*MESSAGES.rglob("*.yaml")]:
        keys = re.findall(r"^([\w.]+):", path.read_text("utf-8"), re.MULTILINE)
        assert len(keys) == len(set(keys)), path
    of_floors = [
        code
        for path in (MESSAGES / "errors").iterdir()
        for code in yaml.safe_load(path.read_text("utf-8"))
    ]
    assert len(of_floors) == len(set(of_floors))


def test_every_shared_sentence_is_used_by_several_errors() -> None:
    shared = read_messages("archive.base.messages", "shared.yaml")
    named = Counter(
        text
        for path in (MESSAGES / "errors").iterdir()
        for own in yaml.safe_load(path.read_text("utf-8")).values()
        for text in own.values()
        if isinstance(text, str)
    )
    assert set(named) == set(shared)
    assert min(named.values()) > 1


def test_every_sentence_is_finished_and_written_in_both_languages() -> None:
    for place, text in sentences():
        for sentence in (text.vi, text.en):
            assert sentence.strip() == sentence, place
            assert sentence.endswith((".", "?", "!")), place
            assert unicodedata.is_normalized("NFC", sentence), place
        assert text.vi != text.en, f"{place} is not translated"


def test_an_english_sentence_has_at_most_20_words() -> None:
    """A semicolon or a colon ends a sentence here: what follows is a sentence of its own."""
    long = [
        f"{place}: {sentence}"
        for place, text in sentences()
        for sentence in re.split(r"(?<=[.;:?!])\s+", text.en)
        if len(sentence.split()) > 20
    ]
    assert not long


def test_both_languages_speak_of_the_same_facts() -> None:
    for place, text in sentences():
        assert places(text.vi) == places(text.en), place


def test_the_entry_points_map_every_code() -> None:
    assert set(ANSWERS) == codes()


def test_every_http_status_is_an_error() -> None:
    assert not [code for code, (status, _) in ANSWERS.items() if not 400 <= status <= 599]


def test_every_exit_code_is_published() -> None:
    document = ROOT / "docs" / "scripting.md"
    published = {
        int(code)
        for code in re.findall(r"^\| *`?(\d+)`? *\|", document.read_text("utf-8"), re.MULTILINE)
    }
    assert {0} | {number for _, number in ANSWERS.values()} <= published


@cache
def trees() -> dict[Path, ast.Module]:
    return {path: ast.parse((ROOT / path).read_text("utf-8")) for path in modules()}


def strings(path: Path) -> set[str]:
    return {
        node.value
        for node in ast.walk(trees()[path])
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


@pytest.mark.parametrize("area", areas())
def test_every_sentence_of_a_fault_is_used_by_code(area: str) -> None:
    used = set[str]().union(*map(strings, trees()))
    forbidden = tomllib.loads((ROOT / "ingest" / "files" / "forbidden.toml").read_text("utf-8"))
    used |= {code for table in forbidden.values() for code in table.values()}
    used |= {"packet.recipient", "packet.reason"}  # by the member's name: api/sharing/order.py
    assert not set(fault_texts(area)) - used


def test_every_fault_that_code_names_has_a_sentence() -> None:
    for path, tree in trees().items():
        for node in ast.walk(tree):
            if not (isinstance(node, ast.Call) and ast.unparse(node.func) == "Fault.of"):
                continue
            area, code = node.args[0], node.args[2]
            assert isinstance(area, ast.Constant), path
            assert area.value in areas(), path
            if isinstance(code, ast.Constant):
                assert code.value in fault_texts(str(area.value)), f"{path}:{node.lineno}"


def test_an_error_is_raised_with_every_fact_that_its_sentences_name() -> None:
    """An error is put into words late: a fact that is missing must show here."""
    checked = 0
    for path, tree in trees().items():
        if "migrations" in path.parts or path.name == "__main__.py":
            continue
        module = vars(importlib.import_module(module_name(path)))
        for node in ast.walk(tree):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
                continue
            cls = module.get(node.func.id)
            if not (isinstance(cls, type) and issubclass(cls, KhoError)):
                continue
            if cls.__init__ is not KhoError.__init__ or any(k.arg is None for k in node.keywords):
                continue
            texts = cls.texts()
            needed = {
                name
                for text in (texts.what, texts.unchanged, texts.remedy)
                for sentence in (text.vi, text.en)
                for _, name, _, _ in string.Formatter().parse(sentence)
                if name
            }
            given = {keyword.arg for keyword in node.keywords}
            assert needed <= given, f"{path}:{node.lineno}"
            checked += 1
    assert checked > 50
