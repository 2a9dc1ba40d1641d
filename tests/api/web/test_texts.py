"""The catalogue of texts: complete in both languages, and nothing in it that no page uses."""

import re
import string
import tomllib
import unicodedata
from collections.abc import Iterable
from pathlib import Path
from typing import get_args

import pytest

import api.web
import archive.access
from api.cli.verdict_line import verdict_line
from api.inspection import record
from api.web.texts import catalogue, text
from archive.acts.accession import Origin
from archive.base.bilingual import Text
from archive.base.facts import ChartKind, Outcome, Sex
from search.fields import FIELD_NAMES
from signing.validation.facts import SignatureKind
from signing.validation.result.verdict import Verdict

FOLDER = Path(api.web.__file__).parent
ROLES = Path(archive.access.__file__).with_name("roles.toml")
SOURCES = "\n".join(
    path.read_text("utf-8") for path in [*FOLDER.glob("*.py"), *FOLDER.glob("templates/*.html")]
)
NAMED = set(re.findall(r"""\b(?:t|say)\(\s*["'](\w+\.\w+)["']\s*[,)]""", SOURCES))
BEGUN = tuple(
    re.findall(r"""["'](\w+\.\w*)["'] ~""", SOURCES) + re.findall(r'f"(\w+\.)\{', SOURCES)
)


def test_every_text_that_a_page_names_is_there() -> None:
    assert NAMED - catalogue().keys() == set()


def test_every_text_is_used() -> None:
    chosen = {key for key in catalogue() if f'"{key}" if ' in SOURCES or f'else "{key}"' in SOURCES}
    begun = {key for key in catalogue() if key.startswith(BEGUN)}
    assert catalogue().keys() - NAMED - chosen - begun == set()


@pytest.mark.parametrize(
    ("group", "names"),
    [
        ("why", FIELD_NAMES),
        ("sex", Sex),
        ("kind", ChartKind),
        ("outcome", Outcome),
        ("seal", Verdict),
        ("seal", SignatureKind),
        ("role", tomllib.loads(ROLES.read_text("utf-8"))),
        ("document", [f"origin_{origin}" for origin in get_args(Origin)]),
    ],
)
def test_every_value_of_the_archive_has_its_word(group: str, names: Iterable[str]) -> None:
    assert {f"{group}.{name}" for name in names} <= catalogue().keys()


@pytest.mark.parametrize("verdict", Verdict)
def test_pages_commands_and_records_say_a_verdict_in_the_same_words(verdict: Verdict) -> None:
    word = catalogue()[f"seal.{verdict.value}"]
    assert record._words()["verdicts"][verdict.value] == word.as_json()
    assert word.vi in verdict_line(verdict.value, Text("", "")).vi


def test_every_text_has_both_languages_the_same_places_and_normal_form() -> None:
    for key, both in catalogue().items():
        assert both.vi.strip(), key
        assert both.en.strip(), key
        assert unicodedata.is_normalized("NFC", both.vi), key
        assert places(both.vi) == places(both.en), key


def test_a_text_that_is_not_there_is_an_error_not_an_empty_place() -> None:
    with pytest.raises(KeyError):
        text("search.no_such_text", "vi")


def places(sentence: str) -> set[str]:
    """Return the names of the places to fill."""
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}
