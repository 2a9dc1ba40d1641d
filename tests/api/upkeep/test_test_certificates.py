"""A demonstration stays one for ever: its certificates are known by their mark, and production
takes none of them.
"""

import shutil
from pathlib import Path

import pytest

from api import handing
from api.composition.production import MixedSeals, TestInProduction, require_real
from api.home import Home
from api.upkeep.setup import init_demo
from signing.test_marks import is_test, states_test
from signing.testpki.folder import read_test_pki
from signing.trust import read_certificates
from tests.fixtures.home import CLERK, chart, json_lines, kho, take, write_real_settings
from tests.repo.tree import ROOT


@pytest.fixture
def real_folder(real_template: Path, tmp_path: Path) -> Path:
    """A home that is no demonstration."""
    return Path(shutil.copytree(real_template, tmp_path / "real"))


def test_every_certificate_of_a_test_pki_has_the_mark_and_so_have_those_of_old_ones(
    home_template: Path,
) -> None:
    pki = read_test_pki(home_template / "testpki")
    files = sorted(pki.generation_folder.glob("certificates/*.pem"))
    certificates = [
        certificate for file in files for certificate in read_certificates(file.read_bytes())
    ]
    assert len(certificates) >= 6
    assert all(map(is_test, certificates))
    for old in ROOT.glob("tests/golden/*/root.pem"):
        assert states_test(old.read_text())


def test_a_demonstration_never_becomes_production(home_folder: Path) -> None:
    before = sorted((home_folder / "vault").rglob("*"))
    write_real_settings(home_folder, "production = true")
    for command in (["deposit", "0190a1b2-0000-7000-8000-000000000000"], ["serve", "--port", "0"]):
        done = kho(home_folder, *command, "--json")
        assert done.returncode == 2
        assert json_lines(done.stdout)[0]["error"]["code"] == "production.test"
    assert sorted((home_folder / "vault").rglob("*")) == before


def test_not_even_with_real_certificates(home_folder: Path, real_folder: Path) -> None:
    shutil.rmtree(home_folder / "testpki")
    shutil.copytree(real_folder / "testpki", home_folder / "testpki")
    with (
        Home.open(write_real_settings(home_folder, "production = true")) as home,
        pytest.raises(TestInProduction),
    ):
        home.ledger_signer()
    with Home.open(write_real_settings(home_folder)) as home, pytest.raises(MixedSeals):
        _ = home.open_for_writing().sealer
    assert (
        kho(home_folder, "init", "--facility", "99001", "--name", "Bệnh viện Mẫu").returncode == 2
    )


def test_a_real_archive_takes_no_test_certificate(real_folder: Path, home_folder: Path) -> None:
    shutil.rmtree(real_folder / "testpki")
    shutil.copytree(home_folder / "testpki", real_folder / "testpki")
    with (
        Home.open(write_real_settings(real_folder, "production = true")) as home,
        pytest.raises(TestInProduction),
    ):
        _ = home.trust
    with Home.open(write_real_settings(real_folder)) as home, pytest.raises(MixedSeals):
        _ = home.open_for_writing().sealer
    (real_folder / "kho.toml").write_text('facility = "99001"\ndemo = true\n')
    with pytest.raises(MixedSeals):
        init_demo(real_folder, CLERK)


def test_no_packet_is_taken_in_on_the_word_of_a_test_pki(
    real_folder: Path, home_template: Path
) -> None:
    with (
        Home.open(write_real_settings(real_folder, "production = true")) as home,
        pytest.raises(TestInProduction),
    ):
        handing.widened(home, (home_template / "testpki" / "trust.pem",))


def test_a_demonstrations_password_in_the_home_is_refused(real_folder: Path) -> None:
    (real_folder / "keys" / "demo-password").write_text("abcd-efgh-jkmn-pqrs")
    home = Home.open(write_real_settings(real_folder, "production = true"))
    with home, pytest.raises(TestInProduction, match="demo-password"):
        require_real(home.settings, home.signed)


def test_papers_of_test_certificates_say_test_whatever_the_settings_say(home_folder: Path) -> None:
    write_real_settings(home_folder)  # demo is gone from them
    with Home.open(home_folder) as home:
        assert home.open_for_reading().letterhead.test
        (result,) = take(home, chart())
        assert result.receipts
    with Home.open(home_folder) as home:
        assert home.open_for_reading().letterhead.test


def test_a_real_home_works_and_its_papers_say_nothing_of_a_test(real_folder: Path) -> None:
    with Home.open(real_folder) as home:
        assert not home.open_for_reading().letterhead.test
        (result,) = take(home, chart())
        assert result.receipts
