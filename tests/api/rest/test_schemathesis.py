"""The whole document against a running server, by schemathesis: every operation and check, bounded,
repeatable.
"""

import json
import os
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from waitress.server import create_server
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.wrappers import Response

from api.access.accounts import Accounts
from api.access.api_keys import ApiKeys
from api.home import Home
from api.rest.app import create_app
from api.server import listening
from tests.fixtures.browsing import CHEAP
from tests.fixtures.home import chart, paper, take

HERE = Path(__file__).parent
SECONDS = 300  # it takes about 40; this is for a machine that does much else


class _Patient(Accounts):
    """Accounts that never close a name: guessed passwords shall be answered with 401 each time, not
    with 429.
    """

    TRIES = 1_000_000


@pytest.fixture
def served(own_home: Home) -> Iterator[tuple[str, str]]:
    """A server with the API of a home that holds some charts; gives its address,
    and a clerk's key.
    """
    take(own_home, chart(1, papers=[paper("1"), paper("2")]), chart(2), chart(3))
    _, secret = ApiKeys(own_home.catalog, own_home.code, own_home.clock).create(
        "schemathesis", "clerk", own_home.clock.now() + timedelta(hours=1)
    )
    api = create_app(
        own_home, _Patient(own_home.catalog, own_home.code, own_home.clock, CHEAP), lambda: None
    )
    site = DispatcherMiddleware(Response(status=404), {"/api": api})
    with listening("127.0.0.1", 0, print) as listener:
        server = create_server(site, sockets=[listener], threads=4)
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}", secret
        finally:
            server.close()
            thread.join(10)


def test_the_api_is_what_its_document_says(served: tuple[str, str], tmp_path: Path) -> None:
    address, secret = served
    command = [
        str(Path(sys.executable).with_name("schemathesis")),
        "--config-file",
        str(HERE / "schemathesis.toml"),
    ]
    command += [
        "run",
        f"{address}/api/openapi.json",
        "--checks",
        "all",
        "--no-color",
        "--continue-on-failure",
    ]
    command += [
        "--header",
        f"Authorization: Bearer {secret}",
        "--request-timeout",
        "60",
        "--warnings",
        "off",
    ]
    done = subprocess.run(
        command,
        cwd=tmp_path,  # it writes there, if anywhere
        env={**os.environ, "SCHEMATHESIS_HOOKS": "schemathesis_hooks", "PYTHONPATH": str(HERE)},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=SECONDS,
    )
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-2_000:]
    with urllib.request.urlopen(f"{address}/api/openapi.json") as answer:
        paths = json.load(answer)["paths"]
    operations = sum(len(item) for item in paths.values())
    assert operations > 20
    assert f"Tested: {operations}\n" in done.stdout, done.stdout
