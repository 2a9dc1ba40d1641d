"""The structures that the kernel is given are those of `linux/landlock.h`,
for each version of it.
"""

import os
import struct
from pathlib import Path

import pytest

from archive.isolation.sandbox.landlock import READ, RUN, WORK, Right, handled, rule, ruleset
from archive.isolation.sandbox.reach import NOTHING, Reach, places


@pytest.mark.parametrize(
    ("abi", "rights", "size"),
    [
        (1, 0x1FFF, 8),
        (2, 0x3FFF, 8),
        (3, 0x7FFF, 8),
        (4, 0x7FFF, 16),
        (5, 0xFFFF, 16),
        (6, 0xFFFF, 24),
        (9, 0xFFFF, 24),
    ],
)
def test_all_that_a_version_knows_is_taken_away(abi: int, rights: int, size: int) -> None:
    assert handled(abi) == rights
    assert struct.unpack_from("=Q", ruleset(abi))[0] == rights
    assert len(ruleset(abi)) == size
    assert set(struct.unpack(f"={size // 8}Q", ruleset(abi))[1:]) <= {0b11}


def granted(path: Path, rights: int, abi: int) -> int:
    handle = os.open(path, os.O_PATH)
    try:
        packed = rule(rights, handle, abi)
        assert len(packed) == 12
        assert struct.unpack("=Qi", packed)[1] == handle
        return int(struct.unpack("=Qi", packed)[0])
    finally:
        os.close(handle)


def test_a_rule_grants_no_right_that_the_version_or_a_file_lacks(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    assert granted(tmp_path, WORK, 6) == WORK
    assert granted(tmp_path, WORK, 1) == WORK & 0x1FFF
    assert granted(tmp_path / "file", READ, 6) == Right.READ_FILE
    assert granted(tmp_path / "file", RUN, 1) == Right.READ_FILE | Right.EXECUTE


def test_only_a_programs_own_folder_is_written_and_only_software_is_run(tmp_path: Path) -> None:
    writing = (
        Right.WRITE_FILE
        | Right.MAKE_REG
        | Right.REMOVE_FILE
        | Right.MAKE_DIR
        | Right.TRUNCATE
        | Right.REFER
    )
    parser, program = places(NOTHING), places(Reach(str(tmp_path), becomes=True))
    assert {path for path, rights in parser.items() if rights & writing} == {"/dev/null"}
    assert {path for path, rights in program.items() if rights & writing} == {
        "/dev/null",
        str(tmp_path),
    }
    assert not [path for path, rights in parser.items() if rights & Right.EXECUTE]
    assert not program[str(tmp_path)] & Right.EXECUTE


def test_no_place_is_the_root_a_users_folder_or_other_processes() -> None:
    paths = [Path(path) for path in places(Reach(search="/usr/bin:bin:.:"))]
    for path in paths:
        assert path.is_absolute()
        assert path not in (
            Path("/"),
            Path("/etc"),
            Path("/proc"),
            Path("/var"),
            Path("/tmp"),
            Path.cwd(),
            Path.home(),
        )
