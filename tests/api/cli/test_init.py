"""`kho init` for a real facility: it ends with a person who can sign in."""

import re
import shutil
import tomllib
import urllib.error
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any

import pytest

from api.home import Home
from signing.testpki.folder import read_test_pki
from tests.api.test_server import serving
from tests.fixtures.home import json_lines, kho
from tests.fixtures.terminal import typed

SET_BY_ADMINISTRATOR, OWN = "một mật khẩu ban đầu", "một câu dài của riêng tôi"


@pytest.fixture
def pki(real_template: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """An authority without a mark of a test, with the passphrase in the environment."""
    pki = read_test_pki(real_template / "testpki")
    monkeypatch.setenv("KHO_SEAL__PASSPHRASE", pki.passphrase.decode())
    return pki


@pytest.fixture
def folder(pki: Any, real_template: Path, tmp_path: Path) -> Path:
    """The folder of a home that is not there yet: only the facility's keys lie in it."""
    keys = tmp_path / "home" / "keys"
    keys.mkdir(parents=True, mode=0o700)
    shutil.copy(pki.p12_path, keys / "con-dau.p12")
    shutil.copy(real_template / "testpki" / "trust.pem", keys / "goc-tin-cay.pem")
    return keys.parent


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """The file with the first password."""
    file = tmp_path / "mat-khau"
    file.write_text(SET_BY_ADMINISTRATOR + "\n")
    return file


def options(pki: Any, secret: Path) -> list[str]:
    """Return all that a facility states."""
    return [
        *("--facility", "12345", "--name", "Bệnh viện Mẫu", "--authority", "Sở Y tế Mẫu"),
        *("--address", "Số 1", "--phone", "024 1234 5678", "--tsa-url", pki.tsa_url),
        *("--no-public-url", "--admin", "quantri", "--password-file", str(secret)),
    ]


class Person:
    """A browser on the address of a real server; it follows redirects."""

    def __init__(self, address: str) -> None:
        self.address = address
        cookies = urllib.request.HTTPCookieProcessor(CookieJar())
        self.opener = urllib.request.build_opener(cookies)

    def open(self, path: str, **fields: str) -> tuple[str, str]:
        """Open a page, or send a form with the token of the page; returns path and text."""
        with self.opener.open(self.address + path) as answer:
            page = answer.read().decode()
        if fields:
            token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
            assert token
            data = urllib.parse.urlencode({"csrf_token": token[1], **fields}).encode()
            with self.opener.open(self.address + path, data) as answer:
                return answer.url.removeprefix(self.address), answer.read().decode()
        return answer.url.removeprefix(self.address), page


def test_a_real_facility_starts_with_a_person_who_signs_in(
    folder: Path, pki: Any, secret: Path
) -> None:
    kho(folder, "init", *options(pki, secret), check=True)
    user = ("user", "create", "lan", "--role", "clerk", "--password-file", secret)
    kho(folder, *user, check=True)
    with serving(folder, "--port", "0") as (_, address, _):
        for name, home in (("quantri", "/users"), ("lan", "/search")):
            person = Person(address)
            path, page = person.open("/sign-in", name=name, password=SET_BY_ADMINISTRATOR)
            assert path == "/account/password"
            assert "do người quản trị đặt" in page
            assert person.open("/search")[0] == "/account/password"
            fields = {"old": SET_BY_ADMINISTRATOR, "new": OWN, "again": OWN}
            path, page = person.open("/account/password", **fields)
            assert "Bệnh viện Mẫu" in page
            assert "Đã đổi mật khẩu" in page
            assert (path, person.open("/")[0]) == (home, home)
        assert "024 1234 5678" in Person(address).open("/sign-in")[1]


def test_the_first_settings_hold_what_was_said_and_are_the_owner_s(
    folder: Path, pki: Any, secret: Path
) -> None:
    kho(folder, "init", *options(pki, secret), check=True)
    file = folder / "kho.toml"
    stated = tomllib.loads(file.read_text())
    assert stated["facility"] == "12345"
    assert stated["seal"] == {
        "pkcs12": "keys/con-dau.p12",
        "trust": "keys/goc-tin-cay.pem",
        "tsa_url": pki.tsa_url,
    }
    assert stated["web"] == {"phone": "024 1234 5678"}
    assert file.stat().st_mode & 0o077 == 0
    with Home.open(folder) as home:
        facility = home.catch_up()
    assert (facility.name, facility.authority, facility.address, facility.public_url) == (
        "Bệnh viện Mẫu",
        "Sở Y tế Mẫu",
        "Số 1",
        None,
    )


def test_on_a_terminal_all_is_asked_and_a_second_run_asks_nothing(folder: Path, pki: Any) -> None:
    answers = [
        ("facility code: ", "1"),
        ("facility code: ", "12345"),
        ("telephone: ", "gọi cho tôi"),
        ("telephone: ", "024 1234 5678"),
        ("TSA", pki.tsa_url),
        ("public address", "hoso"),
        ("public address", "https://hoso.example.vn/"),
        ("name of the facility: ", "Bệnh viện Mẫu"),
        ("authority: ", "Sở Y tế Mẫu"),
        ("address: ", ""),
        ("administrator", ""),
        ("password: ", SET_BY_ADMINISTRATOR),
        ("again: ", SET_BY_ADMINISTRATOR),
    ]
    code, shown = typed(folder, ["init"], answers)
    assert code == 0, shown
    assert SET_BY_ADMINISTRATOR not in shown
    with Home.open(folder) as home:
        facility = home.catch_up()
    assert (facility.name, facility.public_url) == ("Bệnh viện Mẫu", "https://hoso.example.vn")
    assert typed(folder, ["init"], [])[0] == 0
    users = json_lines(kho(folder, "user", "list", "--json", check=True).stdout)[0]["users"]
    assert [(user["name"], user["role"]) for user in users] == [("quantri", "admin")]


def test_a_run_that_was_interrupted_is_repeated(folder: Path, pki: Any, secret: Path) -> None:
    stated = options(pki, secret)
    done = kho(folder, "init", *stated, env={"KHO_CRASH_AT": "act.applied"})
    assert done.returncode == -9
    again = [*stated[:6], *stated[-5:]]  # telephone and TSA are in kho.toml
    for _ in range(2):
        kho(folder, "init", *again, check=True)
    users = json_lines(kho(folder, "user", "list", "--json", check=True).stdout)[0]["users"]
    assert [user["name"] for user in users] == ["quantri"]


@pytest.mark.parametrize("missing", ["con-dau.p12", "goc-tin-cay.pem"])
def test_a_missing_file_is_named_by_its_path_before_anything_is_made(
    folder: Path, pki: Any, secret: Path, missing: str
) -> None:
    (folder / "keys" / missing).unlink()
    done = kho(folder, "init", *options(pki, secret), "--lang", "en")
    assert done.returncode == 2
    assert str(folder / "keys" / missing) in done.stderr
    assert sorted(file.name for file in folder.iterdir()) == ["keys", "kho.toml"]


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ([], "--facility, --name"),
        (["--facility", "12345"], "--name"),
        (["--facility", "12", "--name", "A"], "facility"),
        (["--public-url", "https://a.vn", "--no-public-url"], "--no-public-url"),
        (["--public-url", "a.vn"], "https://"),
        (["--password-file", "x"], "--admin"),
        (["--admin", "Quản Trị"], "lowercase"),
        (["--phone", "abc"], "telephone"),
        (["--demo", "--admin", "quantri"], "--admin"),
        (["--demo", "--no-public-url"], "--no-public-url"),
    ],
)
def test_options_that_are_missing_or_do_not_fit_are_named_and_nothing_is_made(
    tmp_path: Path, arguments: list[str], named: str
) -> None:
    done = kho(tmp_path / "home", "init", *arguments, "--lang", "en")
    assert done.returncode == 2
    assert named in done.stderr
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--facility", "54321"], "54321"),
        (["--name", "Bệnh viện Khác"], "Bệnh viện Mẫu"),
        (["--phone", "024"], "web.phone"),
    ],
)
def test_an_archive_that_is_there_says_what_it_already_states(
    folder: Path, pki: Any, secret: Path, arguments: list[str], named: str
) -> None:
    kho(folder, "init", *options(pki, secret), check=True)
    done = kho(folder, "init", *arguments)
    assert done.returncode == 2
    assert named in done.stderr


def test_a_demonstration_of_one_facility_says_so_to_another(home_folder: Path) -> None:
    done = kho(home_folder, "init", "--demo", "--facility", "99002", "--lang", "en")
    assert done.returncode == 2
    assert "of the facility 99001, not of 99002" in done.stderr
