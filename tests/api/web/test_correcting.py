"""Replace a document with the right paper: both are kept, and both say who replaced it and why."""

import json
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import TestResponse

from api.home import Home
from archive.acts.accession import SCHEMA, SCHEMA_4
from tests.api.rest.conftest import Api, basic, make_app
from tests.api.web.test_bringing import documents, visitor
from tests.api.web.test_depositing import acts
from tests.fixtures.browsing import Visitor
from tests.fixtures.home import CLERK, chart, json_lines, kho, take
from tests.ingest.files.papers import plain_pdf

REASON = "Quét nhầm <b>trang</b> của người khác"


@pytest.fixture
def home(fresh_home: Callable[[], Home]) -> Home:
    """A home with two charts, of the departments K01 and K02."""
    home = fresh_home()
    take(home, chart(1), chart(2))
    return home


def correct(clerk: Visitor, document: str, data: bytes, **fields: str) -> TestResponse:
    return clerk.send(
        f"/documents/{document}/correct",
        file=(BytesIO(data), "dung.pdf"),
        content_type="multipart/form-data",
        **{"reason": REASON, **fields},
    )


def in_force(home: Home, episode: str = "LK000001") -> str:
    return str([each for each in documents(home, episode) if each.superseded_by is None][-1].id)


def test_the_right_paper_takes_its_place_and_both_say_who_and_why(home: Home) -> None:
    clerk, older = visitor(home), in_force(home)
    assert f"/documents/{older}/correct" in clerk.get(f"/documents/{older}").text
    answer = correct(clerk, older, plain_pdf("bản đúng"), dated="11/01/2026")
    newer = in_force(home)
    assert answer.location == f"/documents/{newer}"
    shown = clerk.get(answer.location).text
    assert "Đã thay bằng bản này" in shown
    for page in (shown, clerk.get(f"/documents/{older}").text):
        assert "người thay: luutru." in page
        assert "Quét nhầm &lt;b&gt;trang&lt;/b&gt; của người khác" in page
    assert "Hợp lệ nhưng đã bị thay" in clerk.get(f"/documents/{older}").text
    assert "Hợp lệ nhưng đã bị thay" not in shown
    assert f"/documents/{older}/correct" not in clerk.get(f"/documents/{older}").text
    act = home.signed.act(acts(home) - 1)
    assert act.schema_name == SCHEMA_4
    assert home.signed.act(1).schema_name == SCHEMA  # its paper says of which day it is


def test_the_same_form_twice_is_one_act(home: Home) -> None:
    clerk, older, data = visitor(home), in_force(home), plain_pdf("bản đúng")
    first = correct(clerk, older, data)
    before = acts(home)
    assert correct(clerk, older, data).location == first.location
    assert correct(clerk, older, data, reason="lý do khác").location == first.location
    assert acts(home) == before


def test_of_two_clerks_the_second_is_refused_and_replaces_nothing_unseen(home: Home) -> None:
    clerk, older = visitor(home), in_force(home)
    correct(clerk, older, plain_pdf("của người thứ nhất"))
    before, newer = acts(home), in_force(home)
    api = Api(make_app(home), basic())
    body = {"file": (BytesIO(plain_pdf("của người thứ hai")), "b.pdf"), "reason": "x"}
    answer = api.call(
        "POST",
        f"/documents/{older}/corrections",
        data=body,
        content_type="multipart/form-data",
    )
    assert answer.status_code == 422
    assert answer.json is not None
    assert answer.json["refused"][0]["code"] == "correction.outdated"
    assert acts(home) == before
    assert f"/documents/{newer}" in visitor(home).get(f"/documents/{older}/correct").text


def test_what_was_typed_comes_back(home: Home) -> None:
    clerk, older = visitor(home), in_force(home)
    for fields, problem in (
        ({"reason": " "}, "Hãy điền vào đây"),
        ({"reason": "x" * 1001}, "Quá dài"),
        ({"dated": "2026"}, "Ghi ngày như"),
    ):
        answer = correct(clerk, older, plain_pdf("x"), **fields)
        assert answer.status_code == 422
        assert problem in answer.text
    refused = correct(clerk, older, b"%PDF-1.7 broken", reason="Lý do đã gõ")
    assert refused.status_code == 422
    assert "Lý do đã gõ" in refused.text
    assert clerk.send(f"/documents/{older}/correct", reason="x").status_code == 422
    assert in_force(home) == older


def test_the_same_file_is_no_correction(home: Home) -> None:
    clerk, data = visitor(home), plain_pdf("bản đúng")
    correct(clerk, in_force(home), data)
    newer, before = in_force(home), acts(home)
    assert "giống hệt" in correct(clerk, newer, data).text
    assert acts(home) == before


def test_other_departments_readers_and_deposited_charts_replace_nothing(home: Home) -> None:
    other = in_force(home, "LK000002")
    assert visitor(home, "k01").get(f"/documents/{other}/correct").status_code == 404
    assert visitor(home, "doc").get(f"/documents/{other}/correct").status_code == 403
    assert "/correct" not in visitor(home, "doc").get(f"/documents/{other}").text
    chart_id = documents(home, "LK000002")[0].chart_id
    home.open_for_writing().deposits.deposit(chart_id, CLERK, home.scope)
    clerk = visitor(home)
    assert "/correct" not in clerk.get(f"/documents/{other}").text
    assert "đã nộp lưu" in clerk.get(f"/documents/{other}/correct").text


def test_command_and_api_replace_as_the_page_does(home: Home, tmp_path: Path) -> None:
    older = in_force(home)
    api = Api(make_app(home), basic())
    body: dict[str, Any] = {
        "file": (BytesIO(plain_pdf("qua API")), "api.pdf"),
        "reason": "sai ngày",
        "dated": "2026-01-12",
    }
    answer = api.call(
        "POST",
        f"/documents/{older}/corrections",
        data=body,
        content_type="multipart/form-data",
    )
    assert answer.status_code == 201, answer.text
    newer = in_force(home)
    (tmp_path / "b.pdf").write_bytes(plain_pdf("qua lệnh"))
    command = ("correct", newer, tmp_path / "b.pdf", "--reason", "sai trang", "--json")
    done = kho(home.folder, *command)
    assert done.returncode == 0, done.stderr
    (line,) = json_lines(done.stdout)
    assert json.dumps(line).count(in_force(home)) >= 1
    assert kho(home.folder, *command).stdout == done.stdout
    assert kho(home.folder, *command[:-2], "", "--json").returncode == 3
