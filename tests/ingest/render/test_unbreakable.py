"""Text without places to break, in every field of every form: it stays in its column and on the
sheet, and is whole.
"""

from collections import Counter
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest

from archive.base.facts import ChartFacts, ChartKind, Patient
from ingest.forms.model import Field, FieldType, Form, Layout
from ingest.render.printable import MARK, printable
from ingest.render.typst_renderer import Renderer
from tests.ingest.render.papers import CATALOG, CHART, PATIENT, job, record
from tests.ingest.render.places import astray, sheets
from tests.judges.verapdf import VeraPdf

NO_BREAK = "\u00a0"
WORDS = {
    "rows": "§" + "-" * 70 + " " + "." * 60 + " " + "_" * 40 + "=" * 30 + "—" * 20 + "§",
    "letters": "§"
    + "Đ" * 60
    + NO_BREAK
    + "W" * 40
    + f"/{'(' * 20}{'“' * 10}"
    + NO_BREAK.join(["nặng"] * 12)
    + "§",
    "codes": "§"
    + "漢" * 12
    + "https://pacs.example.vn/xem?ca=1.2.840.113619.2.55.3.604688119&x="
    + "م" * 5
    + "§",
    "short": "§ WWWWWWWWW ƠƠƠƠƠƠƠƠ Amoxicillin/Clavulanat §",
}


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    return Renderer()


def filled(form: Form, word: str) -> dict[str, Any]:
    """Return data of `form` with `word` wherever its schema lets text stand, and the longest
    numbers.
    """
    data = {field.name: _value(field, form, word) for field in form.fields}
    if form.code == "01/BV1":  # its table has a place for each of six kinds
        data["dac_diem"] = [{**data["dac_diem"][0], "loai": f"0{number}"} for number in range(1, 7)]
    # another one than who wrote the entries, whose name would else not be said twice
    if "bac_si_ky" in data:
        data["bac_si_ky"] = "BS. " + data["bac_si_ky"][4:]
    return data


def _value(field: Field, form: Form, word: str) -> Any:
    if field.type is FieldType.TABLE:
        return [{part.name: _value(part, form, word) for part in field.parts}] * 2
    if not form.accepts_json or field.type in (FieldType.LINE, FieldType.TEXT):
        return word[: field.max]  # a rendition of XML prints what it gets, whatever the type
    match field.type:
        case FieldType.DATE | FieldType.PARTIAL_DATE:
            return "2026-11-22"
        case FieldType.DATETIME:
            return "2026-11-22T14:05:09+07:00"
        case FieldType.NUMBER:
            return 1.5e60
        case FieldType.INTEGER:
            return 10**60
        case FieldType.BOOLEAN:
            return True
    return list(form.code_lists[field.list or ""])[-1]


def ends(data: Any) -> int:
    """Return how many ends of texts are in `data`: the sign § is at both."""
    if isinstance(data, dict):
        return sum(map(ends, data.values()))
    if isinstance(data, list):
        return sum(map(ends, data))
    return data.count("§") if isinstance(data, str) else 0


def cases() -> Iterator[Any]:
    """Yield forms with words: every kind of words for each layout of its own.

    The other forms share two layouts, so each of them gets one kind, in turn.
    """
    kinds = cycle(WORDS)
    for form in CATALOG.forms:
        for words in WORDS if form.layout is Layout.OWN else [next(kinds)]:
            yield pytest.param(form, words, id=f"{form.code}-{form.version}-{words}")


@pytest.mark.parametrize(("form", "words"), list(cases()))
def test_text_without_places_to_break_stays_in_its_place(
    renderer: Renderer, form: Form, words: str
) -> None:
    word = WORDS[words]
    named = word.replace("§", "¶")
    facts = {"name": named, "address": named, "local_id": named, "insurance_cards": (named,)}
    patient = PATIENT.model_copy(update=facts)
    chart = CHART.model_copy(update={"episode": "LK" + "-" * 98, "department": named})
    data = filled(form, word)
    asked = job(form.code, data, form=form, patient=patient, chart=chart, attachments=(record(),))
    pages = sheets(renderer.render(asked))
    assert [fault for page in pages for fault in astray(page)][:5] == []
    shown = Counter(letter.character for page in pages for letter in page.letters)
    assert shown["§"] >= ends(data)


@pytest.mark.parametrize("length", [61, 1024, 5000])
@pytest.mark.parametrize("code", ["36/BV2", "16/BV2", "XML3"])
def test_a_word_over_many_lines_loses_no_letter(renderer: Renderer, code: str, length: int) -> None:
    form = CATALOG.get(code)
    field = next(field for field in form.fields if field.type is FieldType.TABLE)
    column = next(part for part in field.columns if part.type in (FieldType.TEXT, FieldType.LINE))
    bare: dict[str, Any] = {
        "patient": Patient(name="Vô Danh"),
        "chart": ChartFacts(episode="E", kind=ChartKind.OUTPATIENT),
    }
    data = {field.name: [{column.name: "Ŧ" * length}]}
    pages = sheets(renderer.render(job(code, data, test=False, **bare)))
    assert [fault for page in pages for fault in astray(page)][:5] == []
    letters = sum(letter.character == "Ŧ" for page in pages for letter in page.letters)
    assert letters == length


def test_a_short_name_is_not_marked_and_a_long_word_is() -> None:
    assert printable("Nguyễn Văn Thử") == "Nguyễn Văn Thử"
    assert printable("140\u00a0mg") == "140\u00a0mg"
    assert printable("Methylprednisolone 40") == f"{MARK}Methylprednisolone{MARK} 40"
    assert printable("Nguyễn\u00a0Văn\u00a0Thử") == "Nguyễn Văn Thử"
    assert printable("aaaaaaaaaaaa漢") == f"{MARK}aaaaaaaaaaaa{MARK}{MARK}‹U+6F22›{MARK}"


@pytest.mark.judge
@pytest.mark.parametrize("code", ["01/BV1", "36/BV2", "XML1"])
def test_verapdf_accepts_broken_words_marks_and_signs(
    renderer: Renderer, verapdf: VeraPdf, code: str, tmp_path: Path
) -> None:
    form = CATALOG.get(code)
    kinds = cycle(f"{word} kê\u0306n Na⁺ ☑ ♀ Ⅻ ℃" for word in WORDS.values())
    data = {field.name: _value(field, form, next(kinds)) for field in form.fields}
    file = tmp_path / "paper.pdf"
    file.write_bytes(renderer.render(job(code, data, attachments=(record(),))))
    verapdf.accept(file, form=code)
