"""`kho user`: accounts are made, listed and changed from the command line."""

import json
from pathlib import Path
from typing import Any

import pytest

from api.access.accounts import Accounts
from api.access.sessions import Sessions
from api.home import Home
from tests.fixtures.home import json_lines, kho
from tests.fixtures.terminal import typed

SECRET, OTHER = "mật khẩu rất dài", "một mật khẩu khác"


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A file with a password, as an editor writes it."""
    file = tmp_path / "mat-khau"
    file.write_text(SECRET + "\n")
    return file


def user(folder: Path, *arguments: str | Path) -> Any:
    """Run `kho user … --json` and return its answer."""
    return json.loads(kho(folder, "user", *arguments, "--json", check=True).stdout)


def may_sign_in(folder: Path, name: str, password: str) -> bool:
    """Return whether the password is right."""
    with Home.open(folder) as home:
        accounts = Accounts(home.catalog, home.code, home.clock)
        return accounts.authenticate(name, password) is not None


def test_an_account_is_made_listed_changed_disabled_and_enabled(
    home_folder: Path, secret: Path, tmp_path: Path
) -> None:
    options = ("--role", "reader", "--department", "K01", "--name", "Trần Thị Lan")
    lan = user(home_folder, "create", "lan", *options, "--password-file", secret)
    assert {name: lan[name] for name in ("name", "full_name", "role", "departments")} == {
        "name": "lan",
        "full_name": "Trần Thị Lan",
        "role": "reader",
        "departments": ["K01"],
    }
    assert lan["must_change_password"] is True
    assert may_sign_in(home_folder, "lan", SECRET)
    assert user(home_folder, "list") == {"users": [lan]}
    assert user(home_folder, "role", "lan", "--role", "clerk")["departments"] is None
    (tmp_path / "khac").write_text(OTHER)
    user(home_folder, "password", "lan", "--password-file", tmp_path / "khac")
    assert may_sign_in(home_folder, "lan", OTHER)
    assert user(home_folder, "disable", "lan")["disabled_at"]
    assert not may_sign_in(home_folder, "lan", OTHER)
    assert user(home_folder, "enable", "lan")["disabled_at"] is None
    assert may_sign_in(home_folder, "lan", OTHER)
    assert "lan  Trần Thị Lan  clerk" in kho(home_folder, "user", "list", check=True).stdout


def test_a_person_s_devices_are_listed_and_ended(home_folder: Path, secret: Path) -> None:
    user(home_folder, "create", "lan", "--role", "reader", "--password-file", secret)
    with Home.open(home_folder) as home:
        account = Accounts(home.catalog, home.code, home.clock).find("lan")
        assert account is not None
        for browser in ("một", "hai"):
            Sessions.of_home(home).begin(account, browser, "192.0.2.1")
    listed = user(home_folder, "devices", "lan")["sessions"]
    assert {session["browser"] for session in listed} == {"một", "hai"}
    one_left = user(home_folder, "sign-out", "lan", "--session", listed[0]["session_id"])
    assert one_left["sessions"] == listed[1:]
    assert user(home_folder, "sign-out", "lan") == {"sessions": []}
    assert kho(home_folder, "user", "devices", "minh").returncode == 4


def test_what_cannot_be_done_has_its_code(home_folder: Path, secret: Path) -> None:
    create = ("create", "lan", "--role", "admin", "--password-file", secret)
    user(home_folder, *create)
    for arguments, exit_code, code in (
        (create, 2, "account.exists"),
        (("create", "Lan", *create[2:]), 2, "account.invalid"),
        (("role", "lan", "--role", "king"), 2, "account.invalid"),
        (("disable", "lan"), 10, "account.last_administrator"),
        (("role", "lan", "--role", "clerk"), 10, "account.last_administrator"),
        (("disable", "minh"), 4, "record.unknown"),
    ):
        done = kho(home_folder, "user", *arguments, "--json")
        assert done.returncode == exit_code, arguments
        assert json_lines(done.stdout)[0]["error"]["code"] == code


def test_without_a_terminal_the_missing_option_is_named(home_folder: Path, tmp_path: Path) -> None:
    create = ("user", "create", "lan", "--role", "reader")
    done = kho(home_folder, *create)
    assert done.returncode == 2
    assert "--password-file" in done.stderr
    missing = kho(home_folder, *create, "--password-file", tmp_path / "khong-co")
    assert missing.returncode == 2
    assert "khong-co" in missing.stderr


def test_on_a_terminal_the_password_is_asked_twice_and_not_shown(home_folder: Path) -> None:
    answers = [
        ("password: ", SECRET),
        ("again: ", "sai"),
        ("password: ", SECRET),
        ("again: ", SECRET),
    ]
    code, shown = typed(home_folder, ("user", "create", "lan", "--role", "reader"), answers)
    assert code == 0, shown
    assert SECRET not in shown
    assert may_sign_in(home_folder, "lan", SECRET)
