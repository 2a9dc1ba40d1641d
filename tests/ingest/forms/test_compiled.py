"""Shipped forms that are kept compiled: never other forms than those that the files define."""

import sys
from pathlib import Path

import pytest

from ingest.codes import lists
from ingest.forms.catalog import FormCatalog
from ingest.forms.compiled import compiled
from ingest.forms.model import Form


class Reader:
    """Counts how often the definitions are read."""

    def __init__(self) -> None:
        self.form = FormCatalog.load().get("36/BV2")
        self.times = 0

    def __call__(self) -> tuple[Form, ...]:
        self.times += 1
        return (self.form,)


@pytest.fixture
def reader() -> Reader:
    return Reader()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.setattr(sys, "pycache_prefix", None)
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "form.yaml").write_text("code: A", "utf-8")
    return tmp_path


def kept(folder: Path) -> Path:
    (file,) = (folder / "__pycache__").iterdir()
    return file


def test_forms_are_read_once_for_all_processes_and_again_when_a_definition_changes(
    folder: Path, reader: Reader
) -> None:
    assert compiled(folder, reader) == compiled(folder, reader) == (reader.form,)
    assert reader.times == 1
    (folder / "one" / "form.yaml").write_text("code: B", "utf-8")
    compiled(folder, reader)
    assert reader.times == 2
    (folder / "assembly.py").write_text("", "utf-8")  # the code that reads them
    compiled(folder, reader)
    assert reader.times == 3


def test_forms_are_read_again_when_a_shared_code_list_changes(
    folder: Path,
    reader: Reader,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    codes = tmp_path_factory.mktemp("codes")
    (codes / "shipped").mkdir()
    monkeypatch.setattr(lists, "__file__", str(codes / "lists.py"))
    compiled(folder, reader)
    (codes / "shipped" / "tinh.yaml").write_text("id: tinh", "utf-8")
    compiled(folder, reader)
    assert reader.times == 2


@pytest.mark.parametrize("damage", [b"", b"x", None])
def test_a_damaged_file_is_made_again(folder: Path, reader: Reader, damage: bytes | None) -> None:
    compiled(folder, reader)
    sound = kept(folder).read_bytes()
    kept(folder).write_bytes(sound[:-1] if damage is None else damage + sound[len(damage) + 1 :])
    assert compiled(folder, reader) == (reader.form,)
    assert reader.times == 2
    assert kept(folder).read_bytes() == sound


def test_forms_are_read_where_nothing_can_be_kept(
    folder: Path, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "__pycache__").write_bytes(b"")  # a file where the folder should be
    assert compiled(folder, reader) == (reader.form,)
    (folder / "__pycache__").unlink()
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert compiled(folder, reader) == (reader.form,)
    assert not (folder / "__pycache__").exists()
