"""The command's contract (`docs/scripting.md`): members, exit codes, standard output for programs
only.
"""

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from signing.testpki.running import stop
from tests.fixtures.home import chart, json_lines, kho, paper

RECEIPT = {
    "source", "chart_id", "document_id", "form", "title", "sha256", "object_key", "version_id",
    "origin", "level",
    "sealed_at", "retain_until", "lock_mode", "ledger_index",
}  # fmt: skip
REPORT = {
    "verdict", "indication", "subindication", "level", "signatures", "modified_after_signing",
    "pdfa", "known",
    "document_id", "superseded", "reasons", "origin", "attachment", "attachment_of",
    "countersigned",
}  # fmt: skip

Put = Callable[[str, Any], Path]


@pytest.fixture
def put(tmp_path: Path) -> Put:
    """Write a source file."""

    def write(name: str, content: Any) -> Path:
        file = tmp_path / name
        file.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
        return file

    return write


@pytest.fixture(scope="session")
def filled(
    home_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, dict[str, Any], Path]:
    """A home with one chart of two papers, its first receipt, and its first original.

    For reading only.
    """
    folder = Path(shutil.copytree(home_template, tmp_path_factory.mktemp("filled") / "home"))
    source = folder.parent / "chart.json"
    source.write_text(json.dumps(chart(papers=[paper("1"), paper("2")])))
    receipt = json_lines(kho(folder, "ingest", "--json", source, check=True).stdout)[0]
    original = folder.parent / "original.pdf"
    kho(folder, "get", receipt["document_id"], "-o", original, check=True)
    return folder, receipt, original


def answer_of(done: Any) -> dict[str, Any]:
    """Return the one JSON document that a command printed."""
    (document,) = json_lines(done.stdout)
    return document


def without_now(report: dict[str, Any]) -> dict[str, Any]:
    """Return a report without the moment up to which it was asked."""
    return {
        **report,
        "signatures": [{**signature, "proven_until": None} for signature in report["signatures"]],
    }


def test_init_demo_answers_where_everything_is_and_may_be_repeated(home_folder: Path) -> None:
    done = kho(home_folder, "init", "--demo", "--json", check=True)
    answer = answer_of(done)
    assert set(answer) == {"home", "facility", "trust_root"}
    assert Path(answer["trust_root"]).read_text().startswith("-----BEGIN CERTIFICATE-----")
    assert answer_of(kho(home_folder, "init", "--demo", "--json", check=True)) == answer


def test_a_second_demonstration_is_another_facility(tmp_path: Path) -> None:
    second = ["init", "--demo", "--json", "--facility", "99002", "--name", "Bệnh viện Thử Hai"]
    answer = answer_of(kho(tmp_path / "home", *second, check=True))
    assert answer["facility"] == "99002"
    assert answer_of(kho(tmp_path / "home", "init", "--demo", "--json", check=True)) == answer
    identity = answer_of(kho(tmp_path / "home", "partner", "own", "--json", check=True))
    assert (identity["code"], identity["name"]) == ("99002", "Bệnh viện Thử Hai")
    stop(tmp_path / "home" / "testpki")


@pytest.mark.parametrize("more", [["--facility", "99002"], ["--address", "Số 2"]])
def test_init_demo_ignores_nothing_that_it_is_asked(home_folder: Path, more: list[str]) -> None:
    done = kho(home_folder, "init", "--demo", "--json", *more)
    assert (done.returncode, answer_of(done)["error"]["code"]) == (2, "settings.invalid")


def test_ingest_prints_a_line_for_each_document_and_each_refused_source(
    home_folder: Path, put: Put
) -> None:
    good, bad = put("a.json", chart(papers=[paper("1"), paper("2")])), put("b.json", b"{not json")
    done = kho(home_folder, "ingest", "--json", good, bad)
    assert done.returncode == 3
    first, second, refused = json_lines(done.stdout)
    assert set(first) == set(second) == RECEIPT
    assert refused["source"] == str(bad)
    assert [set(fault) for fault in refused["refused"]] == [{"path", "code", "message"}]


def test_ingest_exits_0_when_all_is_in_and_says_the_same_again(home_folder: Path, put: Put) -> None:
    source = put("a.json", chart())
    first = kho(home_folder, "ingest", "--json", source)
    assert first.returncode == 0
    assert json_lines(kho(home_folder, "ingest", "--json", source).stdout) == json_lines(
        first.stdout
    )


def test_find_finds_what_ingest_has_archived(filled: tuple[Path, dict[str, Any], Path]) -> None:
    folder, receipt, _ = filled
    answer = answer_of(kho(folder, "find", "--json", "tran", "gia", "dinh", check=True))
    assert answer["total"] == 2
    assert {hit["document_id"] for hit in answer["hits"]} >= {receipt["document_id"]}
    assert all(
        set(hit)
        == {
            "chart_id",
            "document_id",
            "form",
            "title",
            "patient_name",
            "score",
            "why",
            "highlights",
            "dated",
            "sheet",
        }
        for hit in answer["hits"]
    )
    nothing = {"total": 0, "ignored_words": 0, "behind": False, "filters": [], "hits": []}
    assert answer_of(kho(folder, "find", "--json", "không có ai", check=True)) == nothing


def test_show_prints_charts_and_documents(filled: tuple[Path, dict[str, Any], Path]) -> None:
    folder, receipt, _ = filled
    assert (
        answer_of(kho(folder, "show", "--json", receipt["document_id"], check=True))["sha256"]
        == receipt["sha256"]
    )
    # RFC 9562: in any case
    shown = answer_of(kho(folder, "show", "--json", receipt["chart_id"].upper(), check=True))
    assert receipt["document_id"] in [d["document_id"] for d in shown["documents"]]


@pytest.mark.parametrize("command", [["show"], ["get", "-o", "x.pdf"], ["deposit"]])
def test_an_unknown_id_exits_4(
    filled: tuple[Path, dict[str, Any], Path], command: list[str]
) -> None:
    done = kho(filled[0], *command, "--json", "01a205ab-c8ec-76b8-b498-5c2d72a56be7")
    assert done.returncode == 4
    assert answer_of(done)["error"]["code"] == "record.unknown"


def test_get_gives_the_bytes_of_the_receipt(
    filled: tuple[Path, dict[str, Any], Path], tmp_path: Path
) -> None:
    folder, receipt, _ = filled
    answer = answer_of(
        kho(folder, "get", "--json", receipt["document_id"], "-o", tmp_path / "o.pdf", check=True)
    )
    data = (tmp_path / "o.pdf").read_bytes()
    assert answer == {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
    assert answer["sha256"] == receipt["sha256"]


def test_verify_knows_its_own_original(filled: tuple[Path, dict[str, Any], Path]) -> None:
    folder, receipt, original = filled
    done = kho(folder, "verify", "--json", original)
    answer = answer_of(done)
    assert done.returncode == 0
    assert set(answer) == REPORT
    assert (answer["document_id"], answer["superseded"]) == (receipt["document_id"], False)
    assert (answer["verdict"], answer["indication"], answer["level"]) == (
        "valid",
        "TOTAL-PASSED",
        "PAdES-B-LTA",
    )
    assert answer["known"] is True
    assert answer["pdfa"] == ["PDF/A-3A", "PDF/UA-1"]
    assert set(answer["reasons"]) == {"vi", "en"}


def test_people_read_lines_and_no_data_structure(filled: tuple[Path, dict[str, Any], Path]) -> None:
    folder, receipt, original = filled
    lines = kho(folder, "verify", "--lang", "en", original, check=True).stdout.splitlines()
    assert [line.strip().partition("  ")[0] for line in lines if "✓" in line] == [
        "✓ Valid. What was signed is intact; signature, certificate and timestamp are valid.",
        "✓ Seal",
        "✓ Archive timestamp",
    ]
    assert not [line for line in lines if "{" in line or "None" in line]
    shown = kho(folder, "show", receipt["document_id"], check=True).stdout
    assert json.loads(shown)["sha256"] == receipt["sha256"]
    assert len(shown.splitlines()) > len(json.loads(shown))


def test_verify_needs_no_home_and_no_network(
    filled: tuple[Path, dict[str, Any], Path], tmp_path: Path
) -> None:
    folder, _, original = filled
    empty = tmp_path / "empty"
    empty.mkdir()
    here = answer_of(kho(folder, "verify", "--json", original))
    done = kho(
        empty, "verify", "--json", "--trust", folder / "testpki" / "trust.pem", original, alone=True
    )
    assert done.returncode == 0
    assert without_now(answer_of(done)) == without_now(
        {**here, "known": False, "document_id": None, "origin": None}
    )
    assert list(empty.iterdir()) == []


def test_without_a_trust_root_the_verdict_is_indeterminate(
    filled: tuple[Path, dict[str, Any], Path], tmp_path: Path
) -> None:
    done = kho(tmp_path, "verify", "--json", filled[2])
    assert done.returncode == 5
    assert answer_of(done)["verdict"] == "indeterminate"


def test_a_flipped_byte_exits_6_and_what_is_no_pdf_exits_7(
    filled: tuple[Path, dict[str, Any], Path], put: Put
) -> None:
    folder, _, original = filled
    data = bytearray(original.read_bytes())
    data[len(data) // 3] ^= 1
    assert kho(folder, "verify", "--json", put("flipped.pdf", bytes(data))).returncode in (6, 7)
    assert kho(folder, "verify", "--json", put("text.pdf", b"hello")).returncode == 7
    assert kho(folder, "verify", "--json", folder / "nowhere.pdf").returncode == 7


def test_deposit_answers_alike_every_time(home_folder: Path, put: Put) -> None:
    (receipt,) = json_lines(
        kho(home_folder, "ingest", "--json", put("a.json", chart()), check=True).stdout
    )
    answer = answer_of(kho(home_folder, "deposit", "--json", receipt["chart_id"], check=True))
    assert set(answer) == {
        "chart_id",
        "archive_number",
        "retain_until",
        "rule",
        "objects",
        "locked",
        "missing",
        "incomplete",
        "unsigned",
        "not_judged",
    }
    assert answer["locked"] == answer["objects"]
    assert answer["retain_until"] == "2036-12-31T16:59:59.000Z"
    assert (
        answer_of(kho(home_folder, "deposit", "--json", receipt["chart_id"], check=True)) == answer
    )


def test_deposit_of_a_chart_without_an_end_exits_9(home_folder: Path, put: Put) -> None:
    going_on = chart(chart={**chart()["chart"], "discharged_at": None})
    (receipt,) = json_lines(
        kho(home_folder, "ingest", "--json", put("a.json", going_on), check=True).stdout
    )
    assert kho(home_folder, "deposit", "--json", receipt["chart_id"]).returncode == 9


def test_check_exits_0_and_8(filled: tuple[Path, dict[str, Any], Path], tmp_path: Path) -> None:
    done = kho(filled[0], "check", "--read-data", "--json")
    assert done.returncode == 0
    assert set(answer_of(done)) == {"ok", "checked", "faults"}
    folder = Path(shutil.copytree(filled[0], tmp_path / "home"))
    (folder / "vault" / filled[1]["object_key"]).unlink()
    done = kho(folder, "check", "--json")
    assert done.returncode == 8
    faults = answer_of(done)["faults"]
    # the second: its lock is left
    assert [fault["code"] for fault in faults] == ["object.missing", "vault.stray"]
    assert all(
        set(fault) == {"code", "severity", "repairable", "object", "remedy"} for fault in faults
    )


def test_catalogue_index_and_ledger_are_rebuilt_from_the_vault_alone(
    filled: tuple[Path, dict[str, Any], Path], tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(filled[0], tmp_path / "home"))
    before = kho(folder, "dump", check=True).stdout
    assert before.splitlines() == sorted(before.splitlines())
    for file in folder.glob("catalog.db*"):
        file.unlink()
    shutil.rmtree(folder / "index")
    assert answer_of(kho(folder, "rebuild", "--json", check=True)) == {
        "acts": 2,
        "documents": 2,
        "indexed": 2,
    }
    assert kho(folder, "dump", check=True).stdout == before


def test_a_vault_copied_into_an_empty_home_reads_finds_verifies_and_does_not_write(
    filled: tuple[Path, dict[str, Any], Path], tmp_path: Path, put: Put
) -> None:
    source, receipt, original = filled
    before = kho(source, "dump", check=True).stdout
    folder = tmp_path / "empty"
    shutil.copytree(source / "vault", folder / "vault")
    kho(folder, "rebuild", check=True)
    assert kho(folder, "dump", check=True).stdout == before
    assert answer_of(kho(folder, "find", "--json", "gia dinh", check=True))["total"] == 2
    assert answer_of(
        kho(folder, "get", "--json", receipt["document_id"], "-o", tmp_path / "o.pdf", check=True)
    )["bytes"]
    assert answer_of(kho(folder, "verify", "--json", original))["verdict"] == "valid"
    check = answer_of(kho(folder, "check", "--json", "--read-data", check=True))
    assert check["faults"] == []
    assert kho(folder, "ingest", "--json", put("a.json", chart(2))).returncode == 2
    assert kho(folder, "deposit", "--json", receipt["chart_id"]).returncode == 2


def test_people_read_vietnamese_and_programs_find_only_json_on_standard_output(
    filled: tuple[Path, dict[str, Any], Path],
) -> None:
    folder, _, original = filled
    done = kho(folder, "verify", original)
    assert "✓ Hợp lệ" in done.stdout
    assert done.stderr == ""
    done = kho(folder, "verify", "--json", original)
    assert json.loads(done.stdout)
    assert "✓ Hợp lệ" in done.stderr
