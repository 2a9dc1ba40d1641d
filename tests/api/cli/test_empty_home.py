"""Reading where there is no archive makes nothing, says so, and leaves the place free for one."""

from pathlib import Path

import pytest

from tests.fixtures.home import json_lines, kho

ID = "01a205ab-c8ec-76b8-b498-5c2d72a56be7"
COMMANDS = [
    ["check"],
    ["find", "x"],
    ["show", ID],
    ["get", ID, "-o", "x.pdf"],
    ["dump"],
    ["rebuild"],
    ["deposit", ID],
]


@pytest.mark.parametrize(
    "env", [{}, {"KHO_FACILITY": "99001"}], ids=["nothing stated", "the facility stated"]
)
@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_a_command_that_reads_makes_nothing(
    tmp_path: Path, command: list[str], env: dict[str, str]
) -> None:
    done = kho(tmp_path / "home", *command, "--json", env=env)
    assert done.returncode == 2
    (answer,) = json_lines(done.stdout)
    assert answer["error"]["code"] == "home.empty"
    assert list(tmp_path.iterdir()) == []


def test_init_works_in_a_home_that_check_and_verify_have_read(tmp_path: Path) -> None:
    from signing.testpki.running import stop

    home = tmp_path / "home"
    home.mkdir()
    assert kho(home, "check").returncode == 2
    assert kho(home, "verify", __file__).returncode == 7
    try:
        kho(home, "init", "--demo", check=True)
        assert kho(home, "check").returncode == 0
    finally:
        stop(home / "testpki")
