"""The promises of the product, each tried to be broken, on each deployment."""

import contextlib
import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from sqlalchemy import text

from archive.access.scope import Scope
from archive.base.errors import NotFound
from archive.base.identifiers import ObjectKey, Sha256, sha256
from archive.ledger import merkle
from archive.ledger.checkpoint import VerifierKey, open_checkpoint
from archive.ledger.nodes import node_reader
from archive.vault.contract import VaultError
from signing.trust import TrustRoots
from signing.validation.result.verdict import Verdict
from signing.validation.validate import validate
from tests.acceptance.conftest import Deployment
from tests.fixtures.home import CLERK, chart, json_lines, paper, take
from tests.judges.dss import Dss
from tests.judges.verapdf import VeraPdf

KILLED = -9


def source(folder: Path, *charts: dict[str, Any]) -> Path:
    """Write charts as the files of a folder, and return it."""
    folder.mkdir()
    for number, each in enumerate(charts):
        (folder / f"{number}.json").write_text(json.dumps(each))
    return folder


def fetched(deployment: Deployment, receipts: Iterable[dict[str, Any]], into: Path) -> list[Path]:
    """Fetch the originals of `receipts` by the command, and hold each against its receipt."""
    into.mkdir()
    files = []
    for receipt in receipts:
        file = into / f"{receipt['document_id']}.pdf"
        deployment.kho("get", receipt["document_id"], "-o", file, check=True)
        assert sha256(file.read_bytes()) == receipt["sha256"]
        files.append(file)
    return files


def find(deployment: Deployment, text: str) -> set[str]:
    """Return the documents that the command finds."""
    (results,) = json_lines(deployment.kho("find", text, "--json", check=True).stdout)
    return {hit["document_id"] for hit in results["hits"]}


# 1. Once Kho has answered with a receipt, the document is archived.


@pytest.mark.parametrize(
    "point", ["intent.settled", "paper.spooled", "paper.put", "act.pending", "act.put"]
)
def test_what_was_receipted_is_there_and_found_whatever_was_killed(
    deployment: Deployment, tmp_path: Path, point: str
) -> None:
    charts = source(tmp_path / "charts", chart(1), chart(2))
    killed = deployment.kho("ingest", "--json", charts, env={"KHO_CRASH_AT": f"{point}@2"})
    assert killed.returncode == KILLED
    acknowledged = json_lines(killed.stdout)
    fetched(deployment, acknowledged, tmp_path / "before")
    receipts = json_lines(deployment.kho("ingest", "--json", charts, check=True).stdout)
    assert len(receipts) == 2
    assert all(receipt in receipts for receipt in acknowledged)
    fetched(deployment, receipts, tmp_path / "after")
    assert find(deployment, "viem phoi") == {receipt["document_id"] for receipt in receipts}
    deployment.kho("check", "--read-data", check=True)


# 2. What is stored is what was signed, byte for byte; what is altered behind Kho is found.


def test_no_caller_can_alter_hide_or_remove_an_original_through_kho(deployment: Deployment) -> None:
    with deployment.open() as home:
        (result,) = take(home, chart())
        (receipt,) = result.receipts
        key = ObjectKey(receipt.object_key)
        with pytest.raises(VaultError):
            home.vault.delete(key, receipt.version_id)
        # a folder refuses; a bucket keeps it as a version of its own
        with contextlib.suppress(VaultError):
            home.vault.put(
                key,
                b"%PDF-1.7 another",
                retain_until=receipt.retain_until,
                media_type="application/pdf",
            )
        assert (
            sha256(
                home.open_for_reading().originals.original(receipt.document_id, CLERK, home.scope)[
                    1
                ]
            )
            == receipt.sha256
        )
        with pytest.raises(VaultError):
            home.vault.extend(key, receipt.version_id, datetime.now(UTC) + timedelta(days=1))
        assert sha256(home.vault.read(key, receipt.version_id)) == receipt.sha256


@pytest.mark.parametrize(
    "lie",
    [
        "UPDATE document SET sha256 = '" + "0" * 64 + "'",
        "UPDATE chart SET state = 'deposited'",
        "UPDATE patient SET name = 'Người Khác'",
        "DELETE FROM received_packet; DELETE FROM submission",
        "UPDATE act SET actor_name = 'Người Khác' WHERE \"index\" = 1",
    ],
)
def test_an_alteration_in_the_database_is_found(deployment: Deployment, lie: str) -> None:
    with deployment.open() as home:
        take(home, chart())
        with home.catalog.write() as session:
            for statement in lie.split(";"):
                session.execute(text(statement))
    done = deployment.kho("check", "--json")
    assert done.returncode != 0
    (report,) = json_lines(done.stdout)
    assert "catalogue.altered" in {fault["code"] for fault in report["faults"]}


def test_an_alteration_of_history_is_found_by_a_holder_of_an_old_checkpoint(
    deployment: Deployment,
) -> None:
    with deployment.open() as home:
        take(home, chart(1))
        (kept,) = [s for s in home.vault.list(f"{home.code}/ledger/checkpoint/") if "/2-" in s.key]
        key = VerifierKey.parse(home.open_for_reading().facility.ledger_key)
        old = open_checkpoint(home.vault.read(kept.key, kept.version), key)
        take(home, chart(2))
        with home.catalog.read() as session:
            read = node_reader(session, home.code)
            assert merkle.root(old.size, read) == old.root
            assert merkle.root(3, read) != old.root
        with home.catalog.write() as session:
            session.execute(
                text("UPDATE ledger_node SET hash = :other WHERE level = 0 AND position = 1"),
                {"other": bytes(32)},
            )
            session.execute(text("DELETE FROM ledger_node WHERE level > 0"))
    assert deployment.kho("check").returncode != 0


# 3. Every file is alone.


@pytest.mark.judge
def test_every_file_is_verified_alone_before_public_judges(
    deployment: Deployment, tmp_path: Path, verapdf: VeraPdf, dss: Dss
) -> None:
    charts = source(tmp_path / "charts", chart(1, papers=[paper("1"), paper("2")]))
    receipts = json_lines(deployment.kho("ingest", "--json", charts, check=True).stdout)
    trust = deployment.folder / "testpki" / "trust.pem"
    for file, receipt in zip(
        fetched(deployment, receipts, tmp_path / "out"), receipts, strict=True
    ):
        verapdf.accept(file, form=receipt["form"])
        dss.accept(file, trust)
        alone = deployment.kho(
            "verify", "--json", "--trust", trust, file, env={"KHO_HOME": str(tmp_path)}, alone=True
        )
        assert alone.returncode == 0, alone.stdout
        with pikepdf.open(file) as pdf:
            record = json.loads(pdf.attachments["record.json"].get_file().read_bytes())
        assert record["chart"]["episode"] == "LK000001"


# 4. The bucket is the archive.


def test_catalogue_and_index_are_rebuilt_from_the_bucket_alone(
    deployment: Deployment, tmp_path: Path
) -> None:
    charts = source(tmp_path / "charts", chart(1), chart(2), chart(3))
    receipts = json_lines(deployment.kho("ingest", "--json", charts, check=True).stdout)
    deployment.kho("deposit", receipts[0]["chart_id"], check=True)
    before = deployment.kho("dump", check=True).stdout
    deployment.forget()
    deployment.kho("rebuild", check=True)
    assert deployment.kho("dump", check=True).stdout == before
    assert find(deployment, "viem phoi") == {receipt["document_id"] for receipt in receipts}
    fetched(deployment, receipts, tmp_path / "out")
    deployment.kho("check", "--read-data", check=True)


# 5. Every access is recorded (changes of state so far: looks come with people and access).


def test_every_change_is_in_a_ledger_that_can_be_proven_complete(deployment: Deployment) -> None:
    with deployment.open() as home:
        (result, _) = take(home, chart(1), chart(2))
        home.open_for_writing().deposits.deposit(result.receipts[0].chart_id, CLERK, home.scope)
        home.follow_ups.run()
        facility = home.open_for_reading().facility
        newest = max(
            home.vault.list(f"{home.code}/ledger/checkpoint/"),
            key=lambda s: int(s.key.split("/")[-1].split("-")[0]),
        )
        head = open_checkpoint(
            home.vault.read(newest.key, newest.version), VerifierKey.parse(facility.ledger_key)
        )
        acts = list(home.vault.list(f"{home.code}/acts/"))
        assert head.size == len(acts) == 4
        with home.catalog.read() as session:
            read = node_reader(session, home.code)
            for index, act in enumerate(acts):
                digest = Sha256(sha256(home.vault.read(act.key, act.version)))
                proof = merkle.inclusion_proof(index, head.size, read)
                leaf = merkle.leaf_hash(merkle.entry(digest))
                assert merkle.root_of_inclusion(leaf, index, head.size, proof) == head.root


# 6. Retention follows the law, extends and never shortens; an archive number is never used twice.


def test_a_deposit_locks_for_the_statutory_time_and_its_number_is_never_used_again(
    deployment: Deployment, tmp_path: Path
) -> None:
    charts = source(tmp_path / "charts", chart(1), chart(2))
    receipts = json_lines(deployment.kho("ingest", "--json", charts, check=True).stdout)
    (first,) = json_lines(
        deployment.kho("deposit", "--json", receipts[0]["chart_id"], check=True).stdout
    )
    with deployment.open() as home:
        lock = home.vault.stat(ObjectKey(receipts[0]["object_key"]), receipts[0]["version_id"]).lock
        assert lock is not None
        assert (lock.mode, lock.retain_until.year) == ("COMPLIANCE", 2036)
        with pytest.raises(VaultError):
            home.vault.extend(
                ObjectKey(receipts[0]["object_key"]),
                receipts[0]["version_id"],
                datetime.now(UTC) + timedelta(days=9),
            )
    deployment.forget()
    deployment.kho("rebuild", check=True)
    (second,) = json_lines(
        deployment.kho("deposit", "--json", receipts[1]["chart_id"], check=True).stdout
    )
    (again,) = json_lines(
        deployment.kho("deposit", "--json", receipts[0]["chart_id"], check=True).stdout
    )
    assert again == first
    assert second["archive_number"] != first["archive_number"]


# 7. Evidence outlives the seal's certificates (evidence records for algorithms come next).


def test_an_original_is_valid_after_its_seals_certificate_has_expired(
    deployment: Deployment,
) -> None:
    with deployment.open() as home:
        (result,) = take(home, chart())
        _, data = home.open_for_reading().originals.original(
            result.receipts[0].document_id, CLERK, home.scope
        )
        roots = TrustRoots.from_files(deployment.folder / "testpki" / "trust.pem")
        expires = home.seals.key.certificate["tbs_certificate"]["validity"]["not_after"].native
        assert validate(data, roots, at=expires + timedelta(days=1)).verdict is Verdict.VALID


# 8. A person who is not entitled sees nothing, not even that a record exists.


def test_another_department_sees_nothing_not_even_that_a_record_exists(
    deployment: Deployment,
) -> None:
    with deployment.open() as home:
        own, other = take(home, chart(1), chart(2))  # departments K01 and K02
        scope = Scope(home.code, frozenset({"K01"}))
        hidden, seen = other.receipts[0].document_id, own.receipts[0].document_id
        assert [
            hit.document_id
            for hit in home.open_for_reading().search.find("viem phoi", CLERK, scope).hits
        ] == [seen]
        assert home.open_for_reading().search.find(hidden, CLERK, scope).total == 0
        said = []
        for unseen in (hidden, "01a205ab-c8ec-76b8-b498-5c2d72a56be7"):
            with pytest.raises(NotFound) as unknown:
                home.open_for_reading().originals.original(unseen, CLERK, scope)
            said.append(unknown.value.as_json())
        assert said[0] == said[1]
