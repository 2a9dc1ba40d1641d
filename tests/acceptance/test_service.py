"""The service of systemd and the image start what `kho init` set up; a person signs in there."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from http.cookiejar import CookieJar, DefaultCookiePolicy
from pathlib import Path
from typing import Any
from urllib.request import HTTPCookieProcessor, build_opener

import pytest

from signing.testpki.folder import read_test_pki
from tests.api.cli.test_init import OWN, SET_BY_ADMINISTRATOR, Person, options
from tests.api.test_server import until_address
from tests.fixtures.home import kho
from tests.judges.missing import unjudged
from tests.waiting import PATIENCE

DEPLOY = Path(__file__).parents[2] / "deploy"
UNIT = (DEPLOY / "kho.service").read_text("utf-8")
KHO = Path(sys.executable).with_name("kho")
# What a unit sets of the place where it runs.
PLACES = {"/var/lib/kho": "home", "%d/seal": "seal"}


@pytest.fixture
def place(real_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with an archive in `home`, set up as docs/install.md says, and its secrets."""
    pki = read_test_pki(real_template / "testpki")
    keys = tmp_path / "home" / "keys"
    keys.mkdir(parents=True, mode=0o700)
    shutil.copy(pki.p12_path, keys / "con-dau.p12")
    shutil.copy(real_template / "testpki" / "trust.pem", keys / "goc-tin-cay.pem")
    (tmp_path / "seal").write_bytes(pki.passphrase)
    (tmp_path / "seal").chmod(0o600)
    (tmp_path / "first").write_text(SET_BY_ADMINISTRATOR)
    with monkeypatch.context() as shell:
        shell.setenv("KHO_SEAL__PASSPHRASE", pki.passphrase.decode())
        kho(keys.parent, "init", *options(pki, tmp_path / "first"), check=True)
    return tmp_path


def entries(name: str) -> list[str]:
    """Return the values that the unit gives to `name`."""
    return re.findall(rf"^{name}=(.*)$", UNIT, flags=re.MULTILINE)


def started(command: list[str], environment: dict[str, str]) -> Iterator[str]:
    """Run `command` with nothing but `environment`, and give its address."""
    with subprocess.Popen(
        command,
        env={"PATH": os.environ["PATH"], "PYTHONUNBUFFERED": "1", **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
    ) as process:
        try:
            said = until_address(process)
            address = re.search(r"http://\S+", said)
            assert address, said
            yield address[0]
            process.terminate()
            assert process.wait(PATIENCE) == 0
        finally:
            process.kill()


def signs_in(address: str) -> None:
    """Sign in as the administrator, over the proxy's TLS as cookies see it."""
    person = Person(address)
    policy = DefaultCookiePolicy(secure_protocols=("http", "https"))
    person.opener = build_opener(HTTPCookieProcessor(CookieJar(policy)))
    path, _ = person.open("/sign-in", name="quantri", password=SET_BY_ADMINISTRATOR)
    assert path == "/account/password"
    person.open("/account/password", old=SET_BY_ADMINISTRATOR, new=OWN, again=OWN)
    path, page = person.open("/status")
    assert path == "/status"
    assert "Khóa nằm trong tệp PKCS#12 và mở được." in page


def test_the_service_of_systemd_starts_the_archive(place: Path) -> None:
    environment = dict(entry.split("=", 1) for entry in entries("Environment"))
    for stated, here in PLACES.items():
        environment = {
            name: value.replace(stated, str(place / here)) for name, value in environment.items()
        }
    (command,) = entries("ExecStart")
    program, *arguments = command.split()
    assert program == "/opt/kho/bin/kho"
    for address in started([str(KHO), *arguments, "--port", "0"], environment):
        signs_in(address)


def test_the_image_starts_the_archive(place: Path) -> None:
    image = (DEPLOY / "Dockerfile").read_text("utf-8")
    compose = (DEPLOY / "compose.yaml").read_text("utf-8")
    stated: Any = re.search(r"^CMD \[(.*)\]$", image, flags=re.MULTILINE)
    program, *arguments = re.findall(r'"([^"]+)"', stated[1])
    assert program == "kho"
    environment = dict(re.findall(r'^ {6}(KHO_\w+): "?([^"#\s]+)', compose, flags=re.MULTILINE))
    assert environment["KHO_HOME"] == "/var/lib/kho"
    environment |= {"KHO_HOME": str(place / "home"), "KHO_WEB__HOST": "127.0.0.1"}
    environment["KHO_SEAL__PASSPHRASE_FILE"] = str(place / "seal")
    for address in started([str(KHO), *arguments, "--port", "0"], environment):
        signs_in(address)


def test_systemd_understands_the_unit(tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        unjudged("systemd-analyze is not installed")
    unit = tmp_path / "kho.service"
    unit.write_text(UNIT.replace("/opt/kho/bin/kho", str(KHO)))
    judged = subprocess.run(
        [analyze, "verify", "--man=no", str(unit)], capture_output=True, text=True
    )
    assert (judged.returncode, judged.stderr) == (0, "")
