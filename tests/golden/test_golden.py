"""What an earlier Kho stored, this one reads: the acts, the originals, the ledger and the locks of
every version.
"""

import json
import shutil
from datetime import datetime
from pathlib import Path
from typing import get_args

import pytest

from api.home import Home
from api.upkeep.maintenance import checker, rebuild
from archive.acts.accession import Origin
from archive.base.canonical import canonical
from archive.base.clock import FixedClock
from archive.base.identifiers import ObjectKey, Sha256
from archive.catalog import projection
from archive.catalog.tables import DocumentRow
from search.query import parse
from signing.trust import TrustRoots
from signing.validation.validate import validate

ARCHIVES = sorted(folder.parent for folder in Path(__file__).parent.glob("*/made_at.txt"))


@pytest.fixture(params=ARCHIVES, ids=lambda folder: folder.name)
def golden(request: pytest.FixtureRequest) -> Path:
    """One kept archive."""
    return Path(request.param)


def dumped(golden: Path) -> list[bytes]:
    """Return the lines of its dump; dumps of before 2026-12 say the objects in the rows of their
    acts and documents, departments in the rows of charts, and no date but that of a file.
    """
    lines = []
    for line in (golden / "dump.jsonl").read_bytes().splitlines():
        row = json.loads(line)
        if row["table"] == "document" and "dated" not in row:
            row |= {"dated": (row["original"] or {}).get("dated"), "sheet": None}
        lines.append(canonical(row))
    rows = [json.loads(line) for line in lines]
    lines += [
        canonical(
            {"table": "chart_department", "chart_id": row["id"], "code": row["department"]}
            | {"facility": row["facility"]}
        )
        for row in rows
        if row["table"] == "chart" and row["department"]
    ]
    if any(row["table"] == "stored_object" for row in rows):
        return lines
    said = {
        "act": ("act", "digest", "index", "application/json"),
        "document": ("document", "sha256", "act_index", "application/pdf"),
        "packet_receipt": ("receipt", "sha256", "act_index", "application/vnd.etsi.asic-e+zip"),
    }
    for row in rows:
        if row["table"] in said:
            kind, digest, index, media_type = said[row["table"]]
            lines.append(
                canonical(
                    {
                        "table": "stored_object",
                        "object_key": row["object_key"],
                        "facility": row["facility"],
                        "act_index": row[index],
                        "chart_id": row["chart_id"],
                        "kind": kind,
                        "sha256": row[digest],
                        "size": row["size"],
                        "media_type": media_type,
                    }
                )
            )
    return lines


def test_there_is_an_archive_of_each_version() -> None:
    assert [folder.name for folder in ARCHIVES] == [
        "2026-11",
        "2026-11b",
        "2026-11c",
        "2026-11d",
        "2026-11e",
        "2026-11f",
        "2026-11g",
        "2026-11h",
    ]


def test_the_second_holds_a_document_of_each_origin(tmp_path: Path) -> None:
    lines = (Path(__file__).parent / "2026-11b" / "dump.jsonl").read_text().splitlines()
    assert {json.loads(line).get("origin") for line in lines} - {None} == set(get_args(Origin))


def test_the_fourth_was_handed_over_to_another_key() -> None:
    lines = (Path(__file__).parent / "2026-11d" / "dump.jsonl").read_text().splitlines()
    assert [row["act_index"] for row in map(json.loads, lines) if row["table"] == "ledger_key"] == [
        2
    ]


def test_the_fifth_lost_a_chart_lawfully() -> None:
    lines = (Path(__file__).parent / "2026-11e" / "dump.jsonl").read_text().splitlines()
    rows = list(map(json.loads, lines))
    assert [row["index"] for row in rows if row["table"] == "removed_act"] == [1, 3]
    assert sorted(row["index"] for row in rows if row["table"] == "act") == [0, 2, 4]


def test_the_sixth_names_a_department() -> None:
    lines = (Path(__file__).parent / "2026-11f" / "dump.jsonl").read_text().splitlines()
    named = [row for row in map(json.loads, lines) if row["table"] == "department_name"]
    assert [(row["code"], row["since"], row["act_index"]) for row in named] == [
        ("K01", "2026-07-01", 2)
    ]


def test_the_seventh_holds_an_examination_and_a_correction() -> None:
    vault = Path(__file__).parent / "2026-11g" / "vault"
    acts = [json.loads(act.read_bytes()) for act in sorted(vault.glob("*/acts/*.json"))]
    taken = [act["facts"] for act in acts if act["schema"] == "kho/act/accession/4"]
    assert [facts["chart"]["kind"] for facts in taken] == ["examination", "examination"]
    assert [facts["documents"][0]["correction"] for facts in taken] == [
        None,
        {"reason": "Scan nhầm giấy của người khác"},
    ]


def test_the_eighth_states_own_dates_sheets_and_titles() -> None:
    lines = (Path(__file__).parent / "2026-11h" / "dump.jsonl").read_text().splitlines()
    rows = [row for row in map(json.loads, lines) if row["table"] == "document"]
    said = [(row["title_vi"], row["dated"], row["sheet"]) for row in rows]
    assert sorted(said) == [
        ("Phiếu theo dõi điều trị", "2026-01-11", None),
        ("Phiếu theo dõi điều trị", "2026-01-12", "2"),
        ("Đơn xin ra viện", "2026-01-19", None),
    ]


def test_an_archive_of_any_version_is_rebuilt_read_found_checked_and_verified(
    golden: Path, tmp_path: Path
) -> None:
    made_at = datetime.fromisoformat((golden / "made_at.txt").read_text().strip())
    shutil.copytree(golden / "vault", tmp_path / "vault")
    with Home.open(tmp_path, FixedClock(made_at)) as home:
        rebuilt = rebuild(home)
        with home.catalog.read() as session:
            assert sorted(projection.lines(session)) == sorted(dumped(golden))
            documents = session.query(DocumentRow).order_by(DocumentRow.position).all()
        assert rebuilt.documents == len(documents) > 1
        assert home.follow_ups.indexing.index.search(
            parse("tran gia dinh"), home.scope
        ).total == len(documents)
        # A catalogue that was rebuilt has work waiting; nothing else is said of it.
        assert {fault.kind.code for fault in checker(home).check(read_data=True).faults} <= {
            "outbox.waiting"
        }
        trust = TrustRoots.from_files(golden / "root.pem")
        for document in documents:
            key = ObjectKey(document.object_key)
            original = home.vault.read(key, document.object_version, Sha256(document.sha256))
            report = validate(original, trust, at=made_at)
            assert (report.verdict, report.level) == ("valid", "PAdES-B-LTA")
