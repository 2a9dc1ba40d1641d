"""What was done is what is said, wherever the output goes; and a command runs as the home's own
user.
"""

import json
import os
import pwd
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from api.cli.owner import AnothersHome, require_owner
from api.home import Home
from archive.catalog.tables import ActRow
from tests.fixtures.home import chart, json_lines, kho, paper
from tests.repo.test_messages import errors

KHO = f"{sys.executable} -P -c 'from api.cli.main import main; main()'"
UNKNOWN = "0190a1b2-0000-7000-8000-000000000000"
NAMESPACE = ["unshare", "--user", "--map-root-user", "--mount"]


def shell(
    folder: Path, command: str, wrap: Sequence[str] = (), **env: str
) -> subprocess.CompletedProcess[str]:
    """Run a line of the shell in which `$KHO` is the command, on the home at `folder`."""
    return subprocess.run(
        [*wrap, "sh", "-c", command.replace("$KHO", KHO)],
        env={**os.environ, "KHO_HOME": str(folder), **env},
        capture_output=True,
        encoding="utf-8",
        timeout=300,
    )


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A chart in a file."""
    file = tmp_path / "chart.json"
    file.write_text(json.dumps(chart(1, papers=[paper("1"), paper("2")])))
    return file


def acts(folder: Path) -> int:
    with Home.open(folder) as home, home.catalog.read() as session:
        return session.query(ActRow).count()


@pytest.mark.parametrize("option", ["--json", "--lang en"])
@pytest.mark.parametrize("output", [">/dev/full", ">&-"])
def test_an_answer_that_is_lost_is_reported_with_what_was_recorded(
    home_folder: Path, source: Path, option: str, output: str
) -> None:
    done = shell(home_folder, f"$KHO ingest {option} --lang en {source} {output}")
    assert done.returncode == 11
    assert "stdout" in done.stderr
    assert "recorded 1 act(s), up to #1" in done.stderr
    assert "Kho changed nothing in the archive" not in done.stderr
    assert "Traceback" not in done.stderr
    assert acts(home_folder) == 2
    assert len(json_lines(kho(home_folder, "ingest", "--json", source, check=True).stdout)) == 2, (
        "safe to give again"
    )


@pytest.mark.parametrize(
    "command", ["find gì", "check", "dump", "key list", "show 0190a1b2-0000-7000-8000-000000000000"]
)
def test_no_command_is_silent_or_claims_success_when_its_answer_is_lost(
    home_folder: Path, command: str
) -> None:
    done = shell(home_folder, f"$KHO {command} --json >/dev/full")
    assert done.returncode not in (0, 120)
    assert done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("closed", ["2>&-", "2>/dev/full"])
def test_messages_that_are_lost_stop_no_work(home_folder: Path, source: Path, closed: str) -> None:
    done = shell(home_folder, f"$KHO ingest --json {source} {closed}", KHO_LOG_LEVEL="debug")
    assert done.returncode == 0
    assert len(json_lines(done.stdout)) == 2
    refused = shell(home_folder, f"$KHO get {UNKNOWN} -o x --json {closed}")
    assert refused.returncode == 4
    assert json_lines(refused.stdout)[0]["error"]["code"] == "record.unknown"


def test_a_reader_that_has_gone_ends_the_command_quietly(home_folder: Path, source: Path) -> None:
    done = shell(home_folder, f"$KHO dump | true; $KHO ingest --json {source} | true")
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr


def test_a_full_folder_for_temporary_files_stops_nothing_or_is_named(
    home_folder: Path, source: Path, tmp_path: Path
) -> None:
    if subprocess.run([*NAMESPACE, "true"], capture_output=True).returncode:
        pytest.skip("no mount namespace here (unshare --user --mount)")
    full = tmp_path / "full"
    full.mkdir()
    fill = (
        f"mount -t tmpfs -o size=8k,nr_inodes=3 none {full}; head -c 9000 /dev/zero > {full}/x "
        "2>/dev/null; "
    )
    done = shell(home_folder, f"{fill} $KHO ingest --json {source}", NAMESPACE, TMPDIR=str(full))
    assert "savepoint" not in done.stdout + done.stderr
    if done.returncode:
        (answer,) = json_lines(done.stdout)
        assert str(full) in answer["error"]["what"]["en"]
    else:
        assert len(json_lines(done.stdout)) == 2


def test_the_actor_is_the_systems_account_whatever_the_environment_says(
    home_folder: Path, source: Path
) -> None:
    lie = dict.fromkeys(("LOGNAME", "USER", "LNAME", "USERNAME"), "giam-doc")
    kho(home_folder, "ingest", source, env=lie, check=True)
    with Home.open(home_folder) as home, home.catalog.read() as session:
        actor = session.get_one(ActRow, (home.code, 1)).actor_name
    assert actor == pwd.getpwuid(os.getuid()).pw_name


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a home to another user")
@pytest.mark.parametrize(
    "command", [["check"], ["find", "gì"], ["init", "--demo"], ["ingest", "x.json"]]
)
def test_root_does_not_write_into_another_users_home(home_folder: Path, command: list[str]) -> None:
    for path in (home_folder, *home_folder.rglob("*")):
        os.chown(path, 65534, 65534)
    done = kho(home_folder, *command, "--json")
    assert done.returncode == 2
    (answer,) = json_lines(done.stdout)
    assert answer["error"]["code"] == "home.other_owner"
    assert pwd.getpwuid(65534).pw_name in done.stderr
    assert not [path for path in home_folder.rglob("*") if path.stat().st_uid != 65534]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a home to another user")
def test_a_home_that_lies_in_the_current_folder_is_believed_only_where_it_is_ours(
    home_folder: Path, tmp_path: Path
) -> None:
    """A shared folder holds `kho-home` with a stranger's trust anchors, and a person verifies a
    file there.
    """
    planted = Path(shutil.copytree(home_folder, tmp_path / "shared" / "kho-home"))
    for path in (planted, *planted.rglob("*")):
        os.chown(path, 65534, 65534)
    environment = {name: value for name, value in os.environ.items() if name != "KHO_HOME"}

    def check() -> subprocess.CompletedProcess[str]:
        command = ["sh", "-c", f"{KHO} check --json"]
        return subprocess.run(
            command,
            cwd=planted.parent,
            env=environment,
            capture_output=True,
            encoding="utf-8",
            timeout=300,
        )

    planted.chmod(0o555)
    refused = check()
    assert refused.returncode == 2
    assert json_lines(refused.stdout)[0]["error"]["code"] == "home.other_owner"
    for path in (planted, *planted.rglob("*")):
        os.chown(path, os.geteuid(), -1)
    assert "home.other_owner" not in check().stdout


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder to another user")
def test_a_mounted_volume_of_root_with_a_home_of_our_own_is_ours(tmp_path: Path) -> None:
    require_owner(tmp_path / "not there")
    (tmp_path / "catalog.db").touch()
    os.chown(tmp_path, 65534, 65534)
    require_owner(tmp_path)
    os.chown(tmp_path / "catalog.db", 65534, 65534)
    with pytest.raises(AnothersHome):
        require_owner(tmp_path)


BEFORE_ANYTHING = {"record.unknown", "chart.not_ready", "access.denied"}


def test_only_an_error_before_any_act_says_that_nothing_was_changed() -> None:
    claims = {
        cls.code
        for cls in errors()
        if "was changed" in cls.texts().unchanged.en
        or "nothing was archived" in cls.texts().unchanged.en.lower()
    }
    assert claims <= BEFORE_ANYTHING | {"verification.not_valid", "verification.undecided"}
