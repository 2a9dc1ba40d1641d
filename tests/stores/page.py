"""`docs/stores.md`, written from what the trials of the stores found (`docs/stores.json`): a pure
function.
"""

from pathlib import Path
from typing import Any

import yaml

from archive.base.bilingual import Language
from archive.conformance.case import Gravity
from archive.conformance.catalogue import Case, catalogue
from archive.conformance.makes import Make, makes
from archive.conformance.verdict import SENTENCES, Verdict
from tests.repo.markdown import wrapped

TEXTS: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("page.yaml").read_text("utf-8"))
MARKS = {"passed": "✓", "failed": "✗", "not_run": "–"}


def page(stores: dict[str, Any]) -> str:
    """Return the whole page: Vietnamese first, then English."""
    return wrapped(f"{_in('vi', stores)}\n\n---\n\n{_in('en', stores)}\n")


def _in(language: Language, stores: dict[str, Any]) -> str:
    words = TEXTS["words"][language]
    known = {make.name: make for make in makes()}
    parts = [
        words["title"],
        words["lead"].format(suite=catalogue().suite, days=catalogue().valid_days),
        words["which"],
        "\n".join(
            [
                words["verdicts"],
                *(_verdict_row(language, name, store, known) for name, store in stores.items()),
            ]
        ),
    ]
    for name, store in stores.items():
        parts += _section(language, name, store, known[store["make"]])
    parts += [
        words["verify"],
        TEXTS["verify"][language].strip(),
        words["all"],
        words["legend"],
        _table(language, stores),
    ]
    return "\n\n".join(parts)


def _verdict_row(
    language: Language, name: str, store: dict[str, Any], known: dict[str, Make]
) -> str:
    make = known[store["make"]]
    said = SENTENCES[Verdict(store["verdict"])].to(language)
    return f"| {_name(language, name)} | {make.tried or '–'} | {make.licence or '–'} | **{said}** |"


def _section(language: Language, name: str, store: dict[str, Any], make: Make) -> list[str]:
    words = TEXTS["words"][language]
    case = {each.id: each for each in catalogue().cases}
    fatal = [reason for reason in store["reasons"] if case[reason].gravity is Gravity.FATAL]
    limits = [reason for reason in store["reasons"] if reason not in fatal]
    by_the_book = name == make.name
    parts = [f"## {_name(language, name)}"]
    if by_the_book:
        parts += [f"**{make.word.text.to(language)}** {make.advice.text.to(language).strip()}"]
    if fatal:
        parts += [
            words["refused"],
            "\n".join(f"- `{reason}`: {case[reason].means.text.to(language)}" for reason in fatal),
        ]
    if by_the_book and make.setting_up:
        steps = (step.text.to(language).strip() for step in make.setting_up)
        parts += [
            words["how"],
            "\n".join(f"{number}. {step}" for number, step in enumerate(steps, 1)),
        ]
    stated = [f"- `{limit}`: {case[limit].means.text.to(language)}" for limit in limits]
    stated += [f"- {limit.text.to(language).strip()}" for limit in make.limits if by_the_book]
    return [*parts, words["limits"], "\n".join(stated) or words["none"]]


def _table(language: Language, stores: dict[str, Any]) -> str:
    words = TEXTS["words"][language]
    rows = [
        f"| {words['case']} | {words['gravity']} | "
        f"{' | '.join(_name(language, name) for name in stores)} |",
        "|---|---|" + "---|" * len(stores),
    ]
    notes = []
    for case in catalogue().cases:
        outcomes = [
            str(store["cases"].get(case.id, "not_run")).partition(": ") for store in stores.values()
        ]
        rows.append(_row(language, case, [MARKS[outcome] for outcome, _, _ in outcomes]))
        notes += [
            f"- `{case.id}`, {_name(language, name)}: {seen}"
            for name, (_, _, seen) in zip(stores, outcomes, strict=True)
            if seen
        ]
    return "\n".join(rows) + f"\n\n### {words['seen']}\n\n" + "\n".join(notes)


def _name(language: Language, name: str) -> str:
    name_text: str = TEXTS["names"].get(name, {}).get(language, name)
    return name_text


def _row(language: Language, case: Case, marks: list[str]) -> str:
    gravity = TEXTS["gravity"][language][case.gravity.value]
    return f"| `{case.id}`: {case.shows.text.to(language)} | {gravity} | {' | '.join(marks)} |"
