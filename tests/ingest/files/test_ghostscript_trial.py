"""A Ghostscript that corrupts text is recognised and named before any file needs it."""

import os
from pathlib import Path

import pytest

from archive.files.working_folders import WorkingFolders
from ingest.files.converting import Converter
from ingest.files.ghostscript_trial import Trial, try_ghostscript
from tests.ingest.files.papers import foreign_pdf
from tests.judges.missing import require_program


def trial(folder: Path) -> Trial | None:
    """Try the Ghostscript that is on the PATH."""
    return try_ghostscript(Converter(WorkingFolders(folder / "workshop")))


def test_the_ghostscript_of_this_machine_has_a_version(tmp_path: Path) -> None:
    require_program("gs")
    result = trial(tmp_path)
    assert result is not None
    assert len(result.version) == 3
    assert not result.corrupts


@pytest.mark.parametrize(
    ("version", "warned"),
    [((9, 56, 1), False), ((10, 0, 0), True), ((10, 2, 0), True), ((10, 2, 1), False)],
)
def test_versions_that_are_known_to_corrupt_text_are_named(
    version: tuple[int, ...], warned: bool
) -> None:
    warning = Trial(version, corrupts=False).warning
    assert (warning is not None) == warned
    if warning is not None:
        assert f"{version[0]}.{version[1]:02d}.{version[2]}" in warning.en


def test_a_program_that_changes_the_page_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "bin" / "gs"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\nexec cp {program.parent / 'other.pdf'} out.pdf\n")
    program.chmod(0o755)
    (program.parent / "other.pdf").write_bytes(foreign_pdf("chu khac"))
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    result = trial(tmp_path)
    assert result is not None
    assert result.corrupts
    assert result.warning is not None


def test_without_the_program_there_is_nothing_to_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert trial(tmp_path) is None
