"""What an earlier Kho left unfinished is finished by this one: the digests of a message and the
spool are stored bytes.

Everything here was written down from Kho as it was on 23/11/2026: the message, what its intent
said, the catalogue's revision, and a spooled file's first line.
"""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from api.home import Home
from api.upkeep.maintenance import checker
from api.writing.intake import Intake
from archive.base.identifiers import sha256
from archive.catalog.database import upgrade
from archive.catalog.operations import IntentRow
from tests.fixtures.home import CLERK, json_lines, kho

REVISION = "0002"
SHEET = {
    "chan_doan": "Viêm phổi",
    "dien_bien": [
        {
            "thoi_gian": "2026-01-11T08:00:00+07:00",
            "dien_bien_benh": "S: ho, sốt.",
            "chi_dinh": "Theo dõi",
        },
    ],
}
MESSAGE = {
    "format": "kho-chart/1",
    "facility": "99001",
    "patient": {
        "local_id": "BN000008",
        "name": "Nguyễn Thị Mẫu Hòa",
        "birth_date": "1980-05-01",
        "sex": "2",
        "national_id": "000180000008",
        "insurance_cards": ["GD4000000000008"],
    },
    "chart": {
        "episode": "LK000008",
        "kind": "inpatient",
        "department": "K02",
        "admitted_at": "2026-01-10T08:00:00+07:00",
        "discharged_at": "2026-01-20T09:00:00+07:00",
        "outcome": "improved",
        "diagnoses": [{"icd10": "J18.9", "text": "Viêm phổi", "main": True}],
    },
    "papers": [{"form": "36/BV2", "key": key, "data": SHEET} for key in ("1", "2")],
}
SUBMISSION = "01a2295c-e8df-7034-af5e-e7d0e904d90f"
FIRST = "06bd98a039756539ac0e10c97a8cd71d914b33d095820bec477e30e12860429d"
SECOND = "9f5f63a2e2b40746c84cc2cb5d843734e9a70da4a3ef657bf363cb25811f0b0c"
DOCUMENTS = {
    FIRST: "01a2295c-e8df-7034-af5e-e7d2a6f52292",
    SECOND: "01a2295c-e8df-7034-af5e-e7d3212f43d6",
}
INTENT = {
    "submission_id": SUBMISSION,
    "facility": "99001",
    "fingerprint": "597a41c9c0d71834713d759deb941f110915930daf641ab81b64ad698b545e39",
    "chart_id": "01a2295c-e8df-7034-af5e-e7d1b9ea88b9",
    "documents": json.dumps(DOCUMENTS),
    "claimed_at": "2026-11-29 22:11:24.000000",
    "lease": "chart/99001/LK000008",
}
SPOOLED = (
    '{{"sha256": "{digest}", "level": "PAdES-B-LTA", "sealed_at": "2026-11-29T22:11:25.030Z"}}\n'
)


@pytest.fixture
def interrupted(home_folder: Path) -> Path:
    """A home with the catalogue of that Kho, which was ended after it had settled the intent."""
    for file in home_folder.glob("catalog.db*"):
        file.unlink()
    engine = create_engine(f"sqlite:///{home_folder / 'catalog.db'}")
    with engine.begin() as connection:
        upgrade(connection, REVISION)
        columns = ", ".join(INTENT)
        connection.execute(
            text(f"INSERT INTO intent ({columns}) VALUES (:{', :'.join(INTENT)})"), INTENT
        )
    engine.dispose()
    return home_folder


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """The message as a file."""
    file = tmp_path / "chart.json"
    file.write_text(json.dumps(MESSAGE))
    return file


def ingested(folder: Path, source: Path) -> list[dict[str, Any]]:
    """Send the message again, in this process."""
    with Home.open(folder) as home:
        lines = [
            line
            for result in Intake(home.open_for_writing(), CLERK, home.scope).run([source])
            for line in result.lines()
        ]
        home.follow_ups.run()
        return lines


def test_a_retry_after_an_upgrade_keeps_the_ids_that_were_settled(
    interrupted: Path, source: Path
) -> None:
    receipts = ingested(interrupted, source)
    assert [receipt["document_id"] for receipt in receipts] == list(DOCUMENTS.values())
    assert {receipt["chart_id"] for receipt in receipts} == {INTENT["chart_id"]}
    assert ingested(interrupted, source) == receipts


def test_a_retry_after_an_upgrade_archives_the_seals_that_were_spooled(
    interrupted: Path, source: Path, tmp_path: Path
) -> None:
    other = Path(shutil.copytree(interrupted, tmp_path / "other"))
    kho(other, "ingest", source, env={"KHO_CRASH_AT": "paper.spooled@2"})
    digests = {}
    for document in DOCUMENTS.values():
        _, _, pdf = (
            (other / "spool" / SUBMISSION / f"{document}.sealed").read_bytes().partition(b"\n")
        )
        digests[document] = sha256(pdf)
        file = interrupted / "spool" / SUBMISSION / f"{document}.sealed"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(SPOOLED.format(digest=sha256(pdf)).encode() + pdf)
    receipts = json_lines(kho(interrupted, "ingest", "--json", source, check=True).stdout)
    assert {receipt["document_id"]: receipt["sha256"] for receipt in receipts} == digests
    assert {receipt["sealed_at"] for receipt in receipts} == {"2026-11-29T22:11:25.030Z"}
    assert ingested(interrupted, source) == receipts
    with Home.open(interrupted) as home:
        assert checker(home).check(read_data=True).faults == []
        with home.catalog.read() as session:
            assert session.query(IntentRow).count() == 0
    assert not (interrupted / "spool" / SUBMISSION).exists()
