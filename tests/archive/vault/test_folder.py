"""What is true of the folder vault alone: what lies on the disk, and what happens when that is not
as it should be.
"""

import json
import shutil
import stat
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from archive.base.clock import FixedClock, SystemClock
from archive.base.errors import IntegrityError
from archive.base.identifiers import ObjectKey, sha256
from archive.vault.assurance import try_canary
from archive.vault.contract import (
    Assurance,
    LockMode,
    LockNotConfirmed,
    LockNotKept,
    LockRefused,
    ObjectExists,
    ObjectMissing,
    StillLocked,
    Stored,
    VaultError,
)
from archive.vault.folder import FolderVault
from tests.archive.files.system_calls import recorded
from tests.archive.vault.conftest import MEDIA_TYPE, days

KEY = ObjectKey("79001/documents/0199/a.pdf")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "vault"


@pytest.fixture
def path(root: Path) -> Path:
    return root / KEY


@pytest.fixture
def lock_path(root: Path) -> Path:
    return root / f"{KEY}.lock"


def put(vault: FolderVault, key: ObjectKey = KEY, data: bytes = b"bytes", until: int = 1) -> Stored:
    return vault.put(key, data, retain_until=days(until), media_type=MEDIA_TYPE)


def files(root: Path) -> list[str]:
    return sorted(str(each.relative_to(root)) for each in root.rglob("*") if not each.is_dir())


# --- on the disk
# --------------------------------------------------------------------------------------------------


def test_an_object_is_a_read_only_file_with_its_lock_beside_it(
    folder: FolderVault, root: Path, path: Path
) -> None:
    put(folder)
    assert files(root) == [KEY, f"{KEY}.lock"]
    assert path.read_bytes() == b"bytes"
    assert {stat.S_IMODE(each.stat().st_mode) for each in (path, path.with_name("a.pdf.lock"))} == {
        0o444
    }


def test_only_its_own_user_may_look_into_the_vault(folder: FolderVault, root: Path) -> None:
    put(folder)
    folders = [root, *(each for each in root.rglob("*") if each.is_dir())]
    assert {stat.S_IMODE(each.stat().st_mode) for each in folders} == {0o700}


def test_the_lock_file_says_in_canonical_json_what_is_locked_and_until_when(
    folder: FolderVault, lock_path: Path
) -> None:
    until = days(1)
    folder.put(KEY, b"bytes", retain_until=until, media_type=MEDIA_TYPE)
    written = json.loads(lock_path.read_bytes())
    assert len(written.pop("check")) == 64
    assert written == {
        "format": "kho-lock/1",
        "key": KEY,
        "media_type": MEDIA_TYPE,
        "mode": LockMode.COMPLIANCE,
        "retain_until": until.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "sha256": sha256(b"bytes"),
        "size": 5,
    }


def test_the_version_is_the_digest_of_the_bytes_and_stays_when_the_folder_is_copied(
    folder: FolderVault, root: Path, tmp_path: Path
) -> None:
    stored = put(folder)
    shutil.copytree(root, tmp_path / "elsewhere")
    assert stored.version == sha256(b"bytes")
    assert FolderVault(tmp_path / "elsewhere", SystemClock()).stat(KEY, stored.version) == stored


def test_the_folder_vault_owns_up_that_only_software_keeps_its_locks(
    folder: FolderVault, path: Path
) -> None:
    put(folder)
    assert folder.assurance is Assurance.SOFTWARE
    path.unlink()  # the operating system's user can
    with pytest.raises(ObjectMissing):
        folder.stat(KEY)


def test_an_empty_vault_lists_nothing_and_makes_no_folder(folder: FolderVault, root: Path) -> None:
    assert list(folder.list("")) == []
    assert not root.exists()


# --- a lock file that is not as it should be
# --------------------------------------------------------------------------------------------------


def rewrite(path: Path, data: bytes) -> None:
    path.unlink(missing_ok=True)
    path.write_bytes(data)


def assert_locked_without_end(vault: FolderVault, stored: Stored) -> None:
    assert vault.stat(KEY) == Stored(KEY, stored.version, stored.size, None)
    assert [each.lock for each in vault.list(KEY)] == [None]
    assert vault.read(KEY, stored.version) == b"bytes"
    with pytest.raises(StillLocked):
        vault.delete(KEY, stored.version)
    with pytest.raises(LockNotConfirmed):
        vault.extend(KEY, stored.version, days(9))
    with pytest.raises(LockNotConfirmed):
        put(vault)


def test_a_missing_lock_file_means_locked(folder: FolderVault, lock_path: Path) -> None:
    stored = put(folder)
    lock_path.unlink()
    assert_locked_without_end(folder, stored)


def test_a_lock_file_that_is_torn_anywhere_means_locked(
    folder: FolderVault, lock_path: Path
) -> None:
    stored = put(folder)
    whole = lock_path.read_bytes()
    for length in range(len(whole)):
        rewrite(lock_path, whole[:length])
        assert folder.stat(KEY).lock is None
    assert_locked_without_end(folder, stored)


def test_a_flipped_byte_anywhere_in_a_lock_file_means_locked(
    folder: FolderVault, lock_path: Path
) -> None:
    stored = put(folder)
    whole = lock_path.read_bytes()
    for place in range(len(whole)):
        rewrite(lock_path, whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        assert folder.stat(KEY).lock is None
    assert_locked_without_end(folder, stored)


@pytest.mark.parametrize(
    "data",
    [b"null", b"[]", b"{}", b"[" * 4000, b"\xff\xfe", b'{"format":"kho-lock/2"}', b" " * 5000],
    ids=["null", "list", "empty", "deep", "not UTF-8", "another format", "too long"],
)
def test_a_lock_file_that_is_something_else_means_locked(
    folder: FolderVault, lock_path: Path, data: bytes
) -> None:
    stored = put(folder)
    rewrite(lock_path, data)
    assert_locked_without_end(folder, stored)


def test_the_lock_file_of_another_object_means_locked(folder: FolderVault, lock_path: Path) -> None:
    stored = put(folder)
    other = ObjectKey("79001/documents/0199/b.pdf")
    put(folder, other)
    rewrite(lock_path, lock_path.with_name("b.pdf.lock").read_bytes())
    assert_locked_without_end(folder, stored)


# --- an object that is not as it should be
# --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("altered", [b"Bytes", b"byte", b"bytes.", b""])
def test_altered_bytes_are_never_handed_out(
    folder: FolderVault, path: Path, altered: bytes
) -> None:
    stored = put(folder)
    rewrite(path, altered)
    with pytest.raises(IntegrityError):
        folder.read(KEY, stored.version)
    with pytest.raises(ObjectExists):
        put(folder)


def test_a_link_in_an_objects_place_is_not_followed(
    folder: FolderVault, path: Path, tmp_path: Path
) -> None:
    stored = put(folder)
    (tmp_path / "other").write_bytes(b"bytes")
    path.unlink()
    path.symlink_to(tmp_path / "other")
    with pytest.raises(ObjectMissing):
        folder.open(KEY, stored.version)
    with pytest.raises(ObjectExists):
        put(folder)
    assert list(folder.list("")) == []


def test_names_that_no_put_makes_are_not_listed(folder: FolderVault, path: Path) -> None:
    stored = put(folder)
    for name in ("Hồ sơ.pdf", ".a.pdf.new", ".a.pdf.lock.new", "b.pdf.lock", "a b", "-x"):
        path.with_name(name).write_bytes(b"left")
    assert list(folder.list("")) == [stored]


def test_what_a_dead_writer_left_is_cleared_by_the_next(
    folder: FolderVault, root: Path, path: Path
) -> None:
    path.parent.mkdir(parents=True)
    for name in (".a.pdf.new", ".a.pdf.lock.new", "a.pdf.lock"):
        path.with_name(name).write_bytes(b"half")
    with pytest.raises(ObjectMissing):
        folder.stat(KEY)
    assert folder.read(KEY, put(folder).version) == b"bytes"
    assert files(root) == [KEY, f"{KEY}.lock"]


def test_clearing_never_empties_an_object_that_has_a_second_name(
    folder: FolderVault, root: Path, path: Path
) -> None:
    stored = put(folder)
    path.with_name(".a.pdf.new").hardlink_to(path)
    assert put(folder, until=2).version == stored.version
    assert folder.read(KEY, stored.version) == b"bytes"
    assert files(root) == [KEY, f"{KEY}.lock"]


def test_a_name_cannot_be_both_an_object_and_a_folder(folder: FolderVault, root: Path) -> None:
    put(folder, ObjectKey("a/b"))
    with pytest.raises(VaultError):
        put(folder, ObjectKey("a/b/c"))
    with pytest.raises(VaultError):
        put(folder, ObjectKey("a"))
    with pytest.raises(ObjectMissing):
        folder.stat(ObjectKey("a/b/c"))
    assert files(root) == ["a/b", "a/b.lock"]


# --- several writers
# --------------------------------------------------------------------------------------------------


def at_once(calls: list[Callable[[], object]]) -> list[object]:
    barrier = threading.Barrier(len(calls))

    def run(call: Callable[[], object]) -> object:
        barrier.wait()
        try:
            return call()
        except VaultError as refusal:
            return refusal

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def test_of_writers_with_other_bytes_exactly_one_wins(root: Path) -> None:
    def writer(body: bytes) -> Callable[[], object]:
        return lambda: put(FolderVault(root, SystemClock()), data=body)

    outcomes = at_once([writer(f"body {count}".encode()) for count in range(8)])
    assert [type(each) for each in outcomes].count(Stored) == 1
    assert [type(each) for each in outcomes].count(ObjectExists) == 7
    assert files(root) == [KEY, f"{KEY}.lock"]


def test_of_several_extensions_the_latest_stays(folder: FolderVault, root: Path) -> None:
    version = put(folder).version

    def extender(count: int) -> Callable[[], object]:
        return lambda: FolderVault(root, SystemClock()).extend(KEY, version, days(count))

    outcomes = at_once([extender(count) for count in range(2, 10)])
    assert not [
        each
        for each in outcomes
        if isinstance(each, VaultError) and not isinstance(each, LockRefused)
    ]
    lock = folder.stat(KEY, version).lock
    assert lock is not None
    assert abs(lock.retain_until - days(9)) < timedelta(minutes=1)


# --- time and the canary
# --------------------------------------------------------------------------------------------------


def test_a_lock_ends_when_the_clock_says_so_and_not_a_second_before(root: Path) -> None:
    clock = FixedClock(days(0))
    vault = FolderVault(root, clock)
    version = put(vault).version
    clock.moment = days(1) - timedelta(seconds=5)
    with pytest.raises(StillLocked):
        vault.delete(KEY, version)
    clock.moment = days(1) + timedelta(seconds=5)
    vault.delete(KEY, version)
    assert files(root) == []


def test_old_canaries_are_swept_up_when_their_lock_has_ended(root: Path) -> None:
    clock = FixedClock(days(0))
    vault = FolderVault(root, clock)
    vault.check_lock_is_kept()
    vault.check_lock_is_kept()
    assert len(list(vault.list("canary/"))) == 2
    clock.moment = days(1)
    vault.check_lock_is_kept()
    assert len(list(vault.list("canary/"))) == 1


def test_a_store_that_lets_the_canary_go_is_found_out(folder: FolderVault, root: Path) -> None:
    def remove(key: ObjectKey, version: str) -> None:
        (root / key).unlink()

    with pytest.raises(LockNotKept):
        try_canary(folder, SystemClock(), delete=remove, shorten=folder.extend)


def test_a_store_that_refuses_in_words_but_lets_the_canary_go_is_found_out(
    folder: FolderVault, root: Path
) -> None:
    def remove(key: ObjectKey, version: str) -> None:
        (root / key).unlink()
        raise StillLocked(key=key)

    with pytest.raises(LockNotKept):
        try_canary(folder, SystemClock(), delete=remove, shorten=folder.extend)


def test_a_store_that_lets_a_lock_be_shortened_is_found_out(folder: FolderVault) -> None:
    with pytest.raises(LockNotKept):
        try_canary(
            folder, SystemClock(), delete=folder.delete, shorten=lambda key, version, end: None
        )


# --- what a put costs
# --------------------------------------------------------------------------------------------------


def test_a_put_into_a_known_folder_costs_two_syncs_of_files_and_two_of_the_folder(
    folder: FolderVault,
) -> None:
    put(folder)
    with recorded() as calls:
        put(folder, ObjectKey(f"{KEY}.second"))
    assert (calls.count("fsync file"), calls.count("fsync folder")) == (2, 2)
