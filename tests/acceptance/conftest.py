"""Two deployments of the same code: one process with everything in its home,
and the three servers.
"""

import shutil
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from api.home import Home
from api.upkeep.setup import init_demo
from archive.base.clock import SystemClock
from archive.vault.s3 import S3Vault
from tests.fixtures.home import CLERK, kho
from tests.fixtures.seaweed import ADMIN, KHO, REGION, SeaweedServer

CLUSTER = """
facility = "99001"
demo = true

[catalog]
url = "{catalog}"

[search]
kind = "elasticsearch"
url = "{search}"
prefix = "{name}"

[vault]
kind = "s3"
endpoint = "{endpoint}"
bucket = "{name}"
access_key = "{access}"
secret_key = "{secret}"
secure = false
"""


@dataclass(frozen=True)
class Deployment:
    """A demonstration archive with act 0, and how to lose what can be rebuilt."""

    name: str
    folder: Path
    forget: Callable[[], None]  # catalogue and index are gone: disks died, the bucket lives

    def open(self) -> Home:
        """Open the archive in this process; the caller closes it."""
        return Home.open(self.folder)

    def kho(self, *arguments: str | Path, **how: Any) -> Any:
        """Run `kho` on it in a process of its own."""
        return kho(self.folder, *arguments, **how)


@pytest.fixture(
    params=["embedded", pytest.param("cluster", marks=pytest.mark.xdist_group("elasticsearch"))]
)
def deployment(request: pytest.FixtureRequest, home_folder: Path) -> Iterator[Deployment]:
    """A fresh archive of each kind.

    The servers are the test session's; database, bucket and index are the test's.
    """
    if request.param == "embedded":

        def forget() -> None:
            for file in home_folder.glob("catalog.db*"):
                file.unlink()
            shutil.rmtree(home_folder / "index")

        yield Deployment("embedded", home_folder, forget)
        return
    yield _cluster(
        home_folder,
        request.getfixturevalue("postgres_url"),
        request.getfixturevalue("seaweed"),
        request.getfixturevalue("elasticsearch_url"),
    )


def _cluster(folder: Path, catalog: str, store: SeaweedServer, search: str) -> Deployment:
    name = f"kho-{uuid.uuid4().hex[:12]}"
    S3Vault(
        store.endpoint,
        name,
        ADMIN.access_key,
        ADMIN.secret_key,
        SystemClock(),
        region=REGION,
        secure=False,
    ).ensure_bucket()
    for file in (*folder.glob("catalog.db*"), *(folder / "keys").glob("*")):
        file.unlink()
    shutil.rmtree(folder / "vault")
    shutil.rmtree(folder / "index", ignore_errors=True)
    settings = {"catalog": catalog, "search": search, "name": name, "endpoint": store.endpoint}
    (folder / "kho.toml").write_text(
        CLUSTER.format(**settings, access=KHO.access_key, secret=KHO.secret_key)
    )
    init_demo(folder, CLERK).close()

    def forget() -> None:
        engine = create_engine(catalog.replace("postgresql://", "postgresql+psycopg://", 1))
        with engine.begin() as connection:
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
        engine.dispose()
        _drop_indices(search, name)

    return Deployment("cluster", folder, forget)


def _drop_indices(search: str, prefix: str) -> None:
    from elasticsearch import Elasticsearch

    with Elasticsearch(search) as client:
        for index in client.indices.get(index=f"{prefix}-*"):
            client.indices.delete(index=index)
