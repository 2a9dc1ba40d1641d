"""A kill between any two steps of accession and deposit loses nothing that was acknowledged, and a
retry converges.
"""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from api.home import Home
from api.upkeep.maintenance import checker
from api.writing.intake import Intake
from archive.access.actor import Actor
from archive.base.identifiers import ObjectKey, Sha256
from archive.vault.folder import EXTEND_POINTS, PUT_POINTS
from tests.fixtures.home import chart, json_lines, kho, paper

ACTOR = Actor("Người Thử", "clerk")
SIGKILLED = -9

# In the order in which they are passed. `test_every_step_has_its_point` holds this list to what
# really happens.
ACT = ("act.pending", "act.put", "act.applied")
ACCESSION = (
    "intent.settled",
    "papers.rendered",
    "paper.sealed",
    "paper.spooled",
    *PUT_POINTS,
    "paper.put",
    *ACT,
    "spool.cleared",
)
DEPOSIT = (*ACT, "deposit.applied", *EXTEND_POINTS, "lock.extended", "deposit.locked")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A chart with two papers."""
    file = tmp_path / "chart.json"
    file.write_text(json.dumps(chart(papers=[paper("1"), paper("2")])))
    return file


@pytest.fixture(scope="session")
def archived(
    home_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, list[dict[str, Any]]]:
    """A home with that chart archived, and its receipts. Do not change it."""
    folder = Path(shutil.copytree(home_template, tmp_path_factory.mktemp("archived") / "home"))
    file = folder.parent / "chart.json"
    file.write_text(json.dumps(chart(papers=[paper("1"), paper("2")])))
    return folder, json_lines(kho(folder, "ingest", "--json", file, check=True).stdout)


def ingest(folder: Path, source: Path) -> list[dict[str, Any]]:
    """Archive `source` in this process, as a retry of the killed one; return the receipts."""
    with Home.open(folder) as home:
        results = list(Intake(home.open_for_writing(), ACTOR, home.scope).run([source]))
        return [line for result in results for line in result.lines()]


def deposit(folder: Path, chart_id: str) -> dict[str, Any]:
    """Deposit in this process, as a retry of the killed one."""
    with Home.open(folder) as home:
        return home.open_for_writing().deposits.deposit(chart_id, ACTOR, home.scope).as_json()


def passed(log: Path) -> set[str]:
    return set(log.read_text().split())


def assert_sound(folder: Path, acknowledged: list[dict[str, Any]]) -> None:
    """Every acknowledged receipt resolves to its bytes, and the archive has no fault of severity
    `error`.
    """
    with Home.open(folder) as home:
        home.catch_up()
        for receipt in acknowledged:
            assert home.vault.read(
                ObjectKey(receipt["object_key"]), receipt["version_id"], Sha256(receipt["sha256"])
            ).startswith(b"%PDF-")
        report = checker(home).check(read_data=True)
        assert report.ok, [fault.as_json() for fault in report.faults]


def assert_rebuilds_to_the_same(folder: Path) -> None:
    before = kho(folder, "dump", check=True).stdout
    for file in folder.glob("catalog.db*"):
        file.unlink()
    kho(folder, "rebuild", check=True)
    assert kho(folder, "dump", check=True).stdout == before


def test_every_step_has_its_point(home_folder: Path, source: Path, tmp_path: Path) -> None:
    log = tmp_path / "points"
    receipts = json_lines(
        kho(
            home_folder, "ingest", "--json", source, env={"KHO_CRASH_LOG": str(log)}, check=True
        ).stdout
    )
    assert passed(log) == set(ACCESSION)
    log.unlink()
    kho(
        home_folder, "deposit", receipts[0]["chart_id"], env={"KHO_CRASH_LOG": str(log)}, check=True
    )
    assert set(DEPOSIT) <= passed(log) <= set(DEPOSIT) | set(PUT_POINTS)


@pytest.mark.parametrize("point", [*ACCESSION, "paper.put@2", "vault.folder.put.object_placed@3"])
def test_a_kill_during_accession_loses_nothing(home_folder: Path, source: Path, point: str) -> None:
    killed = kho(home_folder, "ingest", "--json", source, env={"KHO_CRASH_AT": point})
    assert killed.returncode == SIGKILLED
    acknowledged = json_lines(killed.stdout)
    assert_sound(home_folder, acknowledged)
    receipts = ingest(home_folder, source)
    assert len(receipts) == 2
    assert [r["document_id"] for r in acknowledged] in ([], [r["document_id"] for r in receipts])
    assert ingest(home_folder, source) == receipts
    assert_sound(home_folder, receipts)


def test_after_a_kill_at_the_worst_moment_the_rebuilt_catalogue_is_the_same(
    home_folder: Path, source: Path
) -> None:
    kho(home_folder, "ingest", "--json", source, env={"KHO_CRASH_AT": "act.put"})
    ingest(home_folder, source)
    assert_rebuilds_to_the_same(home_folder)


@pytest.mark.parametrize("point", [*dict.fromkeys(DEPOSIT), "lock.extended@2"])
def test_a_kill_during_deposit_only_goes_forward(
    archived: tuple[Path, list[dict[str, Any]]], tmp_path: Path, point: str
) -> None:
    template, receipts = archived
    folder = Path(shutil.copytree(template, tmp_path / "home"))
    chart_id = receipts[0]["chart_id"]
    killed = kho(folder, "deposit", "--json", chart_id, env={"KHO_CRASH_AT": point})
    assert killed.returncode == SIGKILLED
    assert killed.stdout == ""
    first = deposit(folder, chart_id)
    assert first["archive_number"].endswith("-000001")
    assert deposit(folder, chart_id) == first
    assert_sound(folder, receipts)
    with Home.open(folder) as home:
        for receipt in receipts:
            lock = home.vault.stat(ObjectKey(receipt["object_key"]), receipt["version_id"]).lock
            assert lock is not None
            assert lock.retain_until.year == 2036
