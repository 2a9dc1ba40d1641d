"""A child that its file has taken over attains nothing: neither keys nor vault, network, processes
nor programs.
"""

import errno
import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from archive.base.errors import Unreadable
from archive.isolation.child import Limits, TooDemanding, isolated
from archive.isolation.programs import run_confined
from tests.archive.isolation.sandbox import attacks
from tests.archive.isolation.sandbox.kernel import require_landlock, require_seccomp
from tests.archive.isolation.test_child import wait_for_end
from tests.judges.missing import require_program

QUICK = Limits(seconds=20, memory=1 << 30, file_size=1 << 20)
KEY = b"the key of the ledger"
_BY_SECCOMP = frozenset({"truncate_vault", "open_key_to_all", "set_back_times", "name_attribute"})


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder as an archive's home: a key, an object of the vault, a workshop with another child's
    folder.
    """
    for name, data in (
        ("keys/ledger.pem", KEY),
        ("vault/object", b"sealed"),
        ("workshop/job-other/in.pdf", KEY),
    ):
        file = tmp_path / "home" / name
        file.parent.mkdir(parents=True)
        file.write_bytes(data)
    return tmp_path / "home"


def state(home: Path) -> dict[str, tuple[bytes, int, int]]:
    """Return what an attack could have changed."""
    return {
        str(file): (file.read_bytes(), file.stat().st_mode, file.stat().st_mtime_ns)
        for file in home.rglob("*")
        if file.is_file() and "job-mine" not in file.parts
    }


@pytest.mark.parametrize("name", attacks.FILES)
def test_a_parser_reaches_no_file_but_software(home: Path, name: str) -> None:
    require_seccomp() if name in _BY_SECCOMP else require_landlock()
    before = state(home)
    with pytest.raises(Unreadable, match="PermissionError"):
        isolated(QUICK, attacks.FILES[name], str(home))
    assert state(home) == before


@pytest.mark.parametrize("name", attacks.CALLS)
def test_a_parser_reaches_no_process_no_network_and_no_program(name: str) -> None:
    require_seccomp()
    with pytest.raises(Unreadable, match="PermissionError"):
        isolated(QUICK, attacks.by_name, name)


@pytest.mark.parametrize("name", attacks.LACKING)
def test_calls_whose_arguments_no_filter_reads_or_that_are_new_are_missing(name: str) -> None:
    require_seccomp()
    assert isolated(QUICK, attacks.lacking, name) == str(errno.ENOSYS).encode()


@pytest.mark.skipif(
    platform.machine() != "x86_64", reason="ARM64 has no second table in a 64-bit process"
)
def test_calls_by_another_machines_table_end_the_child() -> None:
    require_seccomp()
    with pytest.raises(TooDemanding):
        isolated(QUICK, attacks.foreign_table, "")


def test_a_child_of_root_keeps_no_power_but_to_open_other_users_files() -> None:
    effective, permitted, inheritable = json.loads(isolated(QUICK, attacks.powers))
    assert effective == permitted
    assert permitted & ~0b110 == 0  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
    assert inheritable == 0


def threads() -> bytes:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(4) as pool:
        return bytes(pool.map(int, b"abcd"))


def descriptors() -> bytes:
    return b"%d" % len([each for each in range(3, 1024) if _is_open(each)])


def _is_open(handle: int) -> bool:
    try:
        os.fstat(handle)
    except OSError:
        return False
    return True


def many_files() -> bytes:
    opened = []
    try:
        while True:
            opened.append(os.pipe())
    except OSError:
        return b"%d" % len(opened)


def test_threads_are_allowed_and_only_the_answers_pipe_is_open() -> None:
    assert isolated(QUICK, threads) == b"abcd"
    assert int(isolated(QUICK, descriptors)) == 1 + 1  # and what `nowhere` was opened as
    assert int(isolated(QUICK, many_files)) < 256


def program(home: Path, code: str, *, starts: bool = False) -> int:
    """Run `code` as a program that was taken over, in a folder of its own; it finds the attacks and
    the home.
    """
    folder = home / "workshop" / "job-mine"
    folder.mkdir(exist_ok=True)
    command = [sys.executable, "-P", "-c", code, str(home)]
    return run_confined(command, folder, QUICK, starts=starts)


def attack(name: str, home: Path, *, starts: bool) -> int:
    """Return 0 where a program attained something by the attack, 3 where it was refused."""
    shutil.copy(attacks.__file__, _mine(home) / "attacks.py")
    code = f"""
import sys
sys.path.insert(0, ".")
import attacks
files = {{key: (lambda act=act: act(sys.argv[1])) for key, act in attacks.FILES.items()}}
every = {{**attacks.CALLS, **files}}
try:
    every[{name!r}]()
except PermissionError:
    sys.exit(3)
"""
    return program(home, code, starts=starts)


def _mine(home: Path) -> Path:
    folder = home / "workshop" / "job-mine"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.mark.parametrize("name", attacks.FILES)
def test_a_program_reaches_no_file_of_the_home(home: Path, name: str) -> None:
    require_seccomp() if name in _BY_SECCOMP else require_landlock()
    before = state(home)
    assert attack(name, home, starts=True) == 3
    assert state(home) == before


@pytest.mark.parametrize("name", [*attacks.BY_SYSTEM_CALL, "fork"])
def test_a_program_reaches_no_process_and_no_network(home: Path, name: str) -> None:
    require_seccomp()
    assert attack(name, home, starts=False) == 3


@pytest.mark.parametrize("name", attacks.BY_SYSTEM_CALL)
def test_a_program_that_starts_others_reaches_no_process_of_kho(home: Path, name: str) -> None:
    require_seccomp()
    if "kill" in name:
        require_landlock(6)  # the filter cannot know which processes are its own
    assert attack(name, home, starts=True) == 3


def test_a_program_works_in_its_own_folder_only(home: Path) -> None:
    require_landlock()
    code = """
import os, sys
from pathlib import Path
os.mkdir("a")
Path("a/b").write_bytes(b"x")
os.rename("a/b", "c")
os.symlink("c", "d")
os.unlink("d")
try:
    Path("../job-other/in.pdf").read_bytes()
except PermissionError:
    sys.exit(0)
"""
    assert program(home, code) == 0


def test_a_fork_bomb_ends_with_its_group(home: Path) -> None:
    code = """
import os, time
for _ in range(5):
    os.fork()
    os.fork()
open(f"pid-{os.getpid()}", "w").close()
time.sleep(600)
"""
    folder = _mine(home)
    with pytest.raises(TooDemanding):
        run_confined(
            [sys.executable, "-P", "-c", code],
            folder,
            Limits(seconds=3, memory=1 << 30),
            starts=True,
        )
    started = [int(file.name.partition("-")[2]) for file in folder.glob("pid-*")]
    assert started
    for process in started:
        wait_for_end(process)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 MiB; without the right to mount one the test is skipped loudly."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=64m,nr_inodes=1000", "tmpfs", str(folder)]
    if subprocess.run(command, capture_output=True).returncode:
        pytest.skip("NOT JUDGED: no file system can be mounted here (root)")
    yield folder
    subprocess.run(["umount", folder], check=True)


@pytest.mark.parametrize(
    "code",
    [
        "for n in range(60): open(str(n), 'wb').write(bytes(1 << 20))",
        "for n in range(900): open(str(n), 'wb').close()",
        "import os\nheld = [open(str(n), 'wb') for n in range(60)]\n"
        "for n, file in enumerate(held): os.unlink(str(n)); file.write(bytes(1 << 20)); "
        "file.flush()",
    ],
    ids=["bytes", "files", "files without a name"],
)
def test_a_program_that_fills_the_disk_is_ended(small_disk: Path, code: str) -> None:
    with pytest.raises(TooDemanding):
        run_confined(
            [sys.executable, "-P", "-c", f"{code}\nimport time\ntime.sleep(15)"], small_disk, QUICK
        )


READS = """
/out (out.txt) (w) file def
{ (%s) (r) file dup 100 string readstring pop out exch writestring closefile } stopped
{ out (REFUSED) writestring } if
out closefile
"""


@pytest.mark.parametrize("name", ["keys/ledger.pem", "workshop/job-other/in.pdf"])
def test_ghostscript_without_its_own_guard_reads_no_file_outside(home: Path, name: str) -> None:
    require_program("gs")
    require_landlock()
    assert ghostscript(home, READS % (home / name)) == b"REFUSED"


def test_ghostscript_without_its_own_guard_starts_nothing(home: Path) -> None:
    require_program("gs")
    require_seccomp()
    assert ghostscript(home, READS % "%pipe%echo started") in (b"REFUSED", b"")


def test_ghostscript_reads_what_lies_in_its_folder(home: Path) -> None:
    """Else the tests above would see a Ghostscript that cannot work at all."""
    require_program("gs")
    (_mine(home) / "near.txt").write_bytes(b"near")
    assert ghostscript(home, READS % "near.txt") == b"near"


def ghostscript(home: Path, postscript: str) -> bytes:
    """Return what a Ghostscript writes that was given free rein (-dNOSAFER)."""
    folder = _mine(home)
    (folder / "in.ps").write_text(postscript)
    gs = shutil.which("gs")
    assert gs is not None
    command = [gs, "-dNOSAFER", "-dBATCH", "-dNOPAUSE", "-dQUIET", "-sDEVICE=nullpage", "in.ps"]
    run_confined(command, folder, QUICK)
    return (folder / "out.txt").read_bytes()
