"""The catalogue: what it ships, which version is in force when, and what a folder with a form must
say.
"""

import json
import pickle
import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from archive.base.errors import Misconfigured
from archive.base.identifiers import sha256
from ingest.forms.catalog import FormCatalog, UnknownForm
from ingest.forms.model import Layout, LayoutSource
from ingest.record import form_json
from ingest.render.fonts import coverage

CATALOG = FormCatalog.load()

# What the field of a form may be known from, where its template was not seen: a list of the
# circular's own form, its electronic voucher (CT03, GIAYBAOTU), the data annex of a ministry's
# letter, an insurance table, another form of ours, or the screens of an electronic record in use.
KNOWN_FROM = (
    "Mẫu 0",
    "Mẫu 1",
    "CT0",
    "GIAY",  # GIAYBAOTU, GIAYCHUNGSINH and others: electronic vouchers
    "XML",
    "PL V TT 01/2025",
    "PL VI TT 01/2025",
    "CV 365/TTYQG-GPQLCL",
    "suy từ ",
    "bệnh án điện tử",
)

FORM = """\
code: {code}
version: {version}
title: {{vi: Phiếu thử, en: Test form}}
source: "Quy định thử"
valid: {{from: {start}, to: {end}}}
layout: {layout}
layout_source: official
sections:
  - title: {{vi: Phần, en: Part}}
    fields:
{fields}
signatures:
  - {{role: {{vi: Bác sỹ, en: Physician}}, name_field: ten}}
"""
FIELD = "      - {name: ten, label: {vi: Tên, en: Name}, type: line}\n"


def write(folder: Path, name: str = "thu", *, fields: str = FIELD, **facts: str) -> Path:
    facts = {
        "code": "THU",
        "version": "1",
        "start": "2026-01-01",
        "end": "null",
        "layout": "general",
        **facts,
    }
    (folder / name).mkdir(parents=True)
    (folder / name / "form.yaml").write_text(FORM.format(fields=fields, **facts), "utf-8")
    return folder


@pytest.mark.parametrize(
    "code", ["01/BV1", "15/BV1", "16/BV2", "36/BV2", "GRV/TT25", "TTHSBA/TT25", "PCCS/TT01"]
)
def test_the_forms_of_a_real_chart_are_shipped(code: str) -> None:
    form = CATALOG.get(code)
    assert form.code == code
    assert form.accepts_json
    assert form.source.startswith("TT ")


def test_the_referral_says_that_its_layout_is_inferred() -> None:
    form = CATALOG.get("PCCS/TT01")
    assert (form.layout, form.layout_source) == (Layout.OWN, LayoutSource.INFERRED)


def test_every_word_of_every_form_can_be_printed() -> None:
    for form in CATALOG.forms:
        words = [
            form.title.vi,
            form.source,
            form.printed_code or "",
            *(section.title.vi for section in form.sections),
        ]
        words += [field.label.vi + (field.unit or "") for field in form.every_field()]
        words += [word for codes in form.code_lists.values() for word in codes.values()]
        words += [block.role.vi for block in form.signatures]
        assert {ord(letter) for letter in "".join(words)} <= coverage(), form.code


def test_a_form_is_found_only_while_it_is_in_force() -> None:
    assert CATALOG.get("01/BV1", date(2024, 1, 1)).code == "01/BV1"
    with pytest.raises(UnknownForm):
        CATALOG.get("01/BV1", date(2023, 12, 31))
    with pytest.raises(UnknownForm) as refusal:
        CATALOG.get("99/BV9")
    assert "99/BV9" in refusal.value.explain("vi")


def test_each_day_has_its_own_version_of_a_form(tmp_path: Path) -> None:
    write(tmp_path, "cu", start="2020-01-01", end="2025-12-31")
    write(tmp_path, "moi", version="2")
    catalog = FormCatalog.load(tmp_path)
    assert [catalog.get("THU", day).version for day in (date(2025, 12, 31), date(2026, 1, 1))] == [
        1,
        2,
    ]
    assert catalog.get("THU").version == 2


def test_two_versions_are_never_in_force_on_one_day(tmp_path: Path) -> None:
    write(tmp_path, "cu", start="2020-01-01", end="2026-01-01")
    write(tmp_path, "moi", version="2")
    (fault,) = FormCatalog.load(tmp_path).broken
    assert (fault.file, "THU" in fault.message.en) == ("moi/form.yaml", True)
    shipped = CATALOG.get("01/BV1")
    with pytest.raises(Misconfigured, match="01/BV1"):
        FormCatalog([shipped, shipped.model_copy(update={"version": 2})])


def test_a_source_may_use_the_forms_of_its_day_and_no_others(tmp_path: Path) -> None:
    write(tmp_path, "cu", start="2020-01-01", end="2025-12-31")
    write(tmp_path, "moi", version="2", fields=FIELD + FIELD.replace("ten", "chi_co_o_moi"))
    write(tmp_path, "sau", code="SAU", start="2027-01-01")
    catalog = FormCatalog.load(tmp_path)
    old, new = (catalog.in_force(day) for day in (date(2025, 12, 31), date(2026, 1, 1)))
    assert [forms.get("THU").version for forms in (old, new)] == [1, 2]
    assert "chi_co_o_moi" not in str(old.chart_schema())
    assert "chi_co_o_moi" in str(new.chart_schema())
    assert "SAU" not in str(new.chart_schema())
    assert catalog.in_force(date(2026, 1, 2)) is new


def test_every_field_of_a_form_whose_template_was_not_seen_says_where_it_is_known_from() -> None:
    tables = {
        form.code: {field.name for field in form.every_field()}
        for form in CATALOG.forms
        if not form.accepts_json
    }
    inferred = [form for form in CATALOG.newest() if form.layout_source is LayoutSource.INFERRED]
    slips = (16, *range(30, 35), 37, 40, 42, 45, *range(48, 52))
    papers = {"GRV/TT25", "PCCS/TT01", "TTHSBA/TT25", *(f"{number}/BV2" for number in slips)}
    assert {form.code for form in inferred} >= papers | {f"35/BV2-{sheet}" for sheet in "ABCD"}
    for form in inferred:
        for field in form.every_field():
            assert field.source, f"{form.code} {field.name}"
            assert field.source.startswith(KNOWN_FROM), f"{form.code} {field.name}: {field.source}"
            for table, name in re.findall(r"\b(XML\d+) ([A-Z][A-Z0-9_]+)", field.source):
                assert name in tables[table], f"{form.code} {field.name}: {table} has no {name}"


@pytest.mark.parametrize("source", ["print", "predecessor"])
def test_a_form_whose_own_template_was_not_seen_says_what_was(source: str, tmp_path: Path) -> None:
    path = write(tmp_path) / "thu" / "form.yaml"
    unsaid = path.read_text("utf-8").replace("official", source)
    path.write_text(unsaid, "utf-8")
    (fault,) = FormCatalog.load(tmp_path).broken
    assert "seen" in fault.message.en
    path.write_text(unsaid + 'seen: "Một bản in"\n', "utf-8")
    form = FormCatalog.load(tmp_path).get("THU")
    assert "seen" not in json.loads(form_json(form))


def test_where_a_field_is_known_from_is_no_part_of_the_archived_definition() -> None:
    definition = json.loads(form_json(CATALOG.get("16/BV2")))
    assert "source" in definition
    assert "source" not in str(definition["sections"])


def test_the_definition_of_a_form_without_rules_is_what_it_was_before_there_were_rules() -> None:
    # The digest is in the acts of papers that were archived before.
    kept = "27dac06c5883b92e"
    assert sha256(form_json(CATALOG.get("01/BV1"))).startswith(kept)
    assert "rules" not in json.loads(form_json(CATALOG.get("01/BV1")))
    assert "rules" in json.loads(form_json(CATALOG.get("36/BV2")))


def test_a_rule_that_is_no_schema_is_refused_by_name(tmp_path: Path) -> None:
    path = write(tmp_path) / "thu" / "form.yaml"
    path.write_text(path.read_text("utf-8") + "rules: [{required: ten}]\n", "utf-8")
    (fault,) = FormCatalog.load(tmp_path).broken
    assert (fault.file, "rule" in fault.message.en) == ("thu/form.yaml", True)


def test_a_new_version_keeps_the_old_one_for_the_papers_that_were_made_from_it() -> None:
    for code in ("15/BV1", "36/BV2", "GRV/TT25", "TTHSBA/TT25"):
        versions = [form for form in CATALOG.forms if form.code == code]
        assert [form.version for form in versions] == [1, 2]
        assert versions[0].valid.until == versions[1].valid.since - timedelta(days=1)


def test_a_facility_adds_a_form_by_a_folder_alone(tmp_path: Path) -> None:
    catalog = FormCatalog.load(write(tmp_path))
    assert catalog.get("THU").fields[0].name == "ten"
    assert len(catalog.forms) == len(CATALOG.forms) + 1


@pytest.mark.parametrize(
    "fields",
    [
        FIELD + FIELD,  # a name twice
        FIELD + "      - {name: a, label: {vi: A, en: A}, type: code}\n",  # a code without its list
        FIELD + "      - {name: a, label: {vi: A, en: A}, type: code, list: nowhere}\n",
        # a table without columns
        FIELD + "      - {name: a, label: {vi: A, en: A}, type: table}\n",
        FIELD + "      - {name: a, label: {vi: A}, type: line}\n",  # no English
        FIELD + "      - {name: a, label: {vi: A, en: A}, type: lines}\n",  # no such type
        # no such key
        FIELD + "      - {name: a, label: {vi: A, en: A}, type: line, colour: red}\n",
        # a signature without its field
        "      - {name: khac, label: {vi: A, en: A}, type: line}\n",
        "      - {name: [\n",  # no YAML
    ],
)
def test_a_form_that_contradicts_itself_is_refused_by_name(tmp_path: Path, fields: str) -> None:
    catalog = FormCatalog.load(write(tmp_path, fields=fields))
    assert {fault.file for fault in catalog.broken} == {"thu/form.yaml"}
    assert len(catalog.forms) == len(CATALOG.forms)


def test_an_own_layout_must_be_there(tmp_path: Path) -> None:
    (fault,) = FormCatalog.load(write(tmp_path, layout="own")).broken
    assert "layout.typ" in fault.message.en


def test_a_form_does_not_change_and_travels_to_another_process() -> None:
    form = CATALOG.get("01/BV1")
    with pytest.raises(ValidationError):
        form.version = 2
    copy = pickle.loads(pickle.dumps(form))
    assert copy == form
    assert copy.layout_text == form.layout_text
