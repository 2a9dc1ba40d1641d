"""An administrator manages people and sees no record: every page and every operation is tried."""

import json
import re
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.routing import Rule

from api.home import Home
from api.rest.access import OPEN, OPEN_FILES
from api.rest.app import create_app as create_api
from archive.access.actor import Permission
from archive.catalog.tables import ChartRow, DocumentRow
from tests.api.rest.conftest import basic
from tests.fixtures.browsing import Visitor, with_accounts
from tests.fixtures.home import NAMES

OPEN_TO_ALL = {"static", "icon", "signing.sign_in", "copies.compare"}
OWN = {"search.start", "sheet.show", "own_account.password", "own_account.devices"}
ENDS = {"signing.sign_out", "own_account.end_device"}
ADMINISTRATION = {
    Permission.PEOPLE,
    Permission.KEYS,
    Permission.DEPARTMENTS,
    Permission.HEALTH,
}
BEGINS = {"checking.begin", "health.begin_check"}  # a process beside the server
OF_ADMINISTRATION = ("people.", "keys.", "departments.", "gallery.", "status.", "checking.")
TELLS = (*NAMES, "J18.9", "Viêm phổi", "BN0000", "LK0000")


@pytest.fixture
def ids(demo_home: Home) -> dict[str, str]:
    """The ids of a chart and of a document that are there."""
    with demo_home.catalog.read() as session:
        document = session.scalars(select(DocumentRow)).first()
        chart = session.scalars(select(ChartRow)).first()
    assert document is not None
    assert chart is not None
    return {"document_id": document.id, "chart_id": chart.id, "submission_id": document.id}


@pytest.fixture
def administrator(site: Flask) -> Visitor:
    """The administrator, signed in."""
    visitor = Visitor(site)
    assert visitor.sign_in("quantri").status_code == 303
    return visitor


def test_no_page_shows_an_administrator_a_record(
    site: Flask, administrator: Visitor, ids: dict[str, str]
) -> None:
    token = re.search(r'value="([^"]+)"', administrator.get("/account/password").text)
    assert token
    for rule, method in _tried(site):
        if rule.endpoint in OPEN_TO_ALL | ENDS | BEGINS:
            continue
        path = re.sub(r"<int:\w+>", "1", rule.rule)
        path = re.sub(r"<any\((\w+).*?>", r"\1", path)
        path = re.sub(r"<uuid:(\w+)>", lambda m: ids.get(m[1], ids["chart_id"]), path)
        data = {"csrf_token": token[1]} if method == "POST" else None
        answer = administrator.client.open(path, method=method, data=data)
        if rule.endpoint not in OWN and not rule.endpoint.startswith(OF_ADMINISTRATION):
            assert answer.status_code == 403, (method, path)
        _tells_nothing(answer.text, path)


def test_no_operation_shows_an_administrator_a_record(demo_home: Home, ids: dict[str, str]) -> None:
    api = create_api(demo_home, with_accounts(demo_home), lambda: None)
    client = api.test_client()
    for rule, method in _tried(api):
        path = rule.rule.replace("<int:level>", "0").replace("<path:part>", "000")
        path = path.replace("<facility:code>", "99009")
        path = re.sub(r"<record:(\w+)>", lambda m: ids.get(m[1], ids["chart_id"]), path)
        if rule.endpoint in OPEN | OPEN_FILES | BEGINS:
            continue
        permission = vars(api.view_functions[rule.endpoint])["needs"]
        with client.open(path, method=method, headers=basic("quantri")) as answer:
            if permission not in ADMINISTRATION:
                assert answer.status_code == 403, (method, path)
                assert json.loads(answer.data)["code"] == "access.denied"
            _tells_nothing(answer.data.decode(), path)


def test_an_administrator_begins_at_the_users_and_sees_no_way_to_records(
    administrator: Visitor,
) -> None:
    assert administrator.get("/").location == "/users"
    page = administrator.get("/", follow_redirects=True)
    assert page.status_code == 200
    assert "/search" not in page.text
    assert "/verify" not in page.text


def _tried(app: Flask) -> Iterator[tuple[Rule, str]]:
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield rule, method


def _tells_nothing(text: str, path: str) -> None:
    assert not [tell for tell in TELLS if tell in text], path
