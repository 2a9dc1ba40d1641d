"""A take-away holds each original, what it is worth, and what proves it without Kho."""

import hashlib
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from api.home import Home
from api.inspection.sets import SetEmpty
from api.inspection.take_away import TakeAwayService
from archive.access.actor import Actor
from archive.base.errors import Denied
from archive.base.identifiers import ObjectKey
from signing.validation.isolated import validate_isolated
from signing.validation.result.verdict import Verdict
from tests.api.inspection.conftest import READER, all_papers, record_of, stored_file, taken
from tests.judges import pdfsig


@pytest.fixture
def unpacked(home: Home, tmp_path: Path) -> Path:
    """The take-away of every paper of the home, unpacked."""
    folder = tmp_path / "unpacked"
    taken(home, all_papers(home)).extractall(folder)
    return folder


def test_it_holds_every_original_byte_for_byte_with_its_report(home: Home) -> None:
    papers = all_papers(home)
    file = taken(home, papers)
    assert file.testzip() is None
    assert {info.compress_type for info in file.infolist()} == {zipfile.ZIP_STORED}
    record = record_of(file)
    assert record["asked_by"] == {"name": "doc", "role": "reader"}
    assert record["counts"] == {"valid": 3}
    for paper, said in zip(papers, record["papers"], strict=True):
        document = paper.document
        original = home.vault.read(ObjectKey(document.object_key), document.object_version)
        assert file.read(said["file"]) == original
        assert said["sha256"] == hashlib.sha256(original).hexdigest()
        assert (said["document_id"], said["verdict"]) == (document.id, "valid")
        assert (said["indication"], said["level"]) == ("TOTAL-PASSED", "PAdES-B-LTA")
        assert said["signatures"][0]["serial"]
        assert said["signatures"][0]["sealed_at"]


def test_the_record_is_sealed_says_the_same_and_names_no_patient(
    home: Home, unpacked: Path, tmp_path: Path
) -> None:
    sealed = (unpacked / "bien-ban-xac-minh.pdf").read_bytes()
    assert validate_isolated(sealed, home.trust).verdict is Verdict.VALID
    with pikepdf.open(unpacked / "bien-ban-xac-minh.pdf") as pdf:
        attached = pdf.attachments["record.json"].get_file().read_bytes()
    assert attached == (unpacked / "record.json").read_bytes()
    shown = subprocess.run(
        ["pdftotext", "-layout", unpacked / "bien-ban-xac-minh.pdf", "-"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "TOTAL-PASSED" in shown
    assert "BIÊN BẢN XÁC MINH" in shown
    assert "Mẫu Hòa" not in shown
    assert "Mẫu Hòa" not in attached.decode()


def test_the_commands_of_the_guide_find_everything_in_order(unpacked: Path) -> None:
    def run(*command: str | Path) -> Any:
        return subprocess.run(command, cwd=unpacked, capture_output=True, text=True)

    assert run("sha256sum", "--check", "--quiet", "SHA256SUMS").returncode == 0
    seal = "certificates/seal-000000000000.pem"
    trusted = ("-CAfile", "certificates/trust.pem", "-untrusted", seal)
    assert run("openssl", "verify", *trusted, seal).returncode == 0
    assert all(
        signature.valid for signature in pdfsig.judge(unpacked / "bien-ban-xac-minh.pdf")[:1]
    )
    checked = run(sys.executable, "-I", "check_ledger.py")
    assert checked.stdout.strip().endswith("in order"), checked.stderr
    act = next((unpacked / "evidence/acts").glob("*.json"))
    act.chmod(0o644)
    act.write_bytes(act.read_bytes().replace(b"reader", b"raeder") + b" ")
    assert "is not in the ledger" in run(sys.executable, "-I", "check_ledger.py").stderr


def test_what_is_missing_or_damaged_is_named_and_stops_nothing(home: Home) -> None:
    missing, damaged, whole = all_papers(home)
    stored_file(home, missing).unlink()
    broken = stored_file(home, damaged)
    broken.chmod(0o600)
    broken.write_bytes(b"x" + broken.read_bytes()[1:])
    file = taken(home, [missing, damaged, whole])
    said = record_of(file)["papers"]
    assert [paper["state"] for paper in said] == ["absent", "absent", "present"]
    assert [paper["problem"] for paper in said] == ["vault.missing", "object.damaged", None]
    assert [name for name in file.namelist() if name.startswith("originals/")] == [said[2]["file"]]
    assert record_of(file)["counts"] == {"absent": 2, "valid": 1}


def test_a_client_that_goes_away_ends_the_work(home: Home) -> None:
    judged: list[int] = []
    papers = all_papers(home) * 5
    service: TakeAwayService = home.open_for_writing().take_aways
    pieces = service.begin(
        papers, READER, home.scope, progress=lambda done, of: judged.append(done)
    ).pieces
    while not judged:
        next(pieces)
    pieces.close()  # type: ignore[attr-defined] # it is a generator
    assert len(judged) < len(papers)


def test_it_needs_papers_and_the_right_to_originals(home: Home) -> None:
    service = home.open_for_writing().take_aways
    with pytest.raises(SetEmpty):
        service.begin([], READER, home.scope)
    with pytest.raises(Denied):
        service.begin(all_papers(home), Actor("quantri", "admin"), home.scope)
