"""Killed between any two steps: nothing is visible, or the whole object under its lock; and a retry
ends the work.
"""

import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from archive.base.clock import FixedClock, iso
from archive.base.identifiers import ObjectKey, sha256
from archive.vault import folder as folder_engine
from archive.vault import s3 as s3_engine
from archive.vault.contract import ObjectMissing, Stored, Vault
from archive.vault.folder import FolderVault
from tests.archive.vault.conftest import days, s3_vault
from tests.archive.vault.writer import BODY
from tests.fixtures.store_server import StoreServer
from tests.waiting import PATIENCE

NOW = days(0)
KEY = ObjectKey("79001/documents/0199/a.pdf")
REPOSITORY = Path(__file__).parents[3]


def write(action: str, key: ObjectKey, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the writer as a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "tests.archive.vault.writer", action, key, iso(NOW)],
        env={**os.environ, **environment},
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )


def look(vault: Vault, key: ObjectKey) -> Stored | None:
    """Return what is visible under `key`, which is never half an object nor one
    without its lock.
    """
    listed = list(vault.list(key))
    try:
        stored = vault.stat(key)
    except ObjectMissing:
        assert listed == []
        return None
    assert [each.version for each in listed] == [stored.version]
    assert stored.lock is not None
    assert vault.read(key, stored.version, expected=sha256(BODY)) == BODY
    return stored


def files(root: Path) -> list[str]:
    return sorted(str(each.relative_to(root)) for each in root.rglob("*") if each.is_file())


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "vault"


@pytest.fixture
def vault(root: Path) -> FolderVault:
    return FolderVault(root, FixedClock(NOW))


@pytest.mark.parametrize("point", folder_engine.PUT_POINTS)
def test_a_put_killed_in_the_folder_is_whole_or_nothing_and_is_done_again(
    vault: FolderVault, root: Path, point: str
) -> None:
    killed = write("put", KEY, KHO_TEST_ROOT=str(root), KHO_CRASH_AT=point)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert killed.stdout == ""
    seen = look(vault, KEY)
    placed = folder_engine.PUT_POINTS.index("vault.folder.put.object_placed")
    assert (seen is not None) == (folder_engine.PUT_POINTS.index(point) >= placed)

    again = write("put", KEY, KHO_TEST_ROOT=str(root))
    assert again.returncode == 0, again.stderr
    stored = look(vault, KEY)
    assert stored is not None
    assert again.stdout.strip() == stored.version
    assert files(root) == [KEY, f"{KEY}.lock"]


@pytest.mark.parametrize("point", folder_engine.EXTEND_POINTS)
def test_an_extension_killed_in_the_folder_never_lowers_the_lock(
    vault: FolderVault, root: Path, point: str
) -> None:
    vault.put(KEY, BODY, retain_until=NOW + timedelta(days=1), media_type="text/plain")
    killed = write("extend", KEY, KHO_TEST_ROOT=str(root), KHO_CRASH_AT=point)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    seen = look(vault, KEY)
    assert seen is not None
    assert seen.lock is not None
    assert seen.lock.retain_until in (NOW + timedelta(days=1), NOW + timedelta(days=2))

    assert write("extend", KEY, KHO_TEST_ROOT=str(root)).returncode == 0
    stored = look(vault, KEY)
    assert stored is not None
    assert stored.lock is not None
    assert stored.lock.retain_until == NOW + timedelta(days=2)
    assert files(root) == [KEY, f"{KEY}.lock"]


@pytest.mark.parametrize("point", folder_engine.DELETE_POINTS)
def test_a_deletion_killed_in_the_folder_leaves_no_object_without_its_lock(
    vault: FolderVault, root: Path, point: str
) -> None:
    vault.put(KEY, BODY, retain_until=NOW + timedelta(days=1), media_type="text/plain")
    killed = write("delete", KEY, KHO_TEST_ROOT=str(root), KHO_CRASH_AT=point)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert look(vault, KEY) is None
    assert write("put", KEY, KHO_TEST_ROOT=str(root)).returncode == 0
    assert look(vault, KEY) is not None


def test_every_point_of_the_folder_is_on_the_way(root: Path, tmp_path: Path) -> None:
    log = tmp_path / "points"
    for action in ("put", "extend", "delete"):
        done = write(action, KEY, KHO_TEST_ROOT=str(root), KHO_CRASH_LOG=str(log))
        assert done.returncode == 0, done.stderr
    points = (*folder_engine.PUT_POINTS, *folder_engine.EXTEND_POINTS, *folder_engine.DELETE_POINTS)
    assert tuple(log.read_text().split()) == points


@pytest.mark.parametrize("point", s3_engine.PUT_POINTS)
def test_a_put_killed_towards_s3_is_whole_or_nothing_and_is_done_again(
    store: StoreServer, key: ObjectKey, point: str
) -> None:
    vault = s3_vault(store.endpoint)
    killed = write("put", key, KHO_TEST_ENDPOINT=store.endpoint, KHO_CRASH_AT=point)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    seen = look(vault, key)
    assert (seen is None) == (point == "vault.s3.put.looked")

    again = write("put", key, KHO_TEST_ENDPOINT=store.endpoint)
    assert again.returncode == 0, again.stderr
    stored = look(vault, key)
    assert stored is not None
    assert again.stdout.strip() == stored.version
    assert seen is None or seen.version == stored.version


@pytest.mark.parametrize("point", s3_engine.EXTEND_POINTS)
def test_an_extension_killed_towards_s3_is_done_again(
    store: StoreServer, key: ObjectKey, point: str
) -> None:
    vault = s3_vault(store.endpoint)
    vault.put(key, BODY, retain_until=NOW + timedelta(days=1), media_type="text/plain")
    killed = write("extend", key, KHO_TEST_ENDPOINT=store.endpoint, KHO_CRASH_AT=point)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert write("extend", key, KHO_TEST_ENDPOINT=store.endpoint).returncode == 0
    stored = look(vault, key)
    assert stored is not None
    assert stored.lock is not None
    assert stored.lock.retain_until == NOW + timedelta(days=2)


def test_four_processes_on_one_key_all_come_to_the_same_object(
    vault: FolderVault, root: Path
) -> None:
    command = [sys.executable, "-m", "tests.archive.vault.writer", "put", KEY, iso(NOW)]
    environment = {**os.environ, "KHO_TEST_ROOT": str(root)}
    writers = [
        subprocess.Popen(command, env=environment, cwd=REPOSITORY, stdout=subprocess.PIPE)
        for _ in range(4)
    ]
    answers = {writer.communicate(timeout=PATIENCE)[0].decode().strip() for writer in writers}
    assert answers == {sha256(BODY)}
    assert look(vault, KEY) is not None
    assert files(root) == [KEY, f"{KEY}.lock"]
