"""Names and texts from outside forge no line of what a command prints, and stop no other file."""

import json
import os
from pathlib import Path

import pytest

from tests.fixtures.home import chart, json_lines, kho

FORGED = "a\n✓ 01a00000-0000-7000-8000-000000000000  KHAC\x1b[1A\x1b[2K\x9b\u202e\u2028b"


def lines(text: str) -> list[str]:
    """Return lines as a terminal shows them."""
    return text.splitlines()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a file of a forged name, one of a name that is not UTF-8, and a good one."""
    place = tmp_path / "in"
    place.mkdir()
    (place / f"{FORGED}.json").write_bytes(b"{}")
    with open(os.fsencode(place) + b"/a-H\xf2a.json", "wb") as file:  # noqa: PTH123 - the name is bytes
        file.write(json.dumps(chart(1)).encode())
    (place / "z.json").write_text(json.dumps(chart(2)))
    return place


@pytest.mark.parametrize("as_json", [True, False])
def test_a_folder_is_ingested_to_its_end(home_folder: Path, folder: Path, as_json: bool) -> None:
    done = kho(home_folder, "ingest", folder, *(["--json"] if as_json else []))
    assert done.returncode == 3
    printed = done.stdout + done.stderr
    assert not {"\x1b", "\x9b", "\u202e", "\u2028"} & set(printed)
    assert "a-H‹F2›a.json" in printed
    assert sum(line.startswith("✓") for line in lines(printed)) == 1
    if as_json:
        refused = {
            Path(line["source"]).name: line["refused"]
            for line in json_lines(done.stdout)
            if "refused" in line
        }
        assert [fault["code"] for fault in refused["a-H‹F2›a.json"]] == ["source.name"]


def test_names_that_the_person_gives_are_printable_too(home_folder: Path, folder: Path) -> None:
    for command in (["verify"], ["packet", "verify"], ["ingest"], ["watch", "--once"]):
        done = kho(home_folder, *command, folder / FORGED)
        printed = done.stdout + done.stderr
        assert done.returncode != 0
        assert not {"\x1b", "\x9b", "\u202e"} & set(printed), command
        assert not any(line.startswith("✓") for line in lines(printed)), command


def test_a_manifest_s_headers_and_names_forge_nothing(home_folder: Path, tmp_path: Path) -> None:
    table = tmp_path / f"{FORGED}.csv"
    table.write_text(f'file;episode;name;"{FORGED}"\n"{FORGED}";LK1;X;y\n')
    for options in ([], ["--json"]):
        done = kho(home_folder, "ingest", "--manifest", table, *options)
        printed = done.stdout + done.stderr
        assert done.returncode == 3
        assert not {"\x1b", "\x9b", "\u202e", "\u2028"} & set(printed)
        assert not any(line.startswith("✓") for line in lines(printed))
