"""Write a paper on the page: it is kept while it is typed, checked in its place, and archived."""

from collections.abc import Callable
from datetime import date, timedelta
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
from werkzeug.test import TestResponse

from api.home import Home
from api.writing.envelopes import KEPT, EnvelopeService, SavedByAnother, forget_old
from api.writing.intake import Intake
from archive.base.clock import FixedClock
from ingest.codes.imported import Imported, write_import
from ingest.forms.catalog import FormCatalog
from ingest.forms.samples import sample
from ingest.forms.typed import typed_of
from tests.api.web.test_bringing import documents, visitor
from tests.fixtures.browsing import Visitor
from tests.fixtures.home import CLERK, chart, take
from tests.ingest.render.papers import CATALOG

FORM = CATALOG.get("02/BV1")
TYPED: dict[str, Any] = typed_of(FORM, sample(FORM) or {})


@pytest.fixture
def home(fresh_home: Callable[[], Home]) -> Home:
    """A home with two charts, of the departments K01 and K02."""
    home = fresh_home()
    take(home, chart(1), chart(2))
    return home


def ids(home: Home) -> list[str]:
    return [document.id for document in documents(home, "LK000001")]


def chart_id(home: Home, number: int = 1) -> str:
    return str(documents(home, f"LK00000{number}")[0].chart_id)


def begin(home: Home, clerk: Visitor, number: int = 1) -> str:
    answer = clerk.send(f"/charts/{chart_id(home, number)}/write", code="02/BV1")
    assert answer.status_code == 303
    return str(answer.location)


def write(clerk: Visitor, page: str, do: str, revision: int = 1, **typed: Any) -> TestResponse:
    return clerk.send(page, do=do, revision=str(revision), **(typed or TYPED))


def test_a_paper_is_typed_checked_and_archived(home: Home) -> None:
    clerk = visitor(home)
    page = begin(home, clerk)
    assert clerk.get(page).status_code == 200
    answer = write(clerk, page, "archive")
    newest = documents(home, "LK000001")[-1]
    assert (answer.status_code, answer.location) == (303, f"/documents/{newest.id}")
    assert newest.form == "02/BV1"
    assert "Viêm phổi nặng" in clerk.get(answer.location).text
    assert clerk.get(page).status_code == 404  # the envelope is gone


def test_what_is_wrong_is_said_at_its_field_and_nothing_is_archived(home: Home) -> None:
    clerk = visitor(home)
    page, before = begin(home, clerk), ids(home)
    answer = write(clerk, page, "archive", **{**TYPED, "mach": ["4000"], "ly_do_vao_vien": [""]})
    assert answer.status_code == 422
    assert 'id="f-mach-problem"' in answer.text
    assert 'id="f-ly_do_vao_vien-problem"' in answer.text
    assert 'value="4000"' in answer.text
    assert ids(home) == before
    assert 'value="4000"' in clerk.get(page).text  # it is kept


def test_a_score_that_was_left_empty_is_there_when_it_was_saved(home: Home) -> None:
    clerk = visitor(home)
    page = str(clerk.send(f"/charts/{chart_id(home)}/write", code="NRS/CS").location)
    write(clerk, page, "save", diem_dinh_duong=["2"], diem_benh=["1"], diem_tuoi=["1"])
    assert typed_there(clerk.get(page).text, "tong_diem") == "4"
    wrong = {"diem_dinh_duong": ["2"], "diem_benh": ["1"], "diem_tuoi": ["0"], "tong_diem": ["4"]}
    answer = write(clerk, page, "check", 2, **wrong)
    assert "ghi 4, cộng các phần được 3" in answer.text


def typed_there(page: str, name: str) -> str:
    """Return what the input `name` of a page holds."""
    (field,) = [tag for tag in page.split("<input")[1:] if f' name="{name}"' in tag]
    return field.partition(' value="')[2].partition('"')[0]


def test_an_unfinished_paper_is_found_again_and_can_be_thrown_away(home: Home) -> None:
    clerk = visitor(home)
    page = begin(home, clerk)
    write(clerk, page, "save", ly_do_vao_vien=["Sốt <b>cao</b>"])
    there = clerk.get(f"/charts/{chart_id(home)}/write").text
    assert page in there
    assert "Sốt &lt;b&gt;cao&lt;/b&gt;" in clerk.get(page).text
    assert write(clerk, page, "remove", 2).status_code == 303
    assert page not in clerk.get(f"/charts/{chart_id(home)}/write").text


def test_a_table_grows_row_by_row_and_keeps_what_was_typed(home: Home) -> None:
    clerk = visitor(home)
    page = begin(home, clerk)
    typed: dict[str, Any] = {"chuyen_khoa.0.khoa": ["Hồi sức"]}
    answer = write(clerk, page, "more.chuyen_khoa", **typed)
    assert answer.text.count('name="chuyen_khoa.3.khoa"') == 1
    assert 'value="Hồi sức"' in unescape(answer.text)


def test_two_people_do_not_undo_each_other(home: Home) -> None:
    first = visitor(home)
    second = Visitor(first.client.application)
    second.sign_in()
    page = begin(home, first)
    write(first, page, "save", 1, ly_do_vao_vien=["của người thứ nhất"])
    answer = write(second, page, "save", 1, ly_do_vao_vien=["của người thứ hai"])
    assert answer.status_code == 409
    assert "của người thứ hai" in answer.text
    assert "keep.js" not in answer.text  # script would undo what the first person saved
    shown = first.get(page).text
    assert "của người thứ nhất" in shown
    assert "keep.js" in shown
    assert write(second, page, "save", 2, ly_do_vao_vien=["của người thứ hai"]).status_code == 303
    assert "của người thứ hai" in first.get(page).text


def test_a_save_by_script_of_a_paper_that_is_gone_leaves_no_flash(
    home: Home,
) -> None:
    clerk = visitor(home)
    page = begin(home, clerk)
    write(clerk, page, "remove")
    clerk.get("/charts")  # shows that it was removed
    answers = [write(clerk, page, "keep") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [404, 404]
    problem = str((answers[0].json or {})["problem"])
    assert problem not in unescape(clerk.get("/charts").text)


def test_a_code_is_looked_up_and_chosen_without_script(fresh_home: Callable[[], Home]) -> None:
    home = fresh_home()
    words = {"J18.9": "Viêm phổi, tác nhân không đặc hiệu", "I10": "Tăng huyết áp"}
    many = words | {f"A{number:03}": f"Bệnh mẫu {number}" for number in range(100)}
    write_import(home.code_folder, Imported("icd10", date(2020, 1, 1), "QĐ 4469/QĐ-BYT", many))
    take(home, chart(1))
    clerk = visitor(home)
    page = begin(home, clerk)
    assert '<option value="01" label="Kinh">' in clerk.get(page).text  # a short list is offered
    asked: dict[str, Any] = {
        "ly_do_vao_vien": ["Sốt"],
        "cd_kkb": ["viem phoi"],
        "cd_vao_khoa_ma": ["Z99"],
    }
    shown = unescape(write(clerk, page, "look.cd_kkb_ma", **asked).text)
    assert 'value="choose.cd_kkb_ma:J18.9"' in shown
    assert "choose.cd_kkb_ma:I10" not in shown
    assert "Mã không có trong danh mục (QĐ 4469/QĐ-BYT)" in shown  # Z99: a note, no refusal
    assert ">Sốt</textarea>" in shown
    answer = write(clerk, page, "choose.cd_kkb_ma:J18.9", 2, **{**asked, "cd_kkb": [""]})
    assert answer.location == f"{page}#f-cd_kkb_ma"
    shown = unescape(clerk.get(page).text)
    assert 'value="J18.9"' in shown
    assert 'value="Viêm phổi, tác nhân không đặc hiệu"' in shown
    again = write(clerk, page, "choose.la_la:J18.9", 3, cd_kkb_ma=["viem gan"])
    assert again.status_code == 303  # no field of that name: nothing is chosen
    assert 'value="viem gan"' in clerk.get(page).text
    nothing = write(clerk, page, "look.cd_kkb_ma", 4, cd_kkb_ma=["viem gan"])
    assert "Không thấy mã nào" in unescape(nothing.text)


def test_what_another_person_saved_meanwhile_is_not_archived_unseen(home: Home) -> None:
    clerk = visitor(home)
    page = begin(home, clerk)
    write(clerk, page, "save")
    archive, before = home.open_for_reading(), ids(home)
    service = EnvelopeService(home.catalog, home.clock, archive.records, archive.forms)
    seen, _ = service.open(page.rpartition("/")[2], CLERK, home.scope)
    service.save(seen.id, seen.revision, {"ly_do_vao_vien": ["khác"]}, CLERK, home.scope)
    intake = Intake(home.open_for_writing(), CLERK, home.scope)
    with pytest.raises(SavedByAnother):
        service.archive(seen, intake, CLERK, home.scope)
    assert ids(home) == before


def test_sent_twice_it_is_archived_once(home: Home) -> None:
    clerk = visitor(home)
    page = begin(home, clerk)
    write(clerk, page, "archive")
    count = len(documents(home, "LK000001"))
    assert write(clerk, page, "archive").status_code == 303
    assert len(documents(home, "LK000001")) == count


def test_an_envelope_is_seen_only_by_those_who_see_its_chart(home: Home) -> None:
    page = begin(home, visitor(home), 2)
    other = visitor(home, "k01")
    for address in (page, f"{page}/preview.pdf", f"/envelopes/{uuid4()}"):
        assert other.get(address).status_code == 404
    assert other.get(f"/charts/{chart_id(home, 2)}/write").status_code == 404


def test_the_preview_is_the_paper_and_says_that_it_is_none(home: Home) -> None:
    clerk = visitor(home)
    page, before = begin(home, clerk), ids(home)
    assert clerk.get(f"{page}/preview.pdf").status_code == 422  # required fields are empty
    write(clerk, page, "save")
    answer = clerk.get(f"{page}/preview.pdf")
    assert answer.mimetype == "application/pdf"
    assert ids(home) == before


def test_a_form_that_is_not_in_force_is_refused(home: Home) -> None:
    clerk = visitor(home)
    assert clerk.send(f"/charts/{chart_id(home)}/write", code="99/BV1").status_code in (404, 422)


def test_a_version_that_is_no_longer_in_force_is_not_archived_and_its_text_stays(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    clerk = visitor(home)
    page, before = begin(home, clerk), ids(home)
    later = FORM.model_copy(update={"version": 2})
    monkeypatch.setattr(FormCatalog, "get", lambda *_: later)
    answer = write(clerk, page, "archive")
    assert answer.status_code == 422
    assert "version 1" in answer.text
    assert ids(home) == before
    assert "Viêm phổi nặng" in clerk.get(page).text


def test_a_deposited_chart_takes_no_new_paper(home: Home) -> None:
    clerk, kept = visitor(home), chart_id(home)
    home.open_for_writing().deposits.deposit(kept, CLERK, home.scope)
    answer = clerk.send(f"/charts/{kept}/write", code="02/BV1")
    assert answer.status_code == 422
    assert "/envelopes/" not in clerk.get(f"/charts/{kept}/write").text


def test_an_envelope_that_was_not_saved_for_long_is_forgotten(home: Home) -> None:
    clerk = visitor(home)
    page = begin(home, clerk)
    forget_old(home.catalog, home.clock)
    assert clerk.get(page).status_code == 200
    forget_old(home.catalog, FixedClock(home.clock.now() + KEPT + timedelta(days=1)))
    assert clerk.get(page).status_code == 404
