"""Settings come from the environment, from secret files, from `kho.toml`; what is wrong is named,
never shown.
"""

from pathlib import Path

import pytest

from archive.base.errors import Misconfigured
from archive.base.settings import load_settings


def write(home: Path, text: str) -> Path:
    (home / "kho.toml").write_text(text)
    return home


def test_without_anything_a_home_is_a_folder_vault(tmp_path: Path) -> None:
    settings = load_settings(tmp_path)
    assert (settings.facility, settings.vault.kind, settings.demo) == (None, "folder", False)
    assert settings.path(settings.vault.folder) == tmp_path / "vault"


def test_the_environment_beats_a_secret_file_beats_toml(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, 'facility = "99001"\n[seal]\npassphrase = "toml"\ntsa_url = "http://toml"\n')
    assert load_settings(tmp_path).seal.passphrase.get_secret_value() == "toml"
    secret = tmp_path / "secret"
    secret.write_text("file\n")
    monkeypatch.setenv("KHO_SEAL__PASSPHRASE_FILE", str(secret))
    assert load_settings(tmp_path).seal.passphrase.get_secret_value() == "file"
    monkeypatch.setenv("KHO_SEAL__PASSPHRASE", "environment")
    settings = load_settings(tmp_path)
    assert settings.seal.passphrase.get_secret_value() == "environment"
    assert settings.seal.tsa_url == "http://toml"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('facility = "9900"', "facility"),
        ('facilty = "99001"', "facilty"),
        ('[vault]\nkind = "tape"', "vault.kind"),
        ('[seal]\npassphrase = ["topsecret"]', "seal.passphrase"),
        ("facility = ", "kho.toml"),
    ],
)
def test_what_is_wrong_is_named_and_no_value_is_shown(
    tmp_path: Path, text: str, named: str
) -> None:
    with pytest.raises(Misconfigured) as wrong:
        load_settings(write(tmp_path, text))
    assert named in str(wrong.value)
    assert "topsecret" not in str(wrong.value)


def test_a_secret_is_never_printed(tmp_path: Path) -> None:
    assert "topsecret" not in repr(
        load_settings(write(tmp_path, '[seal]\npassphrase = "topsecret"\n'))
    )


def test_a_secret_file_that_is_away_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KHO_WEB__SECRET_FILE", str(tmp_path / "nowhere"))
    with pytest.raises(Misconfigured, match="nowhere"):
        load_settings(tmp_path)


def test_a_setting_that_is_a_path_may_be_in_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KHO_SEAL__PKCS11__MODULE", "/usr/lib/vendor.so")
    monkeypatch.setenv("KHO_SEAL__PKCS11__PIN_FILE", "/run/secrets/pin")
    monkeypatch.setenv("KHO_VAULT__CA_FILE", "/etc/ca.pem")
    settings = load_settings(tmp_path)
    assert settings.seal.pkcs11 is not None
    assert settings.seal.pkcs11.pin_file == Path("/run/secrets/pin")
    assert settings.vault.ca_file == Path("/etc/ca.pem")
