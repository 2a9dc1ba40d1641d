"""Working folders belong to one job and one user, and are gone after it, also after a kill."""

import os
import stat
import tempfile
from pathlib import Path

import pytest

from archive.base.errors import Unavailable
from archive.files.working_folders import WorkingFolders


def test_a_folder_is_private_and_lasts_as_long_as_its_job(tmp_path: Path) -> None:
    place = tmp_path / "home" / "workshop"
    with WorkingFolders(place).job() as folder, WorkingFolders(place).job() as other:
        assert folder != other
        assert {stat.S_IMODE(each.stat().st_mode) for each in (place, folder)} == {0o700}
        (folder / "file").write_bytes(b"x")
    assert list(place.iterdir()) == []


def test_what_a_killed_process_left_is_swept_and_no_living_job(tmp_path: Path) -> None:
    (tmp_path / "job-killed").mkdir()
    (tmp_path / "job-killed" / "in.pdf").write_bytes(b"left by a process that was killed")
    (tmp_path / "a-file").touch()
    with WorkingFolders(tmp_path).job() as living:
        (tmp_path / "check-killed").mkdir()
        WorkingFolders(tmp_path).sweep()
        assert {each.name for each in tmp_path.iterdir()} == {living.name, "a-file"}


def test_a_folder_that_is_no_jobs_stays(tmp_path: Path) -> None:
    (tmp_path / "other" / "within").mkdir(parents=True)
    with WorkingFolders(tmp_path).job():
        pass
    assert (tmp_path / "other" / "within").is_dir()


def test_a_sweep_makes_nothing(tmp_path: Path) -> None:
    WorkingFolders(tmp_path / "workshop").sweep()
    assert list(tmp_path.iterdir()) == []


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "file").touch()
    place = tmp_path / "workshop"
    place.mkdir()
    (place / "job-link").symlink_to(tmp_path / "elsewhere")
    WorkingFolders(place).sweep()
    assert (tmp_path / "elsewhere" / "file").exists()


def test_a_place_that_refuses_is_named(tmp_path: Path) -> None:
    (tmp_path / "workshop").touch()
    with pytest.raises(Unavailable) as refused, WorkingFolders(tmp_path / "workshop").job():
        pass
    assert refused.value.facts["component"] == "workshop"


def test_a_home_that_cannot_be_written_has_its_jobs_in_the_temporary_folder(tmp_path: Path) -> None:
    (tmp_path / "home").touch()
    with WorkingFolders(tmp_path / "home" / "scratch").job(or_temporary=True) as folder:
        assert folder.is_dir()
        assert tmp_path not in folder.parents
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert not folder.exists()


def test_a_machine_without_any_temporary_folder_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "home").touch()
    monkeypatch.setattr(tempfile, "tempdir", os.fspath(tmp_path / "home"))
    job = WorkingFolders(tmp_path / "home" / "scratch").job(or_temporary=True)
    with pytest.raises(Unavailable) as refused, job:
        pass
    assert refused.value.facts["component"] == "TMPDIR"
