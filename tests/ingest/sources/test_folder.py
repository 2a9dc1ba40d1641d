"""Files are taken from disk in order, whole, and never from outside of what was named."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from ingest.sources.folder import SourceFile, read_sources
from ingest.sources.limits import DEFAULT_LIMITS
from ingest.submission import RefusedSource


def _pipe(folder: Path) -> Path:
    os.mkfifo(folder / "pipe.xml")
    return folder


def _outside(folder: Path) -> Path:
    (folder.parent / "secret.xml").write_bytes(b"<x/>")
    (folder / "link.xml").symlink_to(folder.parent / "secret.xml")
    return folder


def _large(folder: Path) -> Path:
    (folder / "large.xml").write_bytes(bytes(101))
    return folder


def _too_long_a_name(folder: Path) -> Path:
    return folder / ("a" * 300)


REFUSALS: dict[str, Callable[[Path], Path]] = {
    "source.missing": lambda folder: folder / "nothing.xml",
    "source.not_a_file": _pipe,
    "source.link": _outside,
    "source.too_large": _large,
    "source.unreadable": _too_long_a_name,
}


def sources(path: Path) -> list[SourceFile]:
    """Read what must be readable."""
    return [file for file in read_sources([path]) if isinstance(file, SourceFile)]


@pytest.mark.parametrize("code", REFUSALS)
def test_what_cannot_be_read_is_refused_by_name(code: str, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    path = REFUSALS[code](folder)
    (refused,) = read_sources([path], replace(DEFAULT_LIMITS, source_bytes=100))
    assert isinstance(refused, RefusedSource)
    assert [fault.code for fault in refused.faults] == [code]


def test_folders_are_read_in_order_and_hidden_files_are_left(tmp_path: Path) -> None:
    for name in ("b.xml", "a.json", ".hidden.xml", "sub/c.xml", ".git/d.xml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(name.encode())
    assert [(file.name, file.data) for file in sources(tmp_path)] == [
        (str(tmp_path / "a.json"), b"a.json"),
        (str(tmp_path / "b.xml"), b"b.xml"),
        (str(tmp_path / "sub/c.xml"), b"sub/c.xml"),
    ]


def test_a_link_that_was_named_by_the_person_is_followed(tmp_path: Path) -> None:
    (tmp_path / "real.xml").write_bytes(b"<x/>")
    (tmp_path / "link.xml").symlink_to("real.xml")
    assert [(file.name, file.data) for file in sources(tmp_path / "link.xml")] == [
        (str(tmp_path / "link.xml"), b"<x/>")
    ]
