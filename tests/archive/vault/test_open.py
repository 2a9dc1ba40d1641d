"""Settings become the vault that they mean, or are refused by name."""

from pathlib import Path
from typing import Any

import pytest

from archive.base.clock import SystemClock
from archive.base.errors import Misconfigured
from archive.vault.folder import FolderVault
from archive.vault.open import open_vault
from archive.vault.s3 import S3Vault

S3: dict[str, Any] = {
    "endpoint": "store.example:9000",
    "bucket": "kho-archive",
    "access_key": "access",
    "secret_key": "very-secret",
}


def test_a_folder_is_opened_without_touching_it(tmp_path: Path) -> None:
    assert isinstance(open_vault("folder", SystemClock(), root=tmp_path / "vault"), FolderVault)
    assert list(tmp_path.iterdir()) == []


def test_a_bucket_is_opened_without_touching_the_network() -> None:
    assert isinstance(open_vault("s3", SystemClock(), **S3), S3Vault)


def test_a_folder_needs_its_path() -> None:
    with pytest.raises(Misconfigured):
        open_vault("folder", SystemClock())


@pytest.mark.parametrize("missing", S3)
def test_a_bucket_needs_all_its_settings(missing: str) -> None:
    with pytest.raises(Misconfigured) as refusal:
        open_vault("s3", SystemClock(), **{**S3, missing: None})
    assert "very-secret" not in str(refusal.value)


@pytest.mark.parametrize("endpoint", ["http://store:9000", "store:9000/path", "store:port"])
def test_an_endpoint_that_is_no_address_is_refused(endpoint: str) -> None:
    with pytest.raises(Misconfigured):
        open_vault("s3", SystemClock(), **{**S3, "endpoint": endpoint})


@pytest.mark.parametrize("bucket", ["a", "A-B", "a_b/", "..", "192.168.1.1"])
def test_a_bucket_name_that_s3_does_not_know_is_refused(bucket: str) -> None:
    with pytest.raises(Misconfigured):
        open_vault("s3", SystemClock(), **{**S3, "bucket": bucket})
