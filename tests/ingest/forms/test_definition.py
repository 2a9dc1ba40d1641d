"""A facility's own form: every fault is named with its line, and a broken form never stops the
others.
"""

from datetime import date
from pathlib import Path
from textwrap import dedent

import pytest

from ingest.forms.catalog import FormCatalog

GOOD = """\
    code: PHIEU-DI-UNG/CS
    version: 1
    title: {vi: Phiếu hỏi dị ứng, en: Allergy questions}
    source: Quy định của bệnh viện
    valid: {from: 2026-01-01, to: null}
    layout: sheet
    layout_source: official
    sections:
      - title: {vi: DỊ ỨNG, en: ALLERGY}
        body:
          - {include: head}
          - {name: di_ung, label: {vi: "1. Dị ứng thuốc:", en: Drugs}, type: text, required: true}
"""


def own(folder: Path, **definitions: str) -> FormCatalog:
    for name, text in definitions.items():
        place = folder / name
        place.mkdir()
        (place / "form.yaml").write_text(dedent(text), "utf-8")
    return FormCatalog.load(folder)


def test_an_own_form_is_known_beside_the_shipped_ones(tmp_path: Path) -> None:
    catalog = own(tmp_path, a=GOOD)
    assert catalog.broken == ()
    assert catalog.get("PHIEU-DI-UNG/CS", date(2026, 5, 1)).title.vi == "Phiếu hỏi dị ứng"
    assert catalog.get("01/BV1") is FormCatalog.load().get("01/BV1")


def test_a_broken_form_is_named_and_the_others_work(tmp_path: Path) -> None:
    wrong = GOOD.replace("PHIEU-DI-UNG", "HONG").replace("type: text", "type: words")
    catalog = own(tmp_path, a=GOOD, b=wrong, c="code: [", d="- 1\n", e="")
    assert [form for form, _ in catalog.own] == ["PHIEU-DI-UNG/CS"]
    assert {fault.file for fault in catalog.broken} == {f"{name}/form.yaml" for name in "bcde"}


@pytest.mark.parametrize(
    ("written", "instead", "line", "said"),
    [
        ("type: text", "type: words", 12, "type"),
        ("required: true", "requird: true", 12, "requird"),
        ("include: head", "include: heaad", 11, "heaad"),
        ("from: 2026-01-01", "from: 2026-13-01", 5, "from"),
        ("version: 1", "version: mot", 2, "version"),
        ("layout: sheet", "layout: blatt", 6, "layout"),
        ("    source: Quy", "    \tsource: Quy", 4, "YAML"),
    ],
)
def test_a_fault_names_its_line(
    tmp_path: Path, written: str, instead: str, line: int, said: str
) -> None:
    assert written in GOOD
    catalog = own(tmp_path, a=GOOD.replace(written, instead))
    assert [(fault.line, said in fault.message.en) for fault in catalog.broken] == [(line, True)]


def test_all_faults_of_a_definition_are_named_at_once(tmp_path: Path) -> None:
    wrong = GOOD.replace("version: 1", "version: mot").replace("type: text", "type: words")
    assert {fault.line for fault in own(tmp_path, a=wrong).broken} == {2, 12}


def test_an_own_form_goes_before_the_shipped_one_on_its_days(tmp_path: Path) -> None:
    text = GOOD.replace("PHIEU-DI-UNG/CS", "01/BV1").replace("version: 1", "version: 901")
    text = text.replace("to: null", "to: 2026-06-30")
    catalog = own(tmp_path, a=text)
    on = {day: catalog.get("01/BV1", day).version for day in (date(2026, 3, 1), date(2026, 7, 1))}
    assert list(on.values()) == [901, 1]
    assert catalog.in_force(date(2026, 3, 1)).get("01/BV1").version == 901
    assert catalog.in_force(date(2026, 7, 1)).get("01/BV1").version == 1


def test_an_own_form_cannot_take_the_version_of_a_shipped_one(tmp_path: Path) -> None:
    catalog = own(tmp_path, a=GOOD.replace("PHIEU-DI-UNG/CS", "01/BV1"))
    assert catalog.own == frozenset()
    assert "01/BV1, version 1" in catalog.broken[0].message.en


@pytest.mark.parametrize(
    "hostile",
    [
        "[" * 100_000,
        "- " * 100_000 + "x",
        "{a: " * 50_000,
        "a: &a [x, x]\nb: &b [*a, *a]\nsections: [*b]\n",
        '!!python/object/apply:os.system ["id"]\n',
        "\0",
        "code: A\n" * 200_000,
    ],
    ids=["lists", "dashes", "maps", "aliases", "objects", "nul", "large"],
)
def test_a_hostile_definition_is_named_and_ends_nothing(tmp_path: Path, hostile: str) -> None:
    (tmp_path / "z").mkdir()
    (tmp_path / "z" / "form.yaml").write_text(hostile, "utf-8")
    catalog = own(tmp_path, a=GOOD)
    assert {fault.file for fault in catalog.broken} == {"z/form.yaml"}
    assert len(catalog.own) == 1
