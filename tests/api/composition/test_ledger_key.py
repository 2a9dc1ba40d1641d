"""The ledger's key file: encrypted with a passphrase, and read with no other."""

import os
import shutil
import stat
from pathlib import Path

import pytest

from api.composition.ledger_key import LEDGER_KEY, is_encrypted, ledger_key, protect, public_key
from api.composition.read_only import ReadOnlyHome
from api.home import Home
from api.upkeep.maintenance import checker
from archive.base.errors import Misconfigured
from tests.fixtures.home import chart, json_lines, kho, take

SECRET = "một câu dài / a long sentence"


def test_a_new_key_is_encrypted_where_a_passphrase_is_set(tmp_path: Path) -> None:
    file = tmp_path / "keys" / "ledger.pem"
    key = ledger_key(file, SECRET)
    assert is_encrypted(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert public_key(file, SECRET) == key.public_key().public_bytes_raw()
    for wrong in ("", "wrong"):
        with pytest.raises(Misconfigured):
            public_key(file, wrong)


def test_a_key_is_protected_later_and_stays_the_same_key(tmp_path: Path) -> None:
    file = tmp_path / "keys" / "ledger.pem"
    with pytest.raises(ReadOnlyHome):
        protect(file, SECRET)
    public = ledger_key(file, "").public_key().public_bytes_raw()
    with pytest.raises(Misconfigured):
        protect(file, "")
    for _ in range(2):
        protect(file, SECRET)
        assert is_encrypted(file)
        assert public_key(file, SECRET) == public
    assert [each.name for each in file.parent.iterdir()] == ["ledger.pem"]


def test_a_home_whose_key_has_a_passphrase_writes_with_it_and_reads_without(
    home_folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    secret = tmp_path / "passphrase"
    secret.write_text(SECRET + "\n")
    env = {"KHO_LEDGER__PASSPHRASE_FILE": str(secret)}
    before = kho(home_folder, "check", "--json", env=env)
    assert {fault["code"] for fault in json_lines(before.stdout)[0]["faults"]} == {
        "ledger.key_unprotected"
    }
    kho(home_folder, "ledger-key", "protect", env=env, check=True)
    answer = json_lines(kho(home_folder, "ledger-key", "show", "--json", check=True).stdout)[0]
    assert (answer["present"], answer["encrypted"]) == (True, True)
    with Home.open(home_folder) as home, pytest.raises(Misconfigured):
        take(home, chart(1))
    after = kho(home_folder, "check", "--json")
    assert {fault["code"] for fault in json_lines(after.stdout)[0]["faults"]} == {
        "ledger.key_unreadable"
    }
    monkeypatch.setenv("KHO_LEDGER__PASSPHRASE_FILE", str(secret))
    with Home.open(home_folder) as home:
        take(home, chart(1))
        assert checker(home).check().faults == []
    copy = Path(shutil.copytree(home_folder / LEDGER_KEY.parent, tmp_path / "restored"))
    assert public_key(copy / "ledger.pem", SECRET) is not None
    assert SECRET not in os.environ.values()
