"""A packet made in one home is verified in another that shares nothing with it but the root."""

import json
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from api.sharing import names
from signing.trust import TrustRoots
from signing.validation.result.verdict import Verdict
from tests.api.sharing.conftest import REASON, RECEIVER, Workshop
from tests.fixtures.home import json_lines, kho
from tests.fixtures.pki import RunningPki
from tests.waiting import PATIENCE


def test_an_empty_home_with_the_root_finds_it_valid(
    workshop: Workshop, packet_file: Path, tmp_path: Path
) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    root = Path(shutil.copy(workshop.home.folder / "testpki" / "trust.pem", tmp_path / "root.pem"))
    done = kho(empty, "packet", "verify", "--json", "--trust", root, packet_file)
    assert done.returncode == 0, done.stderr
    report = json_lines(done.stdout)[0]
    assert (report["verdict"], report["packet_id"]) == ("valid", workshop.manifest.packet_id)
    assert (report["from"]["code"], report["to"]["code"], report["reason"]) == (
        "99001",
        RECEIVER,
        REASON,
    )
    assert [document["verdict"] for document in report["documents"]] == ["valid", "valid"]
    assert all(
        document["in_ledger"] and document["sealed_by_sender"] for document in report["documents"]
    )
    assert {document["level"] for document in report["documents"]} == {"PAdES-B-LTA"}
    assert (report["signature"]["verdict"], report["signature"]["level"]) == ("valid", "CAdES-B-LT")
    assert report["reading_copy"]["verdict"] == "valid"
    assert report["findings"] == []
    assert set(report["reasons"]) == {"vi", "en"}
    assert list(empty.iterdir()) == []  # verifying leaves nothing behind


def test_without_any_network_it_says_the_same(
    workshop: Workshop, packet_file: Path, tmp_path: Path
) -> None:
    if subprocess.run(["unshare", "-rn", "true"], capture_output=True).returncode:
        pytest.skip("this machine does not let a test have a network namespace of its own")
    (tmp_path / "empty").mkdir()
    trust = workshop.home.folder / "testpki" / "trust.pem"
    command = [
        "unshare",
        "-rn",
        sys.executable,
        "-P",
        "-c",
        "from api.cli.main import main; main()",
    ]
    command += [
        "packet",
        "verify",
        "--json",
        "--home",
        str(tmp_path / "empty"),
        "--trust",
        str(trust),
    ]
    done = subprocess.run(
        [*command, str(packet_file)],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["verdict"] == "valid"


def test_the_senders_own_home_knows_its_root(workshop: Workshop, packet_file: Path) -> None:
    assert kho(workshop.home.folder, "packet", "verify", packet_file).returncode == 0


def test_without_a_root_nothing_is_decided(
    workshop: Workshop, packet_file: Path, tmp_path: Path
) -> None:
    done = kho(tmp_path / "none", "packet", "verify", "--json", packet_file)
    assert done.returncode == 5
    assert json_lines(done.stdout)[0]["verdict"] == "indeterminate"


def test_another_root_decides_nothing(workshop: Workshop, session_pki: RunningPki) -> None:
    report = workshop.verify(workshop.packet.data, session_pki.trust)
    assert report.verdict is Verdict.INDETERMINATE
    assert {part.verdict for part in report.documents} == {Verdict.INDETERMINATE}
    assert all(part.in_ledger for part in report.documents)


def test_a_year_later_it_is_still_valid(workshop: Workshop) -> None:
    later = datetime.now(UTC) + timedelta(days=365)
    assert workshop.verify(workshop.packet.data, at=later).verdict is Verdict.VALID


def test_before_it_was_made_it_cannot_be_valid(workshop: Workshop) -> None:
    earlier = datetime.now(UTC) - timedelta(days=30)
    assert workshop.verify(workshop.packet.data, at=earlier).verdict is Verdict.INDETERMINATE


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"%PDF-1.7\n", b"\0" * 4096])
def test_what_is_no_packet_is_unreadable(
    workshop: Workshop, tmp_path: Path, content: bytes
) -> None:
    file = tmp_path / "file.asice"
    file.write_bytes(content)
    done = kho(tmp_path / "none", "packet", "verify", "--json", file)
    assert done.returncode == 7
    assert json_lines(done.stdout)[0]["error"]["code"] == "file.unreadable"


def test_a_missing_file_is_unreadable(tmp_path: Path) -> None:
    assert kho(tmp_path / "none", "packet", "verify", tmp_path / "no-such-file").returncode == 7


def test_the_verdict_is_the_exit_code(workshop: Workshop, tmp_path: Path) -> None:
    trust = workshop.home.folder / "testpki" / "trust.pem"
    stripped = {name: data for name, data in workshop.files.items() if name != names.SIGNATURE}
    altered = {
        **workshop.files,
        names.MANIFEST: workshop.files[names.MANIFEST].replace(b"79002", b"79003"),
    }
    for files, verdict in ((stripped, "unsigned"), (altered, "invalid")):
        file = tmp_path / f"{verdict}.asice"
        file.write_bytes(workshop.packed(files))
        done = kho(tmp_path / "none", "packet", "verify", "--json", "--trust", trust, file)
        assert (done.returncode, json_lines(done.stdout)[0]["verdict"]) == (6, verdict)


def test_two_roots_may_be_trusted_at_once(workshop: Workshop, session_pki: RunningPki) -> None:
    both = TrustRoots([*workshop.trust.anchors, *session_pki.trust.anchors])
    assert workshop.verify(workshop.packet.data, both).verdict is Verdict.VALID
