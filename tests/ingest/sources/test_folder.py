"""Files are taken from disk in order, whole, and never from outside of what was named."""

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Literal
from unicodedata import normalize

import pytest

from archive.base.errors import SubmissionRejected
from archive.files.beneath import MOST_LEVELS
from ingest.sources.folder import SourceFile, claims, read_sources
from ingest.sources.limits import DEFAULT_LIMITS
from ingest.sources.spelling import Spellings
from ingest.submission import RefusedSource

Form = Literal["NFC", "NFD"]
FORMS: tuple[Form, ...] = ("NFC", "NFD")
PNG = b"\x89PNG\r\n\x1a\n"


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


def _not_utf8(folder: Path) -> Path:
    with open(os.fsencode(folder) + b"/H\xf2a.xml", "wb"):  # noqa: PTH123 - the name is bytes
        return folder


def _deep(folder: Path) -> Path:
    (folder / "/".join("d" * (MOST_LEVELS + 1)) / "e/f").mkdir(parents=True)
    return folder


REFUSALS: dict[str, Callable[[Path], Path]] = {
    "source.missing": lambda folder: folder / "nothing.xml",
    "source.not_a_file": _pipe,
    "source.link": _outside,
    "source.too_large": _large,
    "source.unreadable": _too_long_a_name,
    "source.name": _not_utf8,
    "source.too_deep": _deep,
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


def test_names_from_disk_are_printable(tmp_path: Path) -> None:
    (tmp_path / "a\n\u202eb.json").write_bytes(b"{}")
    (source,) = sources(tmp_path)
    assert source.name == f"{tmp_path}/a‹U+000A›‹U+202E›b.json"


@pytest.mark.parametrize("wanted", ["NFC", "NFD"])
@pytest.mark.parametrize("there", [["NFC", "NFD"], ["NFD", "NFC"], ["NFC"], ["NFD"]])
def test_the_exact_spelling_of_a_name_comes_first_in_whatever_order(
    tmp_path: Path, wanted: Form, there: list[Form]
) -> None:
    for form in there:
        (tmp_path / normalize(form, "quét.png")).write_bytes(PNG + form.encode())
    names = {"papers": [{"file": {"name": normalize(wanted, "quét.png")}}]}
    (tmp_path / "a.json").write_text(json.dumps(names, ensure_ascii=False))
    read = sources(tmp_path)
    (name,) = claims(read[0])
    meant = Spellings(read[0].beside).only(name, "/")
    expected = wanted if wanted in there else there[0]
    assert read[0].beside[meant] == PNG + expected.encode()
    assert len(read) == len(there)  # the record, and the other file where there is another


def test_a_name_that_several_files_answer_to_is_refused_with_each_of_them(tmp_path: Path) -> None:
    for form in FORMS:
        (tmp_path / normalize(form, "quét ệ.png")).write_bytes(PNG)
    mixed = normalize("NFC", "quét ") + normalize("NFD", "ệ") + ".png"
    with pytest.raises(SubmissionRejected) as refused:
        Spellings([path.name for path in tmp_path.iterdir()]).only(mixed, "/papers/0/file/name")
    (fault,) = refused.value.faults
    assert (fault.path, fault.code) == ("/papers/0/file/name", "file.ambiguous")
    assert "quét ệ.png" in fault.message.en
    assert "que‹U+0301›t e‹U+0323›‹U+0302›.png" in fault.message.en


def test_a_folder_is_listed_once_however_many_names_are_missing() -> None:
    class Listed(list[str]):
        times = 0

        def __iter__(self) -> Iterator[str]:
            Listed.times += 1
            return super().__iter__()

    beside = Spellings(Listed(["quét.png"]))
    assert [beside.meant(f"thiếu-{number}.png") for number in range(100)] == [[]] * 100
    assert Listed.times == 1
