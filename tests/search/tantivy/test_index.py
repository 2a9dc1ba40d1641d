"""The Tantivy index as files: one writer, many readers, kills, full disks, damage, and other
versions.
"""

import json
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from archive.access.scope import Scope
from archive.base.errors import Unavailable
from archive.base.identifiers import FacilityCode
from search.contract import Entry, Query
from search.errors import IndexBusy, IndexUnusable
from search.query import parse
from search.tantivy.index import TantivyIndex
from tests.repo.tree import ROOT
from tests.search.other_process import entry
from tests.search.suite import load

DOCUMENTS = list(load.documents().values())
SCOPE = Scope(FacilityCode("01001"))


@contextmanager
def other_process(folder: Path, what: str) -> Iterator["subprocess.Popen[str]"]:
    command = [sys.executable, "-m", "tests.search.other_process", str(folder), what]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def line_of(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def use(folder: Path) -> None:
    with TantivyIndex(folder) as index:
        for typed in ("hoa", '"viêm phổi"', "", "icd:J18 từ:2026", "BN0001"):
            index.search(parse(typed), SCOPE)
        index.put(DOCUMENTS[:2])


def segments(folder: Path) -> Path:
    (only,) = folder.glob("segments-*")
    return only


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    TantivyIndex.recreate(tmp_path / "index").close()
    return tmp_path / "index"


class TestWriters:
    """One process writes at a time; reading needs no lock."""

    def test_while_another_process_writes_reading_goes_on_and_writing_is_refused(
        self, folder: Path
    ) -> None:
        with TantivyIndex(folder) as index, other_process(folder, "hold") as other:
            assert line_of(other) == "held"
            assert index.search(parse("SO000000"), SCOPE).total == 1
            writes: list[Callable[[], None]] = [
                lambda: index.put(DOCUMENTS),
                lambda: index.remove([]),
                index.clear,
            ]
            for write in writes:
                with pytest.raises(IndexBusy):
                    write()
            with pytest.raises(IndexBusy):
                TantivyIndex.recreate(folder)
            with TantivyIndex(folder) as second:
                assert second.count() == 1
            other.communicate("")
            index.put(DOCUMENTS)
            assert index.count() == 1 + len(DOCUMENTS)

    def test_what_another_process_commits_is_seen_by_an_open_reader(self, folder: Path) -> None:
        with TantivyIndex(folder) as reader, other_process(folder, "feed") as other:
            for _ in range(5):
                acknowledged = int(line_of(other))
                assert reader.count() >= acknowledged
                assert reader.search(parse(f"SO{acknowledged - 1:06d}"), SCOPE).total == 1

    def test_the_lock_is_given_back(self, folder: Path) -> None:
        with TantivyIndex(folder) as first, TantivyIndex(folder) as second:
            first.put(DOCUMENTS[:2])
            with pytest.raises(IndexBusy):
                second.put(DOCUMENTS)
            first.release_writer()
            second.put(DOCUMENTS)
            second.close()
            second.close()
            first.put(DOCUMENTS[:1])
            assert first.count() == second.count() == len(DOCUMENTS)

    def test_an_index_rebuilt_elsewhere_is_picked_up(self, folder: Path) -> None:
        with TantivyIndex(folder) as old:
            old.put(DOCUMENTS)
            old.release_writer()
            with TantivyIndex.recreate(folder) as new:
                new.put(DOCUMENTS[:3])
            assert old.count() == 3
            old.put(DOCUMENTS)
            assert old.count() == len(DOCUMENTS)

    def test_an_entry_that_cannot_be_made_leaves_the_batch_out(self, folder: Path) -> None:
        def broken_off() -> Iterator[Entry]:
            yield DOCUMENTS[0]
            raise ValueError("the catalogue stopped")

        with TantivyIndex(folder) as index:
            with pytest.raises(ValueError, match="catalogue"):
                index.put(broken_off())
            index.put(DOCUMENTS[1:2])
            assert index.count() == 1

    def test_threads_may_share_it(self, folder: Path) -> None:
        def put_and_find(number: int) -> int:
            index.put([entry(number)])
            return index.search(parse(f"SO{number:06d}"), SCOPE).total

        with TantivyIndex(folder) as index, ThreadPoolExecutor(4) as threads:
            assert list(threads.map(put_and_find, range(20))) == [1] * 20
            assert index.count() == 20


class TestKills:
    """What was acknowledged stays, whatever is killed, and the next writer starts at once."""

    def test_nothing_acknowledged_is_lost_when_the_writer_is_killed(self, folder: Path) -> None:
        chance = random.Random(20261122)
        for _ in range(5):
            TantivyIndex.recreate(folder).close()
            with other_process(folder, "feed") as other:
                acknowledged = int(line_of(other))
                deadline = time.monotonic() + chance.uniform(0, 0.4)
                while time.monotonic() < deadline:
                    acknowledged = int(line_of(other))
                other.send_signal(signal.SIGKILL)
                rest, _ = other.communicate()
                acknowledged = max([acknowledged, *map(int, rest.split())])
            with TantivyIndex(folder) as index:
                # all of a batch, or none of it
                assert index.count() in (acknowledged, acknowledged + 3)
                for number in range(acknowledged):
                    assert index.search(parse(f"SO{number:06d}"), SCOPE).total == 1
                index.put(DOCUMENTS)
                assert index.search(parse("đạt"), SCOPE).total == 1

    def test_a_full_disk_refuses_the_batch_and_leaves_what_was_there(self, folder: Path) -> None:
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        with TantivyIndex(folder) as index:
            index.put(DOCUMENTS[:3])
            kept = []  # as a log or a debugger keeps errors, with all that their frames hold
            for limit in (10, 100, 1000, 3000):
                resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
                try:
                    with pytest.raises(Unavailable) as caught:
                        index.put(DOCUMENTS)
                    kept.append(caught.value)
                finally:
                    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
                assert index.count() == 3
            index.put(DOCUMENTS)
            assert index.count() == len(DOCUMENTS)
            assert len(kept) == 4


class TestUnusable:
    """An index that cannot be trusted says so, names the remedy, and can be made again."""

    def remade(self, folder: Path) -> None:
        with TantivyIndex.recreate(folder) as index:
            index.put(DOCUMENTS)
            assert index.count() == len(DOCUMENTS)

    def test_a_folder_that_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(IndexUnusable, match="kho rebuild"):
            TantivyIndex(tmp_path / "none" / "at all")
        assert not (tmp_path / "none").exists()
        self.remade(tmp_path / "none" / "at all")

    def test_an_empty_folder(self, tmp_path: Path) -> None:
        with pytest.raises(IndexUnusable):
            TantivyIndex(tmp_path)
        self.remade(tmp_path)

    @pytest.mark.parametrize("changed", ["engine", "format", "analysis"])
    def test_another_version(self, folder: Path, changed: str) -> None:
        path = folder / "format.json"
        path.write_text(json.dumps({**json.loads(path.read_bytes()), changed: 0}))
        with pytest.raises(IndexUnusable) as caught:
            TantivyIndex(folder)
        assert "kho rebuild" in caught.value.explain("vi")
        self.remade(folder)

    @pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"[]"])
    def test_a_torn_format_file(self, folder: Path, content: bytes) -> None:
        (folder / "format.json").write_bytes(content)
        with pytest.raises(IndexUnusable):
            TantivyIndex(folder)
        self.remade(folder)

    def test_an_index_is_made_beside_the_one_that_serves(self, folder: Path) -> None:
        with TantivyIndex(folder) as old:
            old.put(DOCUMENTS[:3])
            old.release_writer()
            with TantivyIndex.remade(folder) as index:
                index.put(DOCUMENTS[:5])
                index.release_writer()
                index.put(DOCUMENTS[5:])
                assert index.search(parse("đạt"), SCOPE).total == 1
                assert old.count() == 3
                with TantivyIndex(folder) as another:
                    assert another.count() == 3
                with pytest.raises(IndexBusy), TantivyIndex.remade(folder):
                    pass
            assert old.count() == len(DOCUMENTS)
            old.put(DOCUMENTS[:1])
        assert len(list(folder.glob("segments*"))) == 1

    def test_an_interrupted_index_leaves_the_one_that_serves(self, folder: Path) -> None:
        def broken_off() -> None:
            with TantivyIndex.remade(folder) as index:
                index.put(DOCUMENTS[:5])
                raise KeyboardInterrupt

        self.remade(folder)
        with pytest.raises(KeyboardInterrupt):
            broken_off()
        with TantivyIndex(folder) as index:
            assert index.count() == len(DOCUMENTS)
        assert len(list(folder.glob("segments*"))) == 1

    def test_a_killed_rebuild_leaves_the_one_that_serves(self, folder: Path) -> None:
        self.remade(folder)
        with other_process(folder, "rebuild") as process:
            assert line_of(process) == "half"
            with TantivyIndex(folder) as index:
                assert index.count() == len(DOCUMENTS)
            process.kill()
            process.wait()
        with TantivyIndex(folder) as index:
            assert index.count() == len(DOCUMENTS)
        self.remade(folder)
        assert len(list(folder.glob("segments*"))) == 1

    def test_a_first_index_that_is_being_made_is_not_there_yet(self, tmp_path: Path) -> None:
        with TantivyIndex.remade(tmp_path), pytest.raises(IndexUnusable):
            TantivyIndex(tmp_path)

    def test_a_format_file_that_names_another_place_is_not_followed(self, folder: Path) -> None:
        path = folder / "format.json"
        for name in ("../elsewhere", "/etc", 7, None):
            path.write_text(json.dumps({**json.loads(path.read_bytes()), "segments": name}))
            with pytest.raises(IndexUnusable):
                TantivyIndex(folder)
        self.remade(folder)

    def test_files_that_vanish_under_an_open_index(self, folder: Path) -> None:
        with TantivyIndex(folder) as index:
            shutil.rmtree(segments(folder))
            for use in (index.count, lambda: index.search(Query(), SCOPE)):
                with pytest.raises(IndexUnusable):
                    use()
        self.remade(folder)

    @pytest.mark.parametrize(
        "damage",
        [
            lambda path: path.unlink(),
            lambda path: path.write_bytes(b""),
            lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
            lambda path: path.write_bytes(bytes(path.stat().st_size)),
        ],
        ids=["lost", "emptied", "cut", "zeroed"],
    )
    def test_damage_to_any_file_is_reported_never_a_crash(
        self, tmp_path: Path, damage: Callable[[Path], object]
    ) -> None:
        sound = tmp_path / "sound"
        with TantivyIndex.recreate(sound) as index:
            index.put(DOCUMENTS[:7])
            index.put(DOCUMENTS[7:])
            index.put(DOCUMENTS[:3])
        names = [path.name for path in segments(sound).iterdir() if not path.name.startswith(".")]
        assert len(names) > 10
        for name in names:
            damaged = shutil.copytree(sound, tmp_path / name)
            damage(segments(damaged) / name)
            with pytest.raises(IndexUnusable):
                use(damaged)

    def test_a_flipped_bit_is_at_worst_an_unusable_index(self, tmp_path: Path) -> None:
        sound, chance = tmp_path / "sound", random.Random(20261122)
        with TantivyIndex.recreate(sound) as index:
            index.put(DOCUMENTS)
        names = sorted(path.name for path in segments(sound).iterdir() if path.stat().st_size)
        for turn in range(40):
            damaged = shutil.copytree(sound, tmp_path / str(turn))
            path = segments(damaged) / chance.choice(names)
            data = bytearray(path.read_bytes())
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
            path.write_bytes(data)
            with suppress(IndexUnusable, Unavailable):
                use(damaged)


def test_errors_hold_no_patient_data(folder: Path) -> None:
    (segments(folder) / "meta.json").write_text("Nguyễn Thử Hòa")
    with pytest.raises(IndexUnusable) as caught:
        TantivyIndex(folder)
    assert "Hòa" not in str(caught.value.as_json())


def test_many_equal_scores_are_shown_newest_first(folder: Path) -> None:
    batches = [[entry(10 * turn + step) for step in range(10)] for turn in range(6)]
    with TantivyIndex(folder) as index:
        for batch in batches:
            index.put(batch)
        archived = [document.document_id for batch in batches for document in batch]
        results = index.search(Query(text="hòa", limit=100), SCOPE)
    newest = sorted(archived, key=lambda name: name[:13], reverse=True)
    assert [hit.document_id[:13] for hit in results.hits] == [name[:13] for name in newest]
