"""The gallery of forms: an administrator sees each form, blank and filled; others do not."""

from pathlib import Path
from shutil import copytree

import pytest

from api.home import Home
from api.web.app import create_app
from tests.fixtures.browsing import Visitor, with_accounts
from tests.ingest.render.reading import pages


def administrator(home: Home) -> Visitor:
    visitor = Visitor(create_app(home, with_accounts(home)))
    assert visitor.sign_in("quantri").status_code == 303
    return visitor


def test_an_administrator_sees_every_form_with_its_sheets(demo_home: Home) -> None:
    visitor = administrator(demo_home)
    page = visitor.get("/forms").text
    for form in demo_home.open_for_reading().forms.forms:
        assert f"/forms/blank/{form.version}/{form.code}.pdf" in page
    blank = visitor.get("/forms/blank/1/02/BV1.pdf")
    filled = visitor.get("/forms/filled/1/02/BV1.pdf")
    assert blank.mimetype == filled.mimetype == "application/pdf"
    assert all("BẢN XEM TRƯỚC" in text for text in [*pages(blank.data), *pages(filled.data)])
    assert "NGUYỄN MẪU NHI" in "".join(pages(filled.data))
    assert "NGUYỄN MẪU NHI" not in "".join(pages(blank.data))


@pytest.mark.parametrize("path", ["blank/9/02/BV1", "blank/1/99/BV1", "filled/1/XML1"])
def test_what_is_no_form_or_has_no_example_is_not_found(demo_home: Home, path: str) -> None:
    assert administrator(demo_home).get(f"/forms/{path}.pdf").status_code == 404


def test_another_role_does_not_open_it(clerk: Visitor) -> None:
    assert clerk.get("/forms").status_code == 403
    assert clerk.get("/forms/blank/1/02/BV1.pdf").status_code == 403


def test_a_broken_form_of_the_facility_is_named(home_template: Path, tmp_path: Path) -> None:
    folder = Path(copytree(home_template, tmp_path / "home"))
    (folder / "forms" / "hong").mkdir(parents=True)
    (folder / "forms" / "hong" / "form.yaml").write_text("code: HONG/CS\nversion: x\n", "utf-8")
    with Home.open(folder) as home:
        assert "hong/form.yaml:2:" in administrator(home).get("/forms").text
