"""Bodies of several charts and of several parts: each chart alone, and finished files beside their
record.
"""

import hashlib
import json
import zipfile
from contextlib import closing
from datetime import date
from io import BytesIO
from typing import Any, Literal
from unicodedata import normalize

import pytest
from pikepdf import Name, String
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from api.access.accounts import Accounts
from api.home import Home
from api.rest.errors import RequestInvalid
from api.rest.requests.multipart import read_correction
from api.writing.intake import Intake
from archive.base.identifiers import FacilityCode
from archive.catalog.operations import IntentRow
from ingest.samples.generate import generate
from tests.api.rest.conftest import Api, basic
from tests.fixtures.browsing import CHEAP, give_account
from tests.fixtures.home import CLERK, chart, paper
from tests.ingest.files.hostile import action, changed
from tests.ingest.files.papers import image_file, plain_pdf
from tests.judges.missing import require_program

Form = Literal["NFC", "NFD"]
FORMS: tuple[Form, ...] = ("NFC", "NFD")
FILE = {"form": "36/BV2", "key": "2", "file": {"name": "giấy.pdf", "dated": "2026-01-11"}}


def send(api: Api, record: Any, *files: tuple[str, bytes], **others: Any) -> Any:
    """Send a record and files as parts."""
    parts: dict[str, Any] = {
        "record": (BytesIO(json.dumps(record).encode()), "record.json", "application/json")
    }
    if files:
        parts["file"] = [(BytesIO(data), name, "application/octet-stream") for name, data in files]
    return api.call(
        "POST", "/submissions", data={**parts, **others}, content_type="multipart/form-data"
    )


def two_charts(home: Home) -> bytes:
    """Return an insurance file of two charts."""
    files = generate(20, seed=1, facility=FacilityCode(home.code), today=date(2026, 11, 22))
    return next(data for name, data in files if "two-charts" in name)


def test_another_department_s_chart_is_a_fault_of_that_chart_alone(
    writing: Api, own_home: Home
) -> None:
    data = two_charts(own_home)
    everything = writing.call(
        "POST", "/submissions", data=data, content_type="application/xml"
    ).json
    assert everything is not None
    charts = {receipt["chart_id"] for receipt in everything["receipts"]}
    departments = [
        writing.body(f"/charts/{chart}")["chart"]["department"] for chart in sorted(charts)
    ]
    assert len(set(departments)) == 2, "the sample's charts are of two departments"
    give_account(
        Accounts(own_home.catalog, own_home.code, own_home.clock, CHEAP),
        "khoa2",
        "clerk",
        departments[:1],
    )
    answer = writing.as_(basic("khoa2")).call(
        "POST", "/submissions", data=data, content_type="application/xml"
    )
    assert answer.status_code == 200
    assert answer.json is not None
    assert {receipt["chart_id"] for receipt in answer.json["receipts"]} == {sorted(charts)[0]}
    (refused,) = answer.json["refused"]
    assert refused["code"] == "access.denied"
    assert refused["source"].startswith("sha256:")


def test_a_body_of_another_department_only_is_refused_and_archives_nothing(
    writing: Api, own_home: Home
) -> None:
    give_account(
        Accounts(own_home.catalog, own_home.code, own_home.clock, CHEAP), "khoa2", "clerk", ["K02"]
    )
    answer = writing.as_(basic("khoa2")).post("/submissions", chart(1))
    assert answer.status_code == 422
    assert answer.json is not None
    assert [fault["code"] for fault in answer.json["refused"]] == ["access.denied"]
    assert writing.body("/charts")["items"] == []


def test_a_record_may_come_as_a_part(writing: Api) -> None:
    assert send(writing, chart(1)).status_code == 201


def test_a_finished_file_is_archived_with_its_record(writing: Api, paper_pdf: bytes) -> None:
    answer = send(writing, chart(1, papers=[paper("1"), FILE]), ("giấy.pdf", paper_pdf))
    assert answer.status_code == 201, answer.text
    receipt = answer.json["receipts"][1]
    received = writing.get(f"/documents/{receipt['document_id']}/received")
    assert received.status_code == 200
    assert received.data == paper_pdf
    assert received.headers["Content-Disposition"].startswith("attachment; ")
    assert writing.body(f"/documents/{receipt['document_id']}")["origin"] != "rendered"
    original = writing.get(f"/documents/{receipt['document_id']}/original")
    assert hashlib.sha256(original.data).hexdigest() == receipt["sha256"]


@pytest.mark.parametrize("record", ["NFC", "NFD"])
@pytest.mark.parametrize("parts", [["NFC"], ["NFD"], ["NFC", "NFD"], ["NFD", "NFC"]])
def test_a_file_is_found_in_either_spelling_and_its_exact_one_comes_first(
    writing: Api, paper_pdf: bytes, record: Form, parts: list[Form]
) -> None:
    named = {**FILE, "file": {"name": normalize(record, "giấy.pdf"), "dated": "2026-01-11"}}
    exact = record if record in parts else parts[0]
    files = [
        (normalize(form, "giấy.pdf"), paper_pdf if form == exact else b"%PDF-another")
        for form in parts
    ]
    answer = send(writing, chart(1, papers=[named]), *files)
    assert answer.status_code == 201, answer.text
    (receipt,) = answer.json["receipts"]
    assert writing.get(f"/documents/{receipt['document_id']}/received").data == paper_pdf


def test_a_name_that_several_parts_answer_to_is_refused_with_each(
    writing: Api, paper_pdf: bytes
) -> None:
    mixed = normalize("NFC", "giấy ") + normalize("NFD", "ệ.pdf")
    named = {**FILE, "file": {"name": mixed, "dated": "2026-01-11"}}
    files = [(normalize(form, "giấy ệ.pdf"), paper_pdf) for form in FORMS]
    answer = send(writing, chart(1, papers=[named]), *files)
    assert answer.status_code == 422
    assert [fault["code"] for fault in answer.json["refused"]] == ["file.ambiguous"]


def test_a_file_whose_program_is_missing_is_a_503_of_its_own(
    writing: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setenv("PATH", "/nowhere")
        answer = send(writing, chart(1, papers=[FILE]), ("giấy.pdf", plain_pdf()))
    assert (answer.status_code, answer.json["code"]) == (503, "file.must_wait")
    assert answer.json["receipts"] == []
    assert send(writing, chart(1, papers=[FILE]), ("giấy.pdf", plain_pdf())).status_code == 201


def test_a_file_that_is_named_and_not_there_is_refused(writing: Api) -> None:
    answer = send(writing, chart(1, papers=[FILE]))
    assert answer.status_code == 422
    assert [fault["code"] for fault in answer.json["refused"]] == ["file.missing"]


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ({}, "request.part_missing"),
        ({"record": ["{}", "{}"]}, "request.part_repeated"),
        ({"record": "{}", "patient": "x"}, "request.part_unknown"),
        ({"record": "{}", "file": "no file name"}, "request.part_name"),
        (
            {"record": "{}", "file": [(BytesIO(b"a"), "a.pdf"), (BytesIO(b"b"), "a.pdf")]},
            "request.part_repeated",
        ),
    ],
)
def test_parts_that_cannot_be_are_refused_by_their_place(
    writing: Api, parts: dict[str, Any], code: str
) -> None:
    answer = writing.call("POST", "/submissions", data=parts, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert answer.json is not None
    assert [fault["code"] for fault in answer.json["faults"]] == [code]


def test_a_record_in_a_field_that_is_not_utf_8_is_refused_and_not_repaired(writing: Api) -> None:
    # as Latin-1 has it
    record = json.dumps(chart(1), ensure_ascii=False).encode().replace("Trần".encode(), b"Tr\xean")
    assert b"Tr\xean" in record
    body = (
        b'--x\r\nContent-Disposition: form-data; name="record"\r\n\r\n' + record + b"\r\n--x--\r\n"
    )
    answer = writing.call(
        "POST", "/submissions", data=body, content_type="multipart/form-data; boundary=x"
    )
    assert answer.status_code == 422
    assert answer.json is not None
    assert [fault["code"] for fault in answer.json["faults"]] == ["request.part_text"]
    assert writing.body("/charts")["items"] == []


@pytest.mark.parametrize("kind", ["multipart/form-data", "multipart/form-data; boundary=x"])
def test_a_body_that_is_no_parts_is_refused(writing: Api, kind: str) -> None:
    headers = {**writing.headers, "Content-Type": kind}
    answer = writing.client.open("/v1/submissions", method="POST", data=b"\x00", headers=headers)
    assert answer.status_code == 422


def test_photographs_are_one_paper_in_the_order_of_the_record_or_nothing(writing: Api) -> None:
    require_program("gs", "tesseract")
    first, second = image_file("PNG"), image_file("JPEG")
    named = {"name": "Giấy cam đoan", "photographs": ["b.png", "a.jpg"]}
    record = chart(1, papers=[{"form": "KHAC", "key": "1", "file": named}])
    cut = send(writing, record, ("a.jpg", second[:2000]), ("b.png", first))
    assert (cut.status_code, cut.json["receipts"]) == (422, [])
    assert [(fault["path"], fault["code"]) for fault in cut.json["refused"]] == [
        ("/papers/0/file/photographs/1", "image.damaged")
    ]
    assert writing.body("/charts")["items"] == []
    answer = send(writing, record, ("a.jpg", second), ("b.png", first))
    assert answer.status_code == 201, answer.text
    (receipt,) = answer.json["receipts"]
    received = writing.get(f"/documents/{receipt['document_id']}/received").data
    with zipfile.ZipFile(BytesIO(received)) as pages:
        assert {name: pages.read(name) for name in pages.namelist()} == {
            "001.png": first,
            "002.jpg": second,
        }


@pytest.mark.parametrize("place", [0, 3])
def test_one_hostile_file_of_four_archives_nothing_of_its_submission(
    writing: Api, own_home: Home, place: int, paper_pdf: bytes
) -> None:
    """The good ones before it and after it leave nothing either: no act, no object, no seal in the
    spool.
    """
    hostile = changed(action(S=Name.JavaScript, JS=String("app.alert(1)")))
    names = [f"{number}.pdf" for number in range(4)]
    papers = [{"form": "KHAC", "key": name, "file": {"name": name}} for name in names]
    files = dict.fromkeys(names, paper_pdf)
    kept = sorted(stored.key for stored in own_home.vault.list(""))
    answer = send(writing, chart(1, papers=papers), *{**files, names[place]: hostile}.items())
    assert (answer.status_code, answer.json["receipts"]) == (422, [])
    assert {(fault["path"], fault["code"]) for fault in answer.json["refused"]} == {
        (f"/papers/{place}/file", "pdf.script")
    }
    assert sorted(stored.key for stored in own_home.vault.list("")) == kept
    assert writing.body("/charts")["items"] == []
    assert not any((own_home.folder / "spool").rglob("*.sealed"))
    with own_home.catalog.read() as session:
        assert session.query(IntentRow).count() == 0
    assert writing.post("/submissions", chart(2)).status_code == 201
    corrected = send(writing, chart(1, papers=papers), *files.items())
    assert (corrected.status_code, len(corrected.json["receipts"])) == (201, 4)


def test_files_have_a_line_of_their_own_and_leave_the_turns_of_records_free(
    writing: Api, own_home: Home
) -> None:
    held = writing.app.extensions["kho.rest"]
    turns, seen = held.archive.turns, []
    with held.writing("HIS thử") as file_came:
        before = turns.accessions.taken, turns.files.taken

        def note() -> None:
            file_came()
            seen.append((turns.accessions.taken, turns.files.taken))

        intake = Intake(own_home.open_for_writing(), CLERK, own_home.scope, note)
        list(
            intake.take(
                "a.json",
                json.dumps(chart(papers=[FILE])).encode(),
                {"giấy.pdf": b"%PDF-1.7 broken"},
            )
        )
    assert (before, seen) == ((1, 0), [(0, 1)])
    assert (turns.accessions.taken, turns.files.taken) == (0, 0)


@pytest.mark.parametrize("text", ["20260112", "2026-W03-1", "12/01/2026", "2026-02-30"])
def test_the_day_of_a_correction_has_a_single_form(text: str) -> None:
    def read(dated: str) -> date | None:
        parts = {"file": (BytesIO(b"%PDF-1.7"), "a.pdf"), "reason": "mờ", "dated": dated}
        environ = EnvironBuilder(method="POST", data=parts).get_environ()
        with closing(environ["wsgi.input"]), Request(environ) as request:
            return read_correction(request).dated

    assert read("2026-01-12") == date(2026, 1, 12)
    with pytest.raises(RequestInvalid):
        read(text)
