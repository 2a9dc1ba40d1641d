"""Which vault a configuration means."""

from pathlib import Path
from typing import Literal

from archive.base.clock import Clock
from archive.base.errors import Misconfigured
from archive.vault.contract import Vault
from archive.vault.folder import FolderVault

VaultKind = Literal["folder", "s3"]


def open_vault(
    kind: VaultKind,
    clock: Clock,
    *,
    root: Path | None = None,
    endpoint: str | None = None,
    bucket: str | None = None,
    access_key: str | None = None,
    secret_key: str | None = None,
    region: str = "us-east-1",
    secure: bool = True,
    ca_file: Path | None = None,
) -> Vault:
    """Return the vault that the settings mean, without touching disk or network.

    A folder needs `root`; S3 needs `endpoint` (`host:port`), `bucket` and both keys, and takes
    `ca_file` (PEM) for a store with a certificate of the facility's own authority. Raises
    :class:`archive.base.errors.Misconfigured`.
    """
    if kind == "folder":
        if root is None:
            raise Misconfigured(
                why_vi="kho thư mục cần đường dẫn", why_en="a folder vault needs its path"
            )
        return FolderVault(root, clock)
    if not (endpoint and bucket and access_key and secret_key):
        raise Misconfigured(
            why_vi="kho S3 cần endpoint, bucket, khóa truy cập và khóa bí mật",
            why_en="an S3 vault needs endpoint, bucket, access key and secret key",
        )
    from archive.vault.s3 import (
        S3Vault,  # its client takes 0.2 s to import, which a folder need not wait for
    )

    try:
        return S3Vault(
            endpoint,
            bucket,
            access_key,
            secret_key,
            clock,
            region=region,
            secure=secure,
            ca_file=ca_file,
        )
    except ValueError as wrong:
        raise Misconfigured(
            why_vi=f"địa chỉ S3 {endpoint} hoặc tên bucket {bucket} không hợp lệ",
            why_en=f"the S3 endpoint {endpoint} or the bucket name {bucket} is not valid",
        ) from wrong
