"""Accession: what was acknowledged is archived; what is the same is the same; what is refused
leaves nothing.
"""

import io
import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from sqlalchemy import func, select

from api.home import Home
from api.writing.intake import Intake
from archive.access.actor import Actor
from archive.access.scope import Scope
from archive.acts.envelope import parse_act
from archive.base.errors import Denied, IntegrityError, Unavailable
from archive.base.identifiers import FacilityCode, ObjectKey, Sha256, sha256
from archive.base.leases import Lease
from archive.catalog import records
from archive.catalog.operations import IntentRow
from archive.catalog.tables import ActRow, DocumentRow
from ingest.accession.parse import ChartChanged
from ingest.accession.service import AccessionService
from ingest.content.recent import RecentTexts
from ingest.files.jobs import Job
from ingest.preparation.contract import Prepared, Rendered
from ingest.sources.detect import parse_source
from ingest.spool import Spool
from ingest.submission import Submission
from search.query import parse
from signing.testpki.folder import read_test_pki
from tests.fixtures.home import CLERK, chart, paper, take
from tests.ingest.files.papers import foreign_pdf

Homes = Callable[[], Home]


def documents(home: Home) -> int:
    with home.catalog.read() as session:
        return session.scalar(select(func.count()).select_from(DocumentRow)) or 0


def acts(home: Home) -> int:
    with home.catalog.read() as session:
        return session.scalar(select(func.count()).select_from(ActRow)) or 0


def test_a_receipt_is_true(fresh_home: Homes) -> None:
    home = fresh_home()
    (result,) = take(home, chart())
    (receipt,) = result.receipts
    data = home.vault.read(
        ObjectKey(receipt.object_key), receipt.version_id, Sha256(receipt.sha256)
    )
    assert data.startswith(b"%PDF-")
    lock = home.vault.stat(ObjectKey(receipt.object_key), receipt.version_id).lock
    assert lock is not None
    assert (lock.mode, lock.retain_until) == (receipt.lock_mode, receipt.retain_until)
    assert receipt.level == "PAdES-B-LTA"
    assert receipt.sealed_at is not None
    assert receipt.ledger_index == 1
    assert abs((receipt.sealed_at - datetime.now(UTC)).total_seconds()) < 120


def test_the_act_names_the_objects_and_keeps_its_salt_to_itself(fresh_home: Homes) -> None:
    home = fresh_home()
    (result,) = take(home, chart())
    with home.catalog.read() as session:
        row = session.get(ActRow, (home.code, 1))
    assert row is not None
    act = parse_act(home.vault.read(ObjectKey(row.object_key), row.object_version), row.object_key)
    assert [o.sha256 for o in act.objects] == [r.sha256 for r in result.receipts]
    assert act.salt not in (home.folder / "catalog.db").read_bytes().decode("latin-1")


def test_the_same_chart_again_gives_the_same_receipts_and_no_act(fresh_home: Homes) -> None:
    home = fresh_home()
    first = take(home, chart())
    assert take(home, chart()) == first
    assert acts(home) == 2


def of_kind(kind: str, number: int = 1) -> dict[str, Any]:
    given = chart(number)
    return {**given, "chart": {**given["chart"], "kind": kind}}


def test_a_visit_that_was_archived_as_an_outpatients_is_not_archived_again(
    fresh_home: Homes,
) -> None:
    home = fresh_home()
    (before,) = take(home, of_kind("outpatient"))
    deposits = home.open_for_writing().deposits
    deposits.deposit(before.receipts[0].chart_id, CLERK, home.scope)
    (again,) = take(home, of_kind("examination"))
    documents = [receipt.document_id for receipt in again.receipts]
    assert documents == [receipt.document_id for receipt in before.receipts]
    assert acts(home) == 3


def test_only_an_act_that_needs_a_new_version_has_it(fresh_home: Homes) -> None:
    home = fresh_home()
    data = {"ten_tai_lieu": "Đơn xin ra viện", "noi_dung": "Xin ra viện."}
    undated = {"papers": [{"form": "KHAC", "key": "1", "data": data}]}
    take(home, of_kind("outpatient") | undated, of_kind("examination", 2) | undated, chart(3))
    with home.catalog.read() as session:
        schemas = list(session.scalars(select(ActRow.schema).order_by(ActRow.index)))
    assert schemas[1:] == [f"kho/act/accession/{version}" for version in (3, 4, 5)]


def test_a_paper_of_no_prescribed_form_has_the_title_that_it_gives_itself(
    fresh_home: Homes,
) -> None:
    home = fresh_home()
    data = {"ten_tai_lieu": "Đơn xin ra viện", "noi_dung": "Xin ra viện."}
    (result,) = take(home, chart(papers=[{"form": "KHAC", "key": "1", "data": data}]))
    assert [receipt.title for receipt in result.receipts] == ["Đơn xin ra viện"]
    index = home.follow_ups.indexing.index
    assert index.search(parse("don xin ra vien"), home.scope).total == 1
    with home.catalog.read() as session:
        (document,) = session.query(DocumentRow)
    assert document.title_en == "Other document: Đơn xin ra viện"


def test_other_data_supersedes_and_both_stay(fresh_home: Homes) -> None:
    home = fresh_home()
    (before,) = take(home, chart())
    (after,) = take(home, chart(papers=[paper("1", "Viêm phổi nặng")]))
    old, new = before.receipts[0], after.receipts[0]
    assert (old.chart_id, old.form) == (new.chart_id, new.form)
    assert old.document_id != new.document_id
    with home.catalog.read() as session:
        assert (
            records.document(session, old.document_id, home.scope).superseded_by == new.document_id
        )
        assert records.document(session, new.document_id, home.scope).superseded_by is None
    assert home.vault.read(ObjectKey(old.object_key), old.version_id, Sha256(old.sha256))


def test_a_chart_grows_by_papers_and_keeps_its_id(fresh_home: Homes) -> None:
    home = fresh_home()
    (before,) = take(home, chart())
    (after,) = take(home, chart(papers=[paper("1"), paper("2")]))
    assert after.receipts[0] == replace(before.receipts[0], source=after.receipts[0].source)
    assert after.receipts[1].chart_id == before.receipts[0].chart_id
    assert documents(home) == 2


def test_new_facts_about_a_chart_are_an_act_without_documents(fresh_home: Homes) -> None:
    home = fresh_home()
    take(home, chart())
    facts = {**chart()["chart"], "outcome": "cured"}
    take(home, chart(chart=facts))
    assert (acts(home), documents(home)) == (3, 1)
    with home.catalog.read() as session:
        row = records.chart_of_episode(session, facts["episode"], home.scope)
        assert row is not None
        assert row.outcome == "cured"


def test_a_deposited_chart_takes_no_more_but_answers_for_what_it_has(fresh_home: Homes) -> None:
    home = fresh_home()
    (before,) = take(home, chart())
    home.open_for_writing().deposits.deposit(before.receipts[0].chart_id, CLERK, home.scope)
    (again,) = take(home, chart())
    assert [r.document_id for r in again.receipts] == [r.document_id for r in before.receipts]
    assert again.receipts[0].retain_until > before.receipts[0].retain_until
    (refused,) = take(home, chart(papers=[paper("2")]))
    assert [fault.code for fault in refused.faults] == ["chart.deposited"]
    assert documents(home) == 1


def test_messages_sent_again_in_turn_converge(fresh_home: Homes) -> None:
    home = fresh_home()
    older, two = (
        chart(),
        chart(
            papers=[paper("1", "Viêm phổi nặng")], chart={**chart()["chart"], "outcome": "cured"}
        ),
    )
    first, second = take(home, older), take(home, two)
    count = acts(home)
    assert (take(home, older), take(home, two), take(home, older)) == (first, second, first)
    assert acts(home) == count
    with home.catalog.read() as session:
        row = records.chart_of_episode(session, older["chart"]["episode"], home.scope)
        assert row is not None
        assert row.outcome == "cured"


def test_a_message_of_its_own_name_takes_a_chart_back_to_what_it_was(fresh_home: Homes) -> None:
    home = fresh_home()
    (before,) = take(home, chart())
    take(home, chart(papers=[paper("1", "Nhầm")]))
    (back,) = take(home, chart(message="đính chính 1"))
    assert back.receipts[0].document_id != before.receipts[0].document_id
    with home.catalog.read() as session:
        assert (
            records.document(session, back.receipts[0].document_id, home.scope).superseded_by
            is None
        )


@pytest.mark.parametrize(
    "other",
    [
        {"local_id": "BN999999"},
        {"local_id": None, "national_id": "000199999999"},
        {"local_id": None, "national_id": None, "name": "Người Khác Hẳn", "birth_date": "1990"},
    ],
    ids=["local id", "national id", "name and birth date"],
)
def test_an_episode_is_never_taken_over_by_another_patient(
    fresh_home: Homes, other: dict[str, object]
) -> None:
    home = fresh_home()
    take(home, chart())
    (refused,) = take(
        home, chart(patient={**chart()["patient"], **other}, papers=[paper("1", "Khác")])
    )
    assert [fault.code for fault in refused.faults] == ["chart.patient_differs"]
    assert documents(home) == 1


@pytest.mark.parametrize(
    "known", [{"name": "Nguyễn Thị Mẫu Hoà Mới"}, {"national_id": None}, {"birth_date": "1981"}]
)
def test_the_same_patient_may_be_stated_better(fresh_home: Homes, known: dict[str, object]) -> None:
    home = fresh_home()
    take(home, chart())
    (result,) = take(home, chart(patient={**chart()["patient"], **known}))
    assert result.receipts


@pytest.mark.parametrize(
    "moment", ["0001-01-01T00:00:00+07:00", "9999-12-31T23:59:59-07:00", "1899-12-31T00:00:00Z"]
)
def test_a_date_that_cannot_be_is_refused_before_anything_is_written(
    fresh_home: Homes, moment: str
) -> None:
    home = fresh_home()
    take(home, chart())
    (refused,) = take(home, chart(chart={**chart()["chart"], "admitted_at": moment}))
    assert refused.faults
    assert acts(home) == 2
    assert take(home, chart(2))[0].receipts


def test_no_receipt_is_issued_for_a_lost_object(fresh_home: Homes) -> None:
    home = fresh_home()
    (result,) = take(home, chart())
    (home.folder / "vault" / result.receipts[0].object_key).unlink()
    with pytest.raises(IntegrityError):
        take(home, chart())


def test_a_document_carries_its_record_and_what_the_record_means(fresh_home: Homes) -> None:
    home = fresh_home()
    (result,) = take(home, chart())
    receipt = result.receipts[0]
    with pikepdf.open(
        io.BytesIO(home.vault.read(ObjectKey(receipt.object_key), receipt.version_id))
    ) as pdf:
        attached = {name: file.get_file().read_bytes() for name, file in pdf.attachments.items()}
    record, form = json.loads(attached["record.json"]), json.loads(attached["form.json"])
    assert record["form"]["definition"] == sha256(attached["form.json"])
    assert form["code"] == record["form"]["code"] == "36/BV2"
    labels = {
        field["name"]: field["label"]["vi"]
        for section in form["sections"]
        for field in section["fields"]
    }
    assert set(record["data"]) <= set(labels)


def test_one_paper_stated_twice_is_refused_whole(fresh_home: Homes) -> None:
    home = fresh_home()
    (result,) = take(home, chart(papers=[paper("1"), paper("2"), paper("1", "khác")]))
    assert result.faults
    assert documents(home) == 0


def test_a_reader_may_not_bring_anything_in(fresh_home: Homes) -> None:
    home = fresh_home()
    with pytest.raises(Denied):
        take(home, chart(), actor=Actor("Bác sĩ Thử", "reader"))
    assert documents(home) == 0


@pytest.mark.parametrize(
    "scope",
    [Scope(FacilityCode("99002")), Scope(FacilityCode("99001"), frozenset({"K09"}))],
    ids=["facility", "department"],
)
def test_no_caller_brings_in_what_lies_outside_its_scope(fresh_home: Homes, scope: Scope) -> None:
    home = fresh_home()
    submission = _submission(home)
    with pytest.raises(Denied):
        home.open_for_writing().accession.accept(submission, CLERK, scope)
    assert documents(home) == 0


@pytest.mark.parametrize("there", [False, True], ids=["no such episode", "another department's"])
def test_a_refused_paper_reveals_nothing_of_another_departments_chart(
    fresh_home: Homes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, there: bool
) -> None:
    # it converts Kho's own small page only; like Ghostscript it may start nothing
    program = tmp_path / "gs"
    program.write_text(
        f"#!{sys.executable} -IS\n"
        "page = open('in.pdf', 'rb').read()\n"
        "if len(page) > 2000: raise SystemExit(1)\n"
        "open('out.pdf', 'wb').write(page)\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    home, stranger = fresh_home(), Actor("Khoa khác", "clerk")
    message = chart(1)
    if there:
        take(home, {**message, "chart": {**message["chart"], "department": "K02"}})
    before = acts(home)
    file = {"form": "KHAC", "key": "f", "file": {"name": "a.pdf", "dated": "2026-01-11"}}
    intake = Intake(
        home.open_for_writing(), stranger, Scope(FacilityCode("99001"), frozenset({"K01"}))
    )
    (result,) = intake.take(
        "a.json", json.dumps({**message, "papers": [file]}).encode(), {"a.pdf": foreign_pdf()}
    )
    assert [each.code for each in result.faults] == ["file.not_convertible"]
    assert acts(home) == before
    with home.catalog.read() as session:
        assert not session.scalar(select(func.count()).select_from(IntentRow))
    assert not list((home.folder / "spool").glob("*/*"))


def test_without_a_timestamp_nothing_is_archived_and_a_retry_goes_on(home_folder: Path) -> None:
    pki = read_test_pki(home_folder / "testpki")
    settings = (
        'facility = "99001"\n[seal]\npkcs12 = "testpki/seal.p12"\ntrust = "testpki/trust.pem"\n'
        f'passphrase = "{pki.passphrase.decode()}"\ntsa_url = "%s"\n'
    )
    (home_folder / "kho.toml").write_text(settings % "http://127.0.0.1:9/tsa")
    with Home.open(home_folder) as home:
        with pytest.raises(Unavailable, match="TSA"):
            take(home, chart())
        assert (documents(home), acts(home)) == (0, 1)
        assert not list(home.vault.list(f"{home.code}/documents/"))
    (home_folder / "kho.toml").write_text(settings % pki.tsa_url)
    with Home.open(home_folder) as home:
        (result,) = take(home, chart())
        assert len(result.receipts) == 1
        with home.catalog.read() as session:
            assert session.scalar(select(func.count()).select_from(IntentRow)) == 0


def test_a_caller_that_lost_the_charts_lease_does_not_write_over_what_came_meanwhile(
    fresh_home: Homes,
) -> None:
    home = fresh_home()
    take(home, chart())
    better = chart(patient={**chart()["patient"], "name": "Nguyễn Thị Mẫu Hoà Mới"})

    class Lost:
        """Leases of a server that let go of them: they keep no process out."""

        @contextmanager
        def hold(self, name: str, *, timeout: float = 60.0) -> Iterator[Lease]:
            yield Lease()

    class Slow:
        """Prepares while somebody else is quicker."""

        def prepare(self, jobs: Sequence[Job | Rendered]) -> Iterator[Prepared]:
            take(home, better)
            return home.open_for_writing().preparer.prepare(jobs)

    service = AccessionService(
        catalog=home.catalog,
        vault=home.vault,
        sequencer=home.sequencer,
        leases=Lost(),
        forms=home.open_for_reading().forms,
        preparer=Slow(),
        spool=Spool(home.folder / "spool"),
        letterhead=home.open_for_reading().letterhead,
        recent=RecentTexts(),
        clock=home.clock,
    )
    with pytest.raises(ChartChanged):
        service.accept(_submission(home, papers=[paper("2")]), CLERK, home.scope)
    with home.catalog.read() as session:
        row = records.chart_of_episode(session, chart()["chart"]["episode"], home.scope)
        assert row is not None
        assert row.patient.name == better["patient"]["name"]


def test_the_spool_is_empty_once_all_is_archived(fresh_home: Homes) -> None:
    home = fresh_home()
    take(home, chart())
    assert list((home.folder / "spool").iterdir()) == []


def _submission(home: Home, **facts: Any) -> Submission:
    (parsed,) = parse_source(
        "test.json", json.dumps(chart(**facts)).encode(), home.open_for_reading().forms, home.code
    )
    assert isinstance(parsed, Submission)
    return parsed


@pytest.mark.parametrize(
    ("part", "field", "value", "code"),
    [
        ("patient", "birth_date", "2199", "date.birth_later"),
        ("chart", "discharged_at", "2199-01-01T08:00:00+07:00", "date.future"),
        ("chart", "admitted_at", "2199-01-01T08:00:00+07:00", "date.future"),
    ],
)
def test_days_that_cannot_be_are_refused_at_the_desk(
    fresh_home: Homes, part: str, field: str, value: str, code: str
) -> None:
    home, record = fresh_home(), chart()
    record[part][field] = value
    record["chart"].update({"discharged_at": None} if field == "admitted_at" else {})
    (result,) = take(home, record)
    assert (f"/{part}/{field}", code) in [(fault.path, fault.code) for fault in result.faults]
    assert acts(home) == 1


def test_the_same_name_in_the_other_spelling_is_the_same_patient(fresh_home: Homes) -> None:
    home, first, second = fresh_home(), chart(), chart(papers=[paper("t2")])
    first["patient"] |= {"local_id": None, "name": "Phạm Thị Hoà", "birth_date": "1980"}
    second["patient"] |= {"local_id": None, "name": "PHẠM THỊ HÒA", "birth_date": "1980-05"}
    assert take(home, first)[0].receipts
    assert take(home, second)[0].receipts
