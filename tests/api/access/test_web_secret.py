"""The key of the pages' cookies is made once, and every process of a home has the same one."""

import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from api.access.web_secret import web_secret
from api.home import Home


def test_callers_that_come_at_once_have_one_key(home_folder: Path) -> None:
    callers = 8
    together = threading.Barrier(callers)
    with Home.open(home_folder) as home, ThreadPoolExecutor(callers) as threads:

        def key(_: int) -> bytes:
            together.wait()
            return web_secret(home)

        (secret,) = set(threads.map(key, range(callers)))
    file = home_folder / "keys" / "web.secret"
    assert file.read_bytes() == secret
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
