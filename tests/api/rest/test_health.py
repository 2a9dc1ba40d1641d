"""Health over the API: each component by name, and errors that name what is away."""

import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from api.access.api_keys import ApiKeys
from api.home import Home
from api.rest import app
from api.upkeep import probe
from signing.testpki.running import stop
from tests.api.rest.conftest import Api, basic, bearer, make_app
from tests.fixtures.home import chart, take


@pytest.fixture(autouse=True)
def asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every question go to the components."""
    monkeypatch.setattr(probe, "FRESH", -1.0)


def components(api: Api) -> tuple[int, str, dict[str, str | None]]:
    answer = api.as_({}).get("/health/ready")
    assert answer.json is not None
    return (
        answer.status_code,
        answer.json["status"],
        {component["name"]: component["code"] for component in answer.json["components"]},
    )


def test_all_is_there(reading: Api) -> None:
    assert reading.as_({}).get("/health/live").json == {"status": "ok"}
    assert components(reading) == (
        200,
        "ready",
        dict.fromkeys(("catalogue", "store", "keys", "search")),
    )


def test_a_store_that_is_away_is_named(own_home: Home) -> None:
    take(own_home, chart(1))
    api = Api(make_app(own_home), basic())
    document = api.body("/documents")["items"][0]["document_id"]
    (Path(own_home.folder) / "vault").rename(Path(own_home.folder) / "away")
    status, said, codes = components(api)
    assert (status, said, codes["catalogue"]) == (503, "unready", None)
    assert codes["store"]
    answer = api.get(f"/documents/{document}/original")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "30"


def test_a_catalogue_that_is_away_is_named(fresh_home: Callable[[], Home]) -> None:
    home = fresh_home()
    api = Api(make_app(home), basic())
    _ = api.body("/charts")
    home.catalog.engine.dispose()
    file = Path(home.folder) / "catalog.db"
    file.rename(file.with_suffix(".away"))
    file.mkdir()
    status, said, codes = components(api)
    assert (status, said, codes["catalogue"]) == (503, "unready", "component.unavailable")
    answer = api.get("/charts")
    assert answer.status_code == 503
    assert answer.json is not None
    assert (answer.json["code"], answer.json["component"]) == ("component.unavailable", "sqlite")


def test_a_missing_tsa_is_reported_only_where_it_is_needed(own_home: Home) -> None:
    api = Api(make_app(own_home), basic())
    _ = own_home.open_for_writing().accession
    stop(own_home.folder / "testpki")
    answer = api.post("/submissions", chart(1))
    assert answer.status_code == 503
    assert answer.json is not None
    assert answer.json["component"]
    assert api.get("/charts").status_code == 200


def test_health_is_asked_of_the_components_no_more_often_than_needed(
    reading: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probe, "FRESH", 60.0)
    first = reading.as_({}).get("/health/ready")
    asked: list[object] = []
    monkeypatch.setattr(app, "readiness", asked.append)
    assert reading.as_({}).get("/health/ready").json == first.json
    assert not asked


def test_a_silent_component_blocks_one_caller_only() -> None:
    asked, answers = threading.Event(), threading.Event()
    said = iter(["ready", "unready", "unready"])

    def components() -> dict[str, str]:
        status = next(said)
        if status == "unready":
            asked.set()
            answers.wait(10)
        return {"status": status}

    held = probe.Probe(components)
    before = held.ask()
    first = threading.Thread(target=held.ask)
    first.start()
    try:
        assert asked.wait(10)
        assert held.ask() == before
    finally:
        answers.set()
        first.join()
    assert held.ask() == {"status": "unready"}


def test_only_an_administrator_sees_the_status(own_home: Home) -> None:
    app = make_app(own_home)
    assert Api(app, basic()).get("/health/status").status_code == 403
    keys = ApiKeys(own_home.catalog, own_home.code, own_home.clock)
    ends = own_home.clock.now() + timedelta(days=1)
    admin = Api(app, bearer(keys.create("Giám sát", "admin", ends, None)[1]))
    components = {each["name"]: each for each in admin.body("/health/status")["components"]}
    assert components["tsa"]["state"] == "ok"
    assert components["tsa"]["since"]
