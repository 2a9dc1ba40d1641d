"""The API of a home, as a HIS calls it."""

import base64
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from api.access.api_keys import ApiKeys
from api.home import Home
from api.rest.app import create_app
from tests.api.rest.truth import TruthfulClient
from tests.fixtures.browsing import PASSWORD, with_accounts


def basic(name: str = "luutru", password: str = PASSWORD) -> dict[str, str]:
    """Return the header of HTTP Basic."""
    return {"Authorization": "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()}


def bearer(secret: str) -> dict[str, str]:
    """Return the header of an API key."""
    return {"Authorization": f"Bearer {secret}"}


class Api:
    """One caller of the API; every answer is held against the API's document."""

    def __init__(self, app: Flask, headers: dict[str, str]) -> None:
        app.test_client_class = TruthfulClient
        self.app, self.client, self.headers = app, app.test_client(), headers

    def get(self, path: str, **headers: str) -> TestResponse:
        """GET below `/v1`."""
        return self.client.get(f"/v1{path}", headers={**self.headers, **_named(headers)})

    def post(self, path: str, body: Any = None, **headers: str) -> TestResponse:
        """POST JSON below `/v1`."""
        return self.client.post(
            f"/v1{path}", json=body, headers={**self.headers, **_named(headers)}
        )

    def call(self, method: str, path: str, **options: Any) -> TestResponse:
        """Call in any way."""
        headers = {**self.headers, **options.pop("headers", {})}
        return self.client.open(f"/v1{path}", method=method, headers=headers, **options)

    def body(self, path: str) -> Any:
        """Return the JSON at `path`, which is there."""
        answer = self.get(path)
        assert answer.status_code == 200, answer.text
        return answer.json

    def as_(self, headers: dict[str, str]) -> "Api":
        """Return another caller of the same API."""
        return Api(self.app, headers)


def _named(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


def make_app(home: Home) -> Flask:
    """Return the API of `home`, with accounts."""
    return create_app(home, with_accounts(home), lambda: None)


@pytest.fixture(scope="session", params=["demo_home", "postgres_demo_home"])
def reading_home(request: pytest.FixtureRequest) -> Home:
    """The session's home of four charts, embedded and on PostgreSQL; tests only read."""
    home: Home = request.getfixturevalue(request.param)
    return home


@pytest.fixture(scope="session")
def reading_app(reading_home: Home) -> Flask:
    """The API of that home."""
    return make_app(reading_home)


@pytest.fixture
def reading(reading_app: Flask) -> Api:
    """The records clerk, who only reads here."""
    return Api(reading_app, basic())


@pytest.fixture
def own_home(fresh_home: Callable[[], Home]) -> Home:
    """An empty home."""
    return fresh_home()


@pytest.fixture
def writing(own_home: Home) -> Api:
    """The records clerk, in an empty home of their own."""
    return Api(make_app(own_home), basic())


@pytest.fixture
def key_for(reading_home: Home) -> Callable[..., dict[str, str]]:
    """Make API keys in the session's home."""
    keys = ApiKeys(reading_home.catalog, reading_home.code, reading_home.clock)

    def make(role: str = "reader", departments: list[str] | None = None) -> dict[str, str]:
        ends = reading_home.clock.now() + timedelta(days=1)
        return bearer(keys.create("HIS thử", role, ends, departments)[1])

    return make
