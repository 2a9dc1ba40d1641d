"""A cache on disk: made once, unreadable without the process, bounded, and forgotten by group."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from archive.base.errors import NotFound
from archive.files import encrypted_cache
from archive.files.encrypted_cache import EncryptedCache, forget_expired, forget_groups

SECRET = b"PNG of a page " * 100


@pytest.fixture
def closing() -> Iterator[ExitStack]:
    """What closes at the end of the process."""
    with ExitStack() as stack:
        yield stack


def files(place: Path) -> list[Path]:
    return sorted(path for path in place.rglob("*") if path.is_file())


def groups(place: Path) -> set[str]:
    """Return the groups of which a cache below `place` keeps something."""
    return {file.parent.name for file in place.glob("*/*/*")}


def never() -> bytes:
    raise AssertionError("it was made a second time")


def test_an_entry_is_made_once_and_cannot_be_read_on_the_disk(
    tmp_path: Path, closing: ExitStack
) -> None:
    cache = EncryptedCache(tmp_path / "pictures", closing)
    assert cache.get("chart", "1", lambda: SECRET) == SECRET
    assert cache.get("chart", "1", never) == SECRET
    (file,) = files(tmp_path)
    assert b"PNG" not in file.read_bytes()
    assert file.stat().st_mode & 0o077 == 0
    file.write_bytes(file.read_bytes()[:-1] + b"x")
    assert cache.get("chart", "1", lambda: b"again") == b"again"
    assert len(files(tmp_path)) == 1


def test_entries_that_change_places_are_made_again(tmp_path: Path, closing: ExitStack) -> None:
    cache = EncryptedCache(tmp_path, closing)
    cache.get("chart", "1", lambda: b"page 1")
    cache.get("chart", "2", lambda: b"page 2")
    first, second = files(tmp_path)
    first.write_bytes(second.read_bytes())
    assert cache.get("chart", "1", lambda: b"page 1, drawn again") == b"page 1, drawn again"


def test_what_was_used_longest_ago_goes_first(tmp_path: Path, closing: ExitStack) -> None:
    cache = EncryptedCache(tmp_path, closing, most=3 * (1000 + 28))
    for name in "123":
        cache.get("chart", name, lambda: bytes(1000))
    cache.get("chart", "1", never)
    cache.get("chart", "4", lambda: bytes(1000))
    cache.get("chart", "1", never)
    assert len(files(tmp_path)) == 3
    with pytest.raises(AssertionError):
        cache.get("chart", "2", never)
    assert cache.get("chart", "large", lambda: bytes(9000)) == bytes(9000)
    assert len(files(tmp_path)) == 3


def test_a_group_is_forgotten_by_any_process(tmp_path: Path, closing: ExitStack) -> None:
    place = tmp_path / "pictures"
    caches = [EncryptedCache(place, closing) for _ in range(2)]
    for cache in caches:
        cache.get("gone", "1", lambda: SECRET)
        cache.get("stays", "1", lambda: SECRET)
    forget_groups(place, ["gone", "never-there"])
    assert groups(place) == {"stays"}
    assert caches[0].get("gone", "1", lambda: b"asked again") == b"asked again"
    assert groups(place) == {"stays"}
    forget_groups(tmp_path / "no-such-folder", ["gone"])


@pytest.mark.parametrize("used", [False, True])
def test_what_is_made_while_its_group_is_forgotten_is_not_kept(
    tmp_path: Path, closing: ExitStack, used: bool
) -> None:
    cache = EncryptedCache(tmp_path, closing)
    if used:
        cache.get("gone", "0", lambda: SECRET)

    def make() -> bytes:
        forget_groups(tmp_path, ["gone"])
        return SECRET

    assert cache.get("gone", "1", make) == SECRET
    assert groups(tmp_path) == set()


def test_expired_entries_leave_the_disk(
    tmp_path: Path, closing: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = EncryptedCache(tmp_path, closing)
    for name in "12":
        cache.get("chart", name, lambda: SECRET)
    forget_expired(tmp_path)
    assert len(list(tmp_path.glob("*/*/*"))) == 2
    monkeypatch.setattr(encrypted_cache, "KEPT_SECONDS", -1.0)
    assert cache.get("chart", "1", lambda: b"drawn again") == b"drawn again"
    assert groups(tmp_path) == set()  # also the second, which was not asked for
    monkeypatch.undo()
    cache.get("chart", "3", lambda: SECRET)
    monkeypatch.setattr(encrypted_cache, "KEPT_SECONDS", -1.0)
    forget_expired(tmp_path)
    assert groups(tmp_path) == set()


def test_the_folder_goes_with_the_process_and_a_killed_one_is_swept(tmp_path: Path) -> None:
    left = tmp_path / "job-killed" / "chart"
    left.mkdir(parents=True)
    (left / "1").write_bytes(b"noise")
    with ExitStack() as closing:
        EncryptedCache(tmp_path, closing).get("chart", "1", lambda: SECRET)
        assert not left.exists()
        assert len(files(tmp_path)) == 1
    assert files(tmp_path) == []


def test_two_threads_that_want_the_same_make_it_once(tmp_path: Path, closing: ExitStack) -> None:
    cache, begun, go = EncryptedCache(tmp_path, closing), threading.Event(), threading.Event()
    calls: list[int] = []

    def make() -> bytes:
        calls.append(1)
        begun.set()
        assert go.wait(30)
        return SECRET

    threads = [threading.Thread(target=lambda: cache.get("chart", "1", make)) for _ in range(4)]
    for thread in threads:
        thread.start()
    assert begun.wait(30)
    go.set()
    for thread in threads:
        thread.join()
    assert len(calls) == 1


def test_what_cannot_be_made_or_kept_harms_nothing(
    tmp_path: Path, closing: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = EncryptedCache(tmp_path / "file" / "pictures", closing)
    (tmp_path / "file").write_bytes(b"no folder")

    def fails() -> bytes:
        raise NotFound

    with pytest.raises(NotFound):
        cache.get("chart", "1", fails)
    assert cache.get("chart", "1", lambda: SECRET) == SECRET
    assert cache.get("chart", "1", lambda: b"made again") == b"made again"
    old = EncryptedCache(tmp_path / "old", closing)
    old.get("chart", "1", lambda: SECRET)
    monkeypatch.setattr(encrypted_cache, "KEPT_SECONDS", -1.0)
    assert old.get("chart", "1", lambda: b"drawn again") == b"drawn again"
