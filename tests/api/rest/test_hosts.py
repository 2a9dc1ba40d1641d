"""Two hosts over one catalogue on PostgreSQL answer as one;
and a catalogue that is away is named.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from api.access.api_keys import ApiKeys
from api.home import Home
from archive.catalog.operations import ApiKeyRow
from tests.api.rest.conftest import Api, basic, make_app
from tests.fixtures.home import chart
from tests.fixtures.postgres import PostgresServer, on_postgres

KEY = {"Idempotency-Key": "goi-1"}


@pytest.fixture
def hosts(postgres_homes: Callable[[], Home]) -> tuple[Api, Api]:
    """The same clerk at two hosts."""
    first, other = postgres_homes(), postgres_homes()
    return Api(make_app(first), basic()), Api(make_app(other), basic())


def test_a_request_that_is_repeated_at_another_host_is_done_once(hosts: tuple[Api, Api]) -> None:
    first, again = (host.call("POST", "/submissions", json=chart(1), headers=KEY) for host in hosts)
    assert first.status_code == 201
    assert again.headers["Idempotency-Replayed"] == "?1"
    assert first.json == again.json


def test_while_one_host_does_it_the_other_says_so(hosts: tuple[Api, Api]) -> None:
    first, other = hosts
    held = first.app.extensions["kho.rest"]
    answers: list[int] = []

    def meanwhile() -> None:
        answers.append(other.call("POST", "/submissions", json=chart(1), headers=KEY).status_code)

    object.__setattr__(
        held, "wake", meanwhile
    )  # it is called when the archiving is done and the answer is not kept yet
    assert first.call("POST", "/submissions", json=chart(1), headers=KEY).status_code == 201
    assert answers == [409]


def test_a_cursor_of_one_host_works_at_the_other(hosts: tuple[Api, Api]) -> None:
    host, other = hosts
    for number in (1, 2):
        assert host.post("/submissions", chart(number)).status_code == 201
    first = host.body("/charts?limit=1")
    rest = other.body(f"/charts?limit=1&cursor={first['next']}")
    assert {first["items"][0]["chart"]["episode"], rest["items"][0]["chart"]["episode"]} == {
        "LK000001",
        "LK000002",
    }


def test_a_key_ends_at_all_hosts_at_once(postgres_homes: Callable[[], Home]) -> None:
    first, other = postgres_homes(), postgres_homes()
    key, secret = ApiKeys(first.catalog, first.code, first.clock).create(
        "HIS", "his", first.clock.now() + timedelta(days=1)
    )
    assert ApiKeys(other.catalog, other.code, other.clock).authenticate(secret) is not None
    ApiKeys(first.catalog, first.code, first.clock).revoke(key.id)
    assert ApiKeys(other.catalog, other.code, other.clock).authenticate(secret) is None
    with other.catalog.read() as session:
        assert session.get(ApiKeyRow, key.id) is not None


@pytest.fixture
def on_its_own(
    home_template: Path, tmp_path: Path, postgres_to_kill: PostgresServer
) -> Iterator[Home]:
    """A home whose PostgreSQL may be stopped."""
    folder = on_postgres(
        home_template, tmp_path / "own", postgres_to_kill.url(postgres_to_kill.fresh())
    )
    with Home.open(folder) as home:
        yield home


def test_a_catalogue_that_is_away_is_named_and_comes_back(
    on_its_own: Home, postgres_to_kill: PostgresServer
) -> None:
    api = Api(make_app(on_its_own), basic())
    assert api.get("/charts").status_code == 200
    postgres_to_kill.stop()
    for answer in (api.get("/charts"), api.post("/submissions", chart(1))):
        assert answer.status_code == 503
        assert answer.json is not None
        assert answer.json["component"] == "postgresql"
    ready = api.as_({}).get("/health/ready")
    assert ready.status_code == 503
    assert ready.json is not None
    assert {component["name"]: component["ok"] for component in ready.json["components"]}[
        "catalogue"
    ] is False
    postgres_to_kill.start()
    assert api.post("/submissions", chart(1)).status_code == 201
