"""A file from a stranger is read whole if it is a regular one of bounded size; nothing else is
waited for.
"""

import os
from pathlib import Path

import pytest

from api.regular_file import read_regular
from archive.base.errors import Unreadable


def test_a_regular_file_is_read_whole_up_to_the_limit(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"four")
    assert read_regular(tmp_path / "a", 4) == b"four"
    with pytest.raises(Unreadable, match="larger"):
        read_regular(tmp_path / "a", 3)


def test_a_pipe_without_a_writer_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(Unreadable, match="regular"):
        read_regular(tmp_path / "pipe", 4)


def test_a_missing_file_is_named_in_both_languages(tmp_path: Path) -> None:
    with pytest.raises(Unreadable) as refusal:
        read_regular(tmp_path / "missing", 4)
    assert "không có tệp này" in refusal.value.explain("vi")
    assert "it does not exist" in refusal.value.explain("en")


@pytest.mark.parametrize("file", ["/dev/zero", "/dev", "nowhere/at/all"])
def test_devices_folders_and_nothing_are_refused(file: str) -> None:
    with pytest.raises(Unreadable):
        read_regular(Path(file), 4)
