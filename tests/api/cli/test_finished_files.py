"""Finished files on the command line: what came is fetched again; a cover and its file are verified
apart.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from api.composition.trust_file import trust_file
from api.home import Home
from archive.base.identifiers import sha256
from archive.catalog.tables import DocumentRow
from tests.fixtures.finished import Finished, paper_of
from tests.fixtures.home import chart, json_lines, kho


def fetched(finished: Finished, name: str, out: Path, *more: str) -> dict[str, Any]:
    """Run `kho get`."""
    done = kho(
        finished.home.folder,
        "get",
        "--json",
        finished.receipts[name].document_id,
        "-o",
        out,
        *more,
        check=True,
    )
    return dict(json.loads(done.stdout))


def verified(finished: Finished, file: Path) -> tuple[int, dict[str, Any]]:
    """Run `kho verify`; return its exit code and its answer."""
    done = kho(finished.home.folder, "verify", "--json", file)
    (answer,) = json_lines(done.stdout)
    return done.returncode, answer


@pytest.mark.parametrize("name", ["signed-archival.pdf", "scan.jpg"])
def test_the_file_as_received_is_fetched_byte_for_byte(
    finished: Finished, name: str, tmp_path: Path
) -> None:
    answer = fetched(finished, name, tmp_path / "out", "--as-received")
    assert (tmp_path / "out").read_bytes() == finished.files[name]
    assert answer == {"sha256": sha256(finished.files[name]), "bytes": len(finished.files[name])}
    fetched(finished, name, tmp_path / "document")
    assert (tmp_path / "document").read_bytes() == finished.archived(name)


def test_a_document_made_from_data_has_no_file_that_came(demo_home: Home, tmp_path: Path) -> None:
    with demo_home.catalog.read() as session:
        document = session.query(DocumentRow).first()
    assert document is not None
    done = kho(
        demo_home.folder, "get", "--json", document.id, "-o", tmp_path / "out", "--as-received"
    )
    assert done.returncode == 4
    assert json.loads(done.stdout)["error"]["code"] == "document.nothing_received"
    assert not (tmp_path / "out").exists()


def test_a_covers_verdict_and_its_files_stand_apart(finished: Finished, tmp_path: Path) -> None:
    cover = tmp_path / "cover.pdf"
    cover.write_bytes(finished.archived("signed.pdf"))
    code, report = verified(finished, cover)
    assert code == 0
    assert (report["verdict"], report["known"], report["origin"]) == ("valid", True, "cover")
    assert report["attachment"]["verdict"] == "valid"
    assert report["attachment"]["sha256"] == sha256(finished.files["signed.pdf"])
    assert len(report["signatures"]) == len(report["attachment"]["signatures"]) == 2


def test_a_file_that_was_taken_out_of_its_cover_is_known(
    finished: Finished, tmp_path: Path
) -> None:
    inside = tmp_path / "inside.pdf"
    fetched(finished, "signed.pdf", inside, "--as-received")
    code, report = verified(finished, inside)
    assert code == 0
    assert (report["known"], report["attachment_of"]) == (
        False,
        finished.receipts["signed.pdf"].document_id,
    )
    inside.write_bytes(finished.files["plain.pdf"])
    code, report = verified(finished, inside)
    assert (code, report["verdict"]) == (6, "unsigned")
    assert report["attachment_of"] == finished.receipts["plain.pdf"].document_id


def test_what_was_signed_elsewhere_is_known_as_ours_though_kho_did_not_seal_it(
    finished: Finished, tmp_path: Path
) -> None:
    external = tmp_path / "external.pdf"
    external.write_bytes(finished.files["signed-archival.pdf"])
    code, report = verified(finished, external)
    assert code == 0
    assert (report["known"], report["origin"], report["attachment_of"]) == (True, "external", None)


def test_a_covers_file_is_judged_by_a_caller_that_has_no_archive(
    finished: Finished, tmp_path: Path
) -> None:
    cover = tmp_path / "cover.pdf"
    cover.write_bytes(finished.archived("signed.pdf"))
    roots = trust_file(finished.home.settings)
    done = kho(tmp_path / "nothing", "verify", "--json", cover, "--trust", str(roots), alone=True)
    (report,) = json_lines(done.stdout)
    assert (report["verdict"], report["attachment"]["verdict"], report["known"]) == (
        "valid",
        "valid",
        False,
    )


def test_ingest_reports_each_file(finished: Finished, tmp_path: Path) -> None:
    for name, data in finished.files.items():
        (tmp_path / name).write_bytes(data)
    (tmp_path / "chart.json").write_text(
        json.dumps(chart(papers=[paper_of(name) for name in finished.files]))
    )
    done = kho(finished.home.folder, "ingest", "--json", tmp_path)
    assert done.returncode == 0, done.stderr
    lines = json_lines(done.stdout)
    assert [line["origin"] for line in lines] == [
        "external",
        "cover",
        "converted",
        "scanned",
        "scanned",
    ]
    assert lines[0]["level"] is None
    assert lines[0]["sealed_at"] is None
