"""An archive whose seal's key lies in a token: a whole accession, and what a pulled token stops."""

import json
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import urllib3
from asn1crypto import pem

from api.composition.preparing import preparer_in_a_worker
from api.composition.seal_device import REFUSED_PIN
from api.home import Home
from api.upkeep.readiness import readiness
from archive.base.errors import Misconfigured
from archive.base.settings import load_settings
from archive.catalog.tables import DocumentRow
from ingest.preparation.pool import WorkerPool
from signing.errors import DeviceAway, PinRefused
from signing.keys.pkcs12 import load_pkcs12
from signing.testpki.folder import read_test_pki
from tests.api.test_server import serving
from tests.fixtures.home import CLERK, chart, json_lines, kho, paper, take
from tests.fixtures.softhsm import KEY, SoftToken
from tests.judges import pdfsig
from tests.waiting import until

SETTINGS = """\
facility = "99001"
work.processes = 1
[seal]
trust = "testpki/trust.pem"
tsa_url = "{tsa}"
{token}chain = "chain.pem"
"""


@pytest.fixture
def folder(home_folder: Path, soft_token: SoftToken) -> Path:
    """A home that seals with the token: the key of its TEST PKI has moved there."""
    pki = read_test_pki(home_folder / "testpki")
    data, passphrase = pki.p12_path.read_bytes(), pki.passphrase
    soft_token.add(data, passphrase)
    with Home.open(home_folder) as home:
        chain = load_pkcs12(data, passphrase, home.clock.now()).chain
    armored = (pem.armor("CERTIFICATE", certificate.dump()) for certificate in chain)
    (home_folder / "chain.pem").write_bytes(b"".join(armored))
    (home_folder / "kho.toml").write_text(
        SETTINGS.format(tsa=pki.tsa_url, token=soft_token.settings())
    )
    pki.p12_path.unlink()
    return home_folder


@pytest.fixture
def home(folder: Path) -> Iterator[Home]:
    with Home.open(folder) as opened:
        yield opened


def receipts(home: Home, number: int = 1, **changes: Any) -> list[Any]:
    (result,) = take(home, chart(number, **changes))
    assert not result.faults
    return list(result.receipts)


def documents(home: Home) -> int:
    with home.catalog.read() as session:
        return session.query(DocumentRow).count()


def test_a_chart_is_sealed_by_the_token(folder: Path, tmp_path: Path) -> None:
    source, file = tmp_path / "chart.json", tmp_path / "original.pdf"
    source.write_text(json.dumps(chart()))
    (receipt,) = json_lines(kho(folder, "ingest", "--json", source, check=True).stdout)
    assert receipt["level"] == "PAdES-B-LTA"
    kho(folder, "get", receipt["document_id"], "--output", file, check=True)
    (report,) = json_lines(kho(folder, "verify", "--json", file, check=True).stdout)
    assert (report["verdict"], report["level"]) == ("valid", "PAdES-B-LTA")
    assert pdfsig.judge(file)[0].valid


def test_a_token_that_goes_away_in_a_submission_leaves_nothing_half_done(
    home: Home, soft_token: SoftToken
) -> None:
    key, signed = home.seals.key, []

    def sign(data: bytes) -> bytes:
        signed.append(key.sign(data))
        if len(signed) == 2:  # the first paper of the second chart
            soft_token.pull()
        return signed[-1]

    home.seals.key = replace(key, sign=sign)
    assert len(receipts(home)) == 1
    two = {"papers": [paper("1"), paper("2")]}
    with pytest.raises(DeviceAway):
        receipts(home, 2, **two)
    assert (documents(home), len(signed)) == (1, 2)
    soft_token.put_back()
    assert len(receipts(home, 2, **two)) == 2
    assert documents(home) == 3


def test_a_deposit_needs_no_token(home: Home, soft_token: SoftToken) -> None:
    (receipt,) = receipts(home)
    soft_token.pull()
    deposited = home.open_for_writing().deposits.deposit(receipt.chart_id, CLERK, home.scope)
    assert deposited


def test_readiness_sees_a_pulled_token(home: Home, soft_token: SoftToken) -> None:
    def keys() -> tuple[str, str | None]:
        (component,) = (each for each in readiness(home)["components"] if each["name"] == "keys")
        return component["engine"], component["code"]

    assert keys() == ("pkcs11", None)
    soft_token.pull()
    assert keys() == ("pkcs11", "seal.device_away")
    soft_token.put_back()
    assert keys() == ("pkcs11", None)


def test_workers_of_the_pool_try_a_wrong_pin_once(
    home: Home, soft_token: SoftToken, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = soft_token.module
    soft_token.spy(monkeypatch)
    toml = home.folder / "kho.toml"
    toml.write_text(toml.read_text().replace(library, soft_token.module))
    soft_token.write_pin("000000")
    anchors = tuple(anchor.dump() for anchor in home.trust.anchors)
    pool = WorkerPool(partial(preparer_in_a_worker, home.folder, anchors), 2)
    try:
        with pytest.raises(PinRefused):
            pool.warm()
    finally:
        pool.close()
    with Home.open(home.folder) as again, pytest.raises(PinRefused):
        _ = again.open_for_writing().accession
    assert soft_token.calls("C_Login") == 1


def test_the_command_shows_names_and_tries_a_pin_again(folder: Path, soft_token: SoftToken) -> None:
    (shown,) = json_lines(kho(folder, "seal-key", "show", "--json", check=True).stdout)
    assert KEY in {item["label"] for item in shown["tokens"][0]["objects"]}
    assert "id:a1" in kho(folder, "seal-key", "show", check=True).stdout
    soft_token.write_pin("000000")
    for _ in range(2):
        done = kho(folder, "seal-key", "try-again", "--json")
        assert done.returncode == 2
        assert json_lines(done.stdout)[0]["error"]["code"] == "seal.pin_refused"
    assert (folder / REFUSED_PIN).exists()
    soft_token.write_pin("482915")
    done = kho(folder, "seal-key", "try-again", "--json", check=True)
    assert json_lines(done.stdout) == [{"accepted": True}]
    assert not (folder / REFUSED_PIN).exists()


def test_a_module_is_shown_before_anything_is_set(tmp_path: Path, soft_token: SoftToken) -> None:
    done = kho(tmp_path, "seal-key", "show", "--json", "--module", soft_token.module, check=True)
    assert json_lines(done.stdout)[0]["tokens"][0]["token"] == "Kho"
    assert not list((tmp_path).glob("vault"))


def test_a_demonstration_may_keep_its_key_in_a_token(folder: Path, soft_token: SoftToken) -> None:
    (folder / "kho.toml").write_text(
        f'facility = "99001"\ndemo = true\n{soft_token.settings()}chain = "chain.pem"\n'
    )
    with Home.open(folder) as home:
        assert len(receipts(home)) == 1


def test_a_file_and_a_device_exclude_each_other(tmp_path: Path) -> None:
    (tmp_path / "kho.toml").write_text('[seal]\npkcs12 = "a"\npkcs11.module = "b"\n')
    with pytest.raises(Misconfigured, match="exclude each other"):
        load_settings(tmp_path)


def test_a_chains_file_that_cannot_be_read_is_named(folder: Path) -> None:
    (folder / "chain.pem").unlink()
    with Home.open(folder) as home, pytest.raises(Misconfigured, match=r"seal\.pkcs11\.chain"):
        _ = home.open_for_writing().accession


def test_a_server_starts_without_its_token_and_goes_on_when_it_is_there(
    folder: Path, soft_token: SoftToken
) -> None:
    def keys(address: str) -> str:
        answer = urllib3.request("GET", f"{address}/api/v1/health/ready").json()
        codes = {each["name"]: each["code"] for each in answer["components"]}
        assert codes["catalogue"] is codes["store"] is None, "reading goes on"
        return str(codes["keys"])

    soft_token.pull()
    with serving(folder, "--port", "0") as (_, address, _):
        until(lambda: keys(address) == "seal.device_away", "the token is missed")
        soft_token.put_back()
        until(lambda: keys(address) == "None", "the token is found")
