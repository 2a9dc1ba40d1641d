"""`kho forms`: the catalogue, what a form looks like, and what is wrong with an own definition."""

import json
from pathlib import Path

from jsonschema import Draft202012Validator

from ingest.forms.samples import sample
from tests.fixtures.home import json_lines, kho
from tests.ingest.render.papers import CATALOG
from tests.ingest.render.reading import text


def test_the_catalogue_is_listed_with_its_validity(home_folder: Path) -> None:
    (answer,) = json_lines(kho(home_folder, "forms", "list", "--json", check=True).stdout)
    known = {(each["code"], each["version"]): each for each in answer["forms"]}
    assert set(known) == {(form.code, form.version) for form in CATALOG.forms}
    first = known["15/BV1", 1]
    assert (first["valid_from"], first["valid_to"]) == ("2024-01-01", "2026-11-22")
    assert (first["layout"], first["title"]["vi"]) == ("official", "Bệnh án Ngoại trú")


def test_a_preview_says_that_it_is_one_and_is_not_archived(
    home_folder: Path, tmp_path: Path
) -> None:
    blank, filled = tmp_path / "blank.pdf", tmp_path / "filled.pdf"
    kho(home_folder, "forms", "preview", "02/BV1", "-o", blank, check=True)
    kho(home_folder, "forms", "preview", "02/BV1", "--sample", "-o", filled, check=True)
    pages = {name: text(path.read_bytes()) for name, path in (("b", blank), ("f", filled))}
    assert all("BẢN XEM TRƯỚC" in page for page in pages.values())
    assert "NGUYỄN MẪU NHI" in pages["f"]
    assert "NGUYỄN MẪU NHI" not in pages["b"]
    (answer, *hits) = json_lines(kho(home_folder, "find", "MẪU", "--json", check=True).stdout)
    assert (answer["total"], hits) == (0, [])


def test_data_that_the_form_refuses_is_named_with_its_path(
    home_folder: Path, tmp_path: Path
) -> None:
    form = CATALOG.get("02/BV1")
    data = {**(sample(form) or {}), "mach": 4000, "la": "x"}
    (tmp_path / "data.json").write_text(json.dumps(data))
    output = ("--data", tmp_path / "data.json", "-o", tmp_path / "out.pdf")
    done = kho(home_folder, "forms", "preview", "02/BV1", *output)
    assert done.returncode == 3
    assert "/mach" in done.stderr
    assert "/la" in done.stderr
    assert not (tmp_path / "out.pdf").exists()


def test_the_schemas_of_all_forms_are_written(home_folder: Path, tmp_path: Path) -> None:
    kho(home_folder, "forms", "schema", "-o", tmp_path / "schemas", check=True)
    schemas = [json.loads(path.read_text()) for path in (tmp_path / "schemas").iterdir()]
    assert len(schemas) == len(CATALOG.forms)
    for schema in schemas:
        Draft202012Validator.check_schema(schema)


def test_an_own_definition_with_a_fault_is_named_and_nothing_else_stops(home_folder: Path) -> None:
    folder = home_folder / "forms" / "hong"
    folder.mkdir(parents=True)
    (folder / "form.yaml").write_text("code: HONG\nversion: mot\n")
    done = kho(home_folder, "forms", "check")
    assert done.returncode == 1
    assert "hong/form.yaml:2:10" in done.stdout
    kho(home_folder, "forms", "show", "01/BV1", check=True)
    (answer,) = json_lines(kho(home_folder, "status", "--json").stdout)
    state = {each["name"]: each["state"] for each in answer["components"]}
    assert state["forms"] == "warning"
