"""Disks that are full, read-only, or limited: the refusal names what failed, and nothing half-done
is visible.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from archive.base.clock import SystemClock, iso
from archive.base.identifiers import ObjectKey
from archive.vault.folder import FolderVault
from tests.archive.vault.conftest import days
from tests.archive.vault.writer import BODY, REFUSED
from tests.waiting import PATIENCE

KEY = ObjectKey("79001/documents/0199/a.pdf")
WRITER = [sys.executable, "-m", "tests.archive.vault.writer", "put", KEY, iso(days(0))]
REPOSITORY = Path(__file__).parents[3]
NAMESPACE = ["unshare", "--user", "--map-root-user", "--mount"]


def run(command: list[str], root: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "KHO_TEST_ROOT": str(root), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        command, env=environment, cwd=REPOSITORY, capture_output=True, text=True, timeout=PATIENCE
    )


@pytest.fixture
def can_mount() -> None:
    """Skip where this user may not have a mount namespace of their own."""
    try:
        allowed = (
            subprocess.run([*NAMESPACE, "true"], capture_output=True, timeout=20).returncode == 0
        )
    except FileNotFoundError:
        allowed = False
    if not allowed:
        pytest.skip("no mount namespace here (unshare --user --mount)")


@pytest.mark.parametrize("limit", [0, 1, 100, len(BODY) - 1])
def test_a_file_that_cannot_grow_to_its_size_is_refused_and_leaves_nothing(
    tmp_path: Path, limit: int
) -> None:
    root = tmp_path / "vault"
    starved = run(["prlimit", f"--fsize={limit}", *WRITER], root)
    assert starved.returncode == REFUSED, starved.stderr
    assert starved.stdout.startswith("VaultError")
    assert KEY in starved.stdout
    assert "File too large" in starved.stdout
    vault = FolderVault(root, SystemClock())
    assert list(vault.list("")) == []
    assert [each for each in root.rglob("*") if each.is_file()] == []
    assert run(WRITER, root).returncode == 0
    assert [each.key for each in vault.list("")] == [KEY]


@pytest.mark.usefixtures("can_mount")
@pytest.mark.parametrize("room", ["4k", "16k"])
def test_a_full_disk_is_named_and_leaves_nothing(tmp_path: Path, room: str) -> None:
    script = (
        f'mount -t tmpfs -o size={room} none "$KHO_TEST_ROOT"; "$@"; code=$?; find '
        '"$KHO_TEST_ROOT" -type f; exit $code'
    )
    full = run([*NAMESPACE, "sh", "-c", script, "sh", *WRITER], tmp_path)
    assert full.returncode == REFUSED, full.stderr
    assert "No space left on device" in full.stdout
    assert len(full.stdout.splitlines()) == 1, "no file is left"


@pytest.mark.usefixtures("can_mount")
def test_a_read_only_disk_is_named(tmp_path: Path) -> None:
    script = 'mount -t tmpfs -o ro none "$KHO_TEST_ROOT"; "$@"'
    refused = run([*NAMESPACE, "sh", "-c", script, "sh", *WRITER], tmp_path)
    assert refused.returncode == REFUSED, refused.stderr
    assert "Read-only file system" in refused.stdout


def test_a_path_that_is_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "vault").write_bytes(b"")
    refused = run(WRITER, tmp_path / "vault")
    assert refused.returncode == REFUSED, refused.stderr
    assert "VaultError" in refused.stdout
