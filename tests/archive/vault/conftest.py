"""The engines that the vault suite runs against,
each with a way to reach behind the vault's back.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from minio import Minio

from archive.base.clock import SystemClock
from archive.base.identifiers import ObjectKey
from archive.vault.contract import Vault
from archive.vault.folder import FolderVault
from archive.vault.s3 import S3Vault
from tests.fixtures.store_server import KHO, REGION, Key, StoreServer

BUCKET = "kho-test"
STORES = ("seaweed", "minio", "versitygw")  # fixtures, one a make
MEDIA_TYPE = "application/pdf"


@dataclass(frozen=True, slots=True)
class Engine:
    """A vault under test, how to open it again, and how someone else would put an unlocked object
    into its store.
    """

    vault: Vault
    reopen: Callable[[], Vault]
    plant: Callable[[ObjectKey, bytes], None]


BEGAN = datetime.now(UTC).replace(microsecond=0)


def days(count: float) -> datetime:
    """Return the moment `count` days after the tests began: the same at each call, however slow the
    machine is.
    """
    return BEGAN + timedelta(days=count)


def seconds(count: float) -> datetime:
    """Return the moment `count` seconds from now."""
    return datetime.now(UTC) + timedelta(seconds=count)


def raw_client(server: StoreServer, key: Key) -> Minio:
    """Return a client without any of Kho's guards."""
    return server.client(key)


def s3_vault(endpoint: str, bucket: str = BUCKET, key: Key = KHO) -> S3Vault:
    """Open a vault in a bucket with Kho's own key."""
    return S3Vault(
        endpoint, bucket, key.access_key, key.secret_key, SystemClock(), region=REGION, secure=False
    )


def with_bucket(server: StoreServer) -> StoreServer:
    """Return a store with a bucket for the suite, made as an administrator makes it."""
    server.make_bucket(BUCKET)
    return server


@pytest.fixture(scope="session")
def store(seaweed: StoreServer) -> StoreServer:
    """Return the shared SeaweedFS, for what one real store is enough to show."""
    return with_bucket(seaweed)


@pytest.fixture(params=["folder", *STORES])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Engine:
    """Return each engine in turn."""
    if request.param == "folder":
        root = tmp_path / "vault"
        return Engine(
            FolderVault(root, SystemClock()),
            lambda: FolderVault(root, SystemClock()),
            _plant_file(root),
        )
    server = with_bucket(request.getfixturevalue(request.param))
    return Engine(
        s3_vault(server.endpoint), lambda: s3_vault(server.endpoint), _plant_version(server)
    )


@pytest.fixture
def vault(engine: Engine) -> Vault:
    """Return the vault under test."""
    return engine.vault


@pytest.fixture
def place() -> str:
    """Return a prefix of the test's own, such as a facility has."""
    return f"t{uuid.uuid4().hex}"


@pytest.fixture
def key(place: str) -> ObjectKey:
    """Return a key that no process has used."""
    return ObjectKey(f"{place}/documents/0190-abc/{'f' * 64}.pdf")


@pytest.fixture
def folder(tmp_path: Path) -> FolderVault:
    """Return a folder vault at `tmp_path / "vault"`."""
    return FolderVault(tmp_path / "vault", SystemClock())


def _plant_file(root: Path) -> Callable[[ObjectKey, bytes], None]:
    def plant(key: ObjectKey, data: bytes) -> None:
        path = root / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)

    return plant


def _plant_version(server: StoreServer) -> Callable[[ObjectKey, bytes], None]:
    def plant(key: ObjectKey, data: bytes) -> None:
        raw_client(server, KHO).put_object(BUCKET, key, BytesIO(data), len(data))

    return plant
