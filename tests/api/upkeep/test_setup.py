"""Setting up: repeatable, careful with what is there, and a test PKI that explains itself when it
has expired.
"""

import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from api.home import Home
from api.upkeep.setup import FacilityFacts, init_demo, initialise
from archive.base.clock import FixedClock, SystemClock
from archive.base.errors import Misconfigured
from archive.base.identifiers import FacilityCode, ObjectKey
from archive.catalog.tables import SealChainRow
from signing.testpki.folder import TestPkiExpired, TestPkiNotYetValid
from signing.validation.validate import validate
from tests.fixtures.home import CLERK, chart, json_lines, kho, take, write_real_settings


def chains(home: Home) -> list[str]:
    with home.catalog.read() as session:
        return list(session.scalars(select(SealChainRow.pem).order_by(SealChainRow.act_index)))


def test_setting_up_again_changes_nothing(home_folder: Path) -> None:
    before = kho(home_folder, "dump", check=True).stdout
    init_demo(home_folder, CLERK).close()
    assert kho(home_folder, "dump", check=True).stdout == before


def test_keys_are_for_their_owner_only(home_folder: Path) -> None:
    for secret in ("keys/ledger.pem", "testpki/seal.p12", "testpki/seal.pass", "kho.toml"):
        assert (home_folder / secret).stat().st_mode & 0o077 == 0, secret


def test_an_expired_test_pki_explains_itself_and_is_renewed(home_folder: Path) -> None:
    with Home.open(home_folder) as home:
        (result,) = take(home, chart())
        receipt = result.receipts[0]
    later = FixedClock(SystemClock().now() + timedelta(days=3 * 365))
    with Home.open(home_folder, later) as home:
        with pytest.raises(TestPkiExpired, match="expired"):
            _ = home.open_for_writing().sealer
        assert len(chains(home)) == 1
    with init_demo(home_folder, CLERK, later) as home:
        assert len(set(chains(home))) == 2
        assert home.seals.key
        original = home.vault.read(ObjectKey(receipt.object_key), receipt.version_id)
        assert validate(original, home.trust).verdict == "valid"
    with init_demo(home_folder, CLERK, later) as home:
        assert len(chains(home)) == 2


def test_a_test_pki_that_begins_in_the_future_is_not_called_expired(home_folder: Path) -> None:
    earlier = FixedClock(SystemClock().now() - timedelta(days=30))
    with (
        Home.open(home_folder, earlier) as home,
        pytest.raises(TestPkiNotYetValid, match="not valid before"),
    ):
        _ = home.open_for_writing().sealer
    with pytest.raises(TestPkiNotYetValid):
        init_demo(home_folder, CLERK, earlier)


def test_a_demonstration_never_takes_over_another_archive(home_folder: Path) -> None:
    (home_folder / "kho.toml").write_text('facility = "99001"\n')
    with pytest.raises(Misconfigured):
        init_demo(home_folder, CLERK)
    (home_folder / "kho.toml").unlink()
    with pytest.raises(Misconfigured):
        init_demo(home_folder, CLERK)


def test_a_home_of_one_facility_is_not_set_up_for_another(home_folder: Path) -> None:
    with Home.open(home_folder) as home, pytest.raises(Misconfigured):
        initialise(home, FacilityFacts(FacilityCode("99002"), "Khác", "", ""), CLERK)


def test_another_ledger_key_is_refused(
    home_folder: Path, home_template: Path, tmp_path: Path
) -> None:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    other = Ed25519PrivateKey.generate().private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    (home_folder / "keys" / "ledger.pem").write_bytes(other)
    with Home.open(home_folder) as home, pytest.raises(Misconfigured):
        home.ledger_signer()


@pytest.mark.parametrize("missing", ["trust", "pkcs12"])
def test_a_first_setup_names_the_missing_file_of_the_seal(
    real_template: Path, tmp_path: Path, missing: str
) -> None:
    file = {"trust": "trust.pem", "pkcs12": "seal.p12"}[missing]
    shutil.copytree(real_template / "testpki", tmp_path / "testpki")
    write_real_settings(tmp_path)
    (tmp_path / "testpki" / file).unlink()
    done = kho(
        tmp_path, "init", "--json", "--lang", "en", "--facility", "99001", "--name", "Bệnh viện Mẫu"
    )
    assert (done.returncode, json_lines(done.stdout)[0]["error"]["code"]) == (2, "settings.invalid")
    assert f"seal.{missing}" in done.stderr
