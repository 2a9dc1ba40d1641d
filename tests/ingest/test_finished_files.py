"""Finished files come in whole: kept byte for byte, once, whatever is sent again, or refused with
all that is wrong.
"""

import base64
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from sqlalchemy import func, select

from api.home import Home
from api.upkeep.maintenance import checker, rebuild
from api.writing.intake import Intake, Result
from archive.acts.envelope import parse_act
from archive.base.errors import Unavailable
from archive.base.identifiers import Sha256, sha256
from archive.catalog import projection, records
from archive.catalog.operations import IntentRow
from archive.catalog.tables import ActRow, DocumentRow
from ingest.record import content_digest
from ingest.sources.detect import parse_source
from ingest.submission import Submission
from tests.fixtures.clamd import MARK, NAME, RunningClamd
from tests.fixtures.finished import Finished, paper_of
from tests.fixtures.home import CLERK, chart, paper, take
from tests.ingest.files.hostile import action, changed
from tests.ingest.files.papers import plain_pdf, signed

Homes = Callable[[], Home]


def sent(home: Home, *papers: dict[str, Any], beside: dict[str, bytes] | None = None) -> Result:
    """Send one chart with its files."""
    record = json.dumps(chart(papers=list(papers))).encode()
    (result,) = Intake(home.open_for_writing(), CLERK, home.scope).take(
        "chart.json", record, beside or {}
    )
    return result


def faults(result: Result) -> list[tuple[str, str]]:
    return [(fault.path, fault.code) for fault in result.faults]


def inline(name: str, data: bytes, **more: Any) -> dict[str, Any]:
    return paper_of(name, content=base64.b64encode(data).decode(), **more)


def archived(home: Home) -> int:
    with home.catalog.read() as session:
        return session.scalar(select(func.count()).select_from(DocumentRow)) or 0


def test_each_file_becomes_what_its_nature_asks_for(finished: Finished) -> None:
    assert {name: receipt.origin for name, receipt in finished.receipts.items()} == {
        "signed-archival.pdf": "external",
        "signed.pdf": "cover",
        "plain.pdf": "converted",
        "scan.jpg": "scanned",
        "scan.pdf": "scanned",
    }
    for name, receipt in finished.receipts.items():
        sealed = None if receipt.origin == "external" else "PAdES-B-LTA"
        assert (receipt.level, bool(receipt.sealed_at)) == (sealed, sealed is not None)
        assert receipt.as_json()["level"] == sealed
        assert name.split(".")[0] not in receipt.object_key


def test_a_file_that_was_signed_elsewhere_is_archived_byte_for_byte(finished: Finished) -> None:
    assert finished.archived("signed-archival.pdf") == finished.files["signed-archival.pdf"]


@pytest.mark.parametrize("name", ["signed.pdf", "plain.pdf", "scan.jpg", "scan.pdf"])
def test_every_other_file_is_attached_byte_for_byte_with_its_record(
    name: str, finished: Finished
) -> None:
    with pikepdf.open(io.BytesIO(finished.archived(name))) as pdf:
        attached = {key: file.get_file().read_bytes() for key, file in pdf.attachments.items()}
    suffix = name.rpartition(".")[2]
    assert set(attached) == {"record.json", "form.json", f"original.{suffix}"}
    assert attached[f"original.{suffix}"] == finished.files[name]
    record = json.loads(attached["record.json"])
    assert record["format"] == "kho-record/2"
    assert record["data"] == {}
    assert record["file"] == {
        "origin": finished.receipts[name].origin,
        "name": name,
        "media_type": "image/jpeg" if suffix == "jpg" else "application/pdf",
        "sha256": sha256(finished.files[name]),
        "size": len(finished.files[name]),
        "dated": "2026-01-12",
        "verdict": "TOTAL-PASSED" if name == "signed.pdf" else None,
    }
    assert record["form"]["definition"] == sha256(attached["form.json"])


def test_the_act_says_what_came_and_what_it_was_worth(finished: Finished) -> None:
    home = finished.home
    with home.catalog.read() as session:
        row = session.get(ActRow, (home.code, 1))
        assert row is not None
        act = parse_act(home.vault.read(row.object_key, row.object_version), row.object_key)  # type: ignore[arg-type]
    assert act.schema_name == "kho/act/accession/3"
    for name, document in zip(finished.files, act.facts["documents"], strict=True):
        assert document["original"]["sha256"] == sha256(finished.files[name])
        assert document["original"]["verdict"] == ("TOTAL-PASSED" if "signed" in name else None)
        assert document["origin"] == finished.receipts[name].origin


def test_the_archive_is_sound_and_rebuilds_to_the_same(finished: Finished) -> None:
    home = finished.home
    assert checker(home).check(read_data=True).ok
    with home.catalog.read() as session:
        before = sorted(projection.lines(session))
    rebuild(home)
    with home.catalog.read() as session:
        assert sorted(projection.lines(session)) == before


def test_the_same_files_again_give_the_same_receipts(fresh_home: Homes) -> None:
    home, data = fresh_home(), plain_pdf()
    first = sent(home, paper_of("a.pdf"), beside={"a.pdf": data})
    assert sent(home, paper_of("a.pdf"), beside={"a.pdf": data}) == first
    # another name, and inside the record
    renamed = {**inline("b.pdf", data), "key": paper_of("a.pdf")["key"]}
    assert sent(home, renamed).receipts == first.receipts
    assert archived(home) == 1


def test_another_file_or_another_date_supersedes(fresh_home: Homes) -> None:
    home = fresh_home()
    external = signed(home.open_for_writing().sealer, archival=True)
    ids = [sent(home, inline("a.pdf", external)).receipts[0].document_id]
    ids.append(sent(home, inline("a.pdf", external, dated="2026-01-13")).receipts[0].document_id)
    ids.append(sent(home, inline("a.pdf", plain_pdf())).receipts[0].document_id)
    assert len(set(ids)) == 3
    with home.catalog.read() as session:
        assert [
            records.document(session, document_id, home.scope).superseded_by for document_id in ids
        ] == [
            ids[1],
            ids[2],
            None,
        ]
    assert checker(home).check(read_data=True).ok


def test_data_and_files_stand_in_one_chart_and_it_can_be_deposited(fresh_home: Homes) -> None:
    home = fresh_home()
    result = sent(
        home, paper("1"), inline("a.pdf", signed(home.open_for_writing().sealer, archival=True))
    )
    assert [receipt.origin for receipt in result.receipts] == ["rendered", "external"]
    home.open_for_writing().deposits.deposit(result.receipts[0].chart_id, CLERK, home.scope)
    home.follow_ups.run()
    assert checker(home).check(read_data=True).ok


def test_papers_that_are_data_have_the_digests_that_they_always_had(fresh_home: Homes) -> None:
    golden = Path(__file__).parents[1] / "golden" / "2026-11" / "dump.jsonl"
    rows = [json.loads(line) for line in golden.read_text().splitlines()]
    kept = next(row for row in rows if row.get("form") == "36/BV2" and row.get("superseded_by"))[
        "content"
    ]
    record = chart(papers=[{**paper("1"), "key": "1"}])
    home = fresh_home()
    (parsed,) = parse_source(
        "a", json.dumps(record).encode(), home.open_for_reading().forms, home.code
    )
    if isinstance(parsed, Submission):  # the form that stood then may be in force no more
        assert content_digest(parsed.papers[0], parsed.patient) == kept


@pytest.mark.parametrize(
    ("entry", "beside", "expected"),
    [
        (paper_of("a.pdf"), {}, ("/papers/0/file/name", "file.missing")),
        (paper_of("../a.pdf"), {"../a.pdf": plain_pdf()}, ("/papers/0/file/name", "file.name")),
        (paper_of(".a.pdf"), {".a.pdf": plain_pdf()}, ("/papers/0/file/name", "file.name")),
        (paper_of("a\\b.pdf"), {}, ("/papers/0/file/name", "file.name")),
        (paper_of("a\u202efdp.exe"), {}, ("/papers/0/file/name", "file.name")),
        (paper_of("a.pdf", content="@@@"), {}, ("/papers/0/file/content", "file.not_base64")),
        (paper_of("a.pdf", content=""), {}, ("/papers/0/file", "file.empty")),
        (paper_of("a.pdf", dated="2026-02-30"), {}, ("/papers/0/file/dated", "field.format")),
        (paper_of("a.pdf", path="/etc"), {}, ("/papers/0/file/path", "field.unknown")),
        ({**paper_of("a.pdf"), "data": {"x": 1}}, {}, ("/papers/0/data", "field.not_empty")),
        ({**paper_of("a.pdf"), "form": "NO/SUCH"}, {}, ("/papers/0/form", "field.not_in_list")),
        ({"form": "KHAC", "key": "1"}, {}, ("/papers/0/data", "field.missing")),
        ({"form": "KHAC", "key": "1", "file": "a.pdf"}, {}, ("/papers/0/file", "field.type")),
    ],
)
def test_what_is_wrong_with_a_file_is_named_by_its_place(
    fresh_home: Homes, entry: dict[str, Any], beside: dict[str, bytes], expected: tuple[str, str]
) -> None:
    home = fresh_home()
    assert expected in faults(sent(home, entry, beside=beside))
    assert archived(home) == 0


def test_one_hostile_file_refuses_the_whole_record_with_every_fault(fresh_home: Homes) -> None:
    home = fresh_home()
    scripted = changed(action(S=pikepdf.Name.JavaScript, JS=pikepdf.String("1")))
    result = sent(
        home,
        paper("1"),
        inline("a.pdf", scripted),
        inline("b.pdf", b"%PDF-"),
        inline("c.pdf", plain_pdf()),
    )
    assert faults(result) == [
        ("/papers/1/file", "pdf.script"),
        ("/papers/2/file", "pdf.truncated"),
        *faults(result)[2:],
    ]
    assert archived(home) == 0
    assert list(home.vault.list(f"{home.code}/documents/")) == []


def test_a_file_belongs_to_one_paper(fresh_home: Homes) -> None:
    twice = paper_of("a.pdf"), {**paper_of("a.pdf"), "key": "2"}
    assert ("/papers/1/file/name", "file.repeated") in faults(
        sent(fresh_home(), *twice, beside={"a.pdf": plain_pdf()})
    )


def test_a_missing_program_archives_nothing_and_a_retry_goes_on(
    fresh_home: Homes, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    home = fresh_home()
    with monkeypatch.context() as patched:
        patched.setenv("PATH", str(tmp_path))
        waits = sent(home, inline("a.pdf", plain_pdf())).waits
        assert waits is not None
        assert waits.facts["component"] == "Ghostscript"
    assert archived(home) == 0
    assert sent(home, inline("a.pdf", plain_pdf())).receipts[0].origin == "converted"
    with home.catalog.read() as session:
        assert session.scalar(select(func.count()).select_from(IntentRow)) == 0


def test_every_source_and_every_file_is_scanned_first(
    home_folder: Path, clamd: RunningClamd
) -> None:
    with (home_folder / "kho.toml").open("a") as settings:
        settings.write(f'\n[intake]\nscanner = "unix:{clamd.socket}"\n')
    with Home.open(home_folder) as home:
        marked = plain_pdf(MARK.decode())
        loud = plain_pdf() + MARK  # not even a sound PDF: the scanner is asked first
        for result in (
            sent(home, {**paper("1"), "key": MARK.decode()}),
            sent(home, inline("a.pdf", loud)),
            sent(home, paper_of("a.pdf"), beside={"a.pdf": loud}),
        ):
            (fault,) = result.faults
            assert fault.code == "source.infected"
            assert NAME in fault.message.vi
        # compressed text: only the bytes are looked at here
        assert sent(home, inline("a.pdf", marked)).receipts
        clamd_away = home.settings.intake.scanner
    assert clamd_away
    (home_folder / "kho.toml").write_text(
        (home_folder / "kho.toml").read_text().replace(str(clamd.socket), "/no/clamd")
    )
    with Home.open(home_folder) as home, pytest.raises(Unavailable, match="clamd"):
        take(home, chart(2))


def test_files_lie_beside_their_record_and_are_no_sources_on_their_own(
    fresh_home: Homes, tmp_path: Path
) -> None:
    home = fresh_home()
    folder = tmp_path / "in"
    (folder / "sub").mkdir(parents=True)
    (folder / "1.json").write_text(json.dumps(chart(papers=[paper_of("Giấy ra viện.pdf")])))
    # as a Mac writes it
    (folder / "Gia\u0302\u0301y ra vie\u0323\u0302n.pdf").write_bytes(plain_pdf())
    (folder / "alone.pdf").write_bytes(plain_pdf())
    (folder / "sub" / "2.json").write_text(json.dumps(chart(2, papers=[paper_of("alone.pdf")])))
    (folder / "link.pdf").symlink_to(folder / "alone.pdf")
    (folder / "3.json").write_text(json.dumps(chart(3, papers=[paper_of("link.pdf")])))
    results = list(Intake(home.open_for_writing(), CLERK, home.scope).run([folder]))
    named = {
        Path(result.source).name: [fault.code for fault in result.faults] for result in results
    }
    assert named == {
        "1.json": [],
        "2.json": ["file.missing"],
        "3.json": ["source.link"],
        "link.pdf": ["source.link"],
        "alone.pdf": ["source.file_alone"],
    }
    assert Sha256(results[0].receipts[0].sha256)
