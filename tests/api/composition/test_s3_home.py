"""A home over a real object store: the same commands, the lock kept by the store itself."""

import json
import uuid
from pathlib import Path

import pytest

from api.home import Home
from api.upkeep.maintenance import checker, rebuild
from api.upkeep.setup import init_demo
from archive.base.clock import SystemClock
from archive.base.identifiers import ObjectKey, sha256
from archive.vault.contract import VaultError
from archive.vault.folder import FolderVault
from archive.vault.s3 import S3Vault
from retention.health.check import CheckReport
from tests.fixtures.home import CLERK, chart, json_lines, kho, paper, take
from tests.fixtures.seaweed import ADMIN, KHO, REGION, SeaweedServer

VAULT = """
facility = "99001"
demo = true
[vault]
kind = "s3"
endpoint = "{endpoint}"
bucket = "{bucket}"
access_key = "{access}"
secret_key = "{secret}"
secure = false
"""


def settle(folder: Path, server: SeaweedServer, *, locked: bool = True) -> None:
    """Turn a demonstration home into one over a bucket of its own, with nothing in it yet."""
    bucket = f"kho-{uuid.uuid4().hex[:12]}"
    admin = S3Vault(
        server.endpoint,
        bucket,
        ADMIN.access_key,
        ADMIN.secret_key,
        SystemClock(),
        region=REGION,
        secure=False,
    )
    if locked:
        admin.ensure_bucket()
    for file in (*folder.glob("catalog.db*"), *(folder / "keys").glob("*")):
        file.unlink()
    settings = {
        "endpoint": server.endpoint,
        "bucket": bucket,
        "access": KHO.access_key,
        "secret": KHO.secret_key,
    }
    (folder / "kho.toml").write_text(VAULT.format(**settings))


def check(home: Home) -> CheckReport:
    return checker(home).check(read_data=True)


def test_a_chart_goes_in_is_deposited_checked_and_rebuilt(
    home_folder: Path, seaweed: SeaweedServer
) -> None:
    settle(home_folder, seaweed)
    with init_demo(home_folder, CLERK) as home:
        (result,) = take(home, chart(papers=[paper("1"), paper("2")]))
        deposited = home.open_for_writing().deposits.deposit(
            result.receipts[0].chart_id, CLERK, home.scope
        )
        home.follow_ups.run()
        for receipt in result.receipts:
            lock = home.vault.stat(ObjectKey(receipt.object_key), receipt.version_id).lock
            assert lock is not None
            assert lock.retain_until == deposited.retain_until
            with pytest.raises(VaultError):
                home.vault.delete(ObjectKey(receipt.object_key), receipt.version_id)
        assert check(home).faults == []
    before = kho(home_folder, "dump", check=True).stdout
    for file in home_folder.glob("catalog.db*"):
        file.unlink()
    (rebuilt,) = json_lines(kho(home_folder, "rebuild", "--json", check=True).stdout)
    assert rebuilt == {"acts": 3, "documents": 2, "indexed": 2}
    assert kho(home_folder, "dump", check=True).stdout == before


def test_a_bucket_copied_into_a_folder_is_rebuilt_and_read(
    home_folder: Path, seaweed: SeaweedServer, tmp_path: Path
) -> None:
    settle(home_folder, seaweed)
    with init_demo(home_folder, CLERK) as home:
        (result,) = take(home, chart())
        folder = FolderVault(tmp_path / "copy" / "vault", SystemClock())
        for stored in home.vault.list(f"{home.code}/"):
            data, kept = (
                home.vault.read(stored.key, stored.version),
                home.vault.stat(stored.key, stored.version),
            )
            assert kept.lock is not None
            folder.put(
                stored.key,
                data,
                retain_until=kept.lock.retain_until,
                media_type="application/octet-stream",
            )
        before = kho(home_folder, "dump", check=True).stdout
    receipt = result.receipts[0]
    with Home.open(tmp_path / "copy") as copy:
        assert rebuild(copy).documents == 1
        document, data = copy.open_for_reading().originals.original(
            receipt.document_id, CLERK, copy.scope
        )
        assert document.object_version != receipt.version_id
        assert sha256(data) == receipt.sha256
        assert check(copy).faults == []
    assert kho(tmp_path / "copy", "dump", check=True).stdout == before


def test_a_bucket_without_object_lock_takes_no_chart(
    home_folder: Path, seaweed: SeaweedServer
) -> None:
    settle(home_folder, seaweed, locked=False)
    with pytest.raises(VaultError):
        init_demo(home_folder, CLERK).close()


def test_a_store_that_is_away_is_named_and_nothing_is_acknowledged(
    home_folder: Path, seaweed_to_kill: SeaweedServer, tmp_path: Path
) -> None:
    settle(home_folder, seaweed_to_kill)
    init_demo(home_folder, CLERK).close()
    source = tmp_path / "chart.json"
    source.write_text(json.dumps(chart()))
    seaweed_to_kill.kill()
    done = kho(home_folder, "ingest", "--json", source)
    assert done.returncode == 11
    (answer,) = json_lines(done.stdout)
    assert seaweed_to_kill.endpoint in answer["error"]["what"]["en"]
    seaweed_to_kill.start()
    (receipt,) = json_lines(kho(home_folder, "ingest", "--json", source, check=True).stdout)
    assert receipt["lock_mode"] == "COMPLIANCE"
    with Home.open(home_folder) as home:
        assert check(home).ok
