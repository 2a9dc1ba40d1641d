"""An object store for the bench: SeaweedFS as the tests start it,
where its program is installed.
"""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from api.home import Home
from api.upkeep.setup import init_demo
from bench.context import CLERK, Context

if TYPE_CHECKING:
    from tests.fixtures.seaweed import SeaweedServer

_SETTINGS = """
facility = "99001"
demo = true
[vault]
kind = "s3"
endpoint = "{endpoint}"
bucket = "{bucket}"
access_key = "{access}"
secret_key = "{secret}"
secure = false
"""


@contextmanager
def store() -> "Iterator[SeaweedServer | None]":
    """Run a store until the end of the block; None where there is no program to run."""
    try:
        from tests.fixtures.seaweed import SeaweedServer, weed
    except ImportError:
        yield None
        return
    if not weed().exists():
        yield None
        return
    yield from SeaweedServer.running()


@contextmanager
def home_on(server: "SeaweedServer", context: Context, name: str) -> Iterator[Home]:
    """Make a home whose vault is a bucket of `server`, and open it."""
    from tests.fixtures.seaweed import KHO

    bucket = f"bench-{uuid.uuid4().hex[:12]}"
    server.make_bucket(bucket)
    folder = context.folder / name
    folder.mkdir()
    (folder / "testpki").symlink_to(context.services.pki.folder)
    settings = {
        "endpoint": server.endpoint,
        "bucket": bucket,
        "access": KHO.access_key,
        "secret": KHO.secret_key,
    }
    (folder / "kho.toml").write_text(_SETTINGS.format(**settings))
    with init_demo(Path(folder), CLERK) as home:
        yield home
