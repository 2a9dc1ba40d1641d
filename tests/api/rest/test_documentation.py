"""The API's document is whole and true: every operation, every error, examples that fit, and a page
for people.
"""

import hashlib
import json
import re
from base64 import b64decode
from html.parser import HTMLParser
from typing import Any, cast

import pytest
from flask import Flask
from flask_openapi3.openapi import OpenAPI

from api.home import Home
from api.reading.views import chart_view, document_view
from api.rest.models.charts import Chart
from api.rest.models.documents import Document
from api.rest.models.submissions import Receipt
from api.rest.models.verifications import Verification
from api.rest.showing import Trying, trying
from archive.base.identifiers import ObjectKey
from archive.catalog.listings import ChartFilter
from ingest.receipt import Receipt as OurReceipt
from tests.api.rest.conftest import Api
from tests.api.rest.truth import described, validator
from tests.fixtures.home import CLERK


@pytest.fixture
def document(reading_app: Flask) -> dict[str, Any]:
    """The document."""
    return described(cast("OpenAPI", reading_app))


def operations(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [operation for item in document["paths"].values() for operation in item.values()]


def test_the_document_is_openapi_3_1_and_needs_no_account(reading: Api) -> None:
    answer = reading.as_({}).client.get("/openapi.json")
    assert answer.status_code == 200
    assert answer.json is not None
    assert answer.json["openapi"].startswith("3.1.")
    assert answer.json["servers"] == [{"url": "/api", "description": "Kho"}]


def test_every_address_is_in_it(reading_app: Flask, document: dict[str, Any]) -> None:
    routed = {
        re.sub(r"<(?:[^<:]+:)?(\w+)>", r"{\1}", rule.rule)
        for rule in reading_app.url_map.iter_rules()
    }
    assert {path for path in routed if path.startswith("/v1/")} == set(document["paths"])


def test_every_operation_speaks_both_languages_and_names_its_errors(
    document: dict[str, Any],
) -> None:
    for operation in operations(document):
        name = operation["operationId"]
        assert " · " in operation["summary"], name
        assert "\n\n" in operation["description"] or operation["description"].count("RFC") == 2, (
            name
        )
        assert {"500", "503"} <= set(operation["responses"]), name
        assert ("401" in operation["responses"]) == bool(operation.get("security")), name
        for status, response in operation["responses"].items():
            assert response["description"], (name, status)
            if int(status) >= 400 and status != "503":
                assert list(response["content"]) == ["application/problem+json"], (name, status)


def test_every_example_fits_its_schema(document: dict[str, Any]) -> None:
    held = 0
    for name, schema in document["components"]["schemas"].items():
        for example in schema.get("examples", []):
            assert not list(validator(document, schema).iter_errors(example)), name
            held += 1
    for operation in operations(document):
        for response in operation["responses"].values():
            for content in response.get("content", {}).values():
                for example in content.get("examples", {}).values():
                    faults = list(
                        validator(document, content["schema"]).iter_errors(example["value"])
                    )
                    assert not faults, (operation["operationId"], faults[:1])
                    held += 1
    assert held > 150


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    named = set(re.findall(r"#/components/schemas/([^'\"]+)", str(document)))
    assert named <= set(document["components"]["schemas"])


def test_what_the_views_say_is_what_the_models_say(demo_home: Home) -> None:
    archive = demo_home.open_for_reading()
    newest = archive.records.charts(ChartFilter(), 1, None, CLERK, demo_home.scope)[0]
    history = archive.records.chart(newest.id, CLERK, demo_home.scope)
    document = history.documents[0].document
    shown = chart_view(history, archive.letterhead, archive.papers)
    view = document_view(history.documents[0], archive.letterhead)
    assert set(shown) == {field.alias or name for name, field in Chart.model_fields.items()}
    assert set(view) == set(Document.model_fields)
    ours = set(OurReceipt.__dataclass_fields__) | {"submission_id"}
    assert ours == set(Receipt.model_fields)
    data = demo_home.vault.read(ObjectKey(document.object_key), document.object_version)
    report = archive.verification.verify(data, demo_home.scope).as_json()
    assert set(report) | {"document_id", "superseded"} == set(Verification.model_fields)


class _Page(HTMLParser):
    """What a page would load, and its text."""

    def __init__(self) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.tags: set[str] = set()
        self.inline: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag."""
        self.tags.add(tag)
        for name, value in attrs:
            if name in ("src", "href") and tag in ("script", "link", "img"):
                self.loads.append(value or "")
            if name.startswith("on") or name == "style":
                self.inline.append(name)


def test_the_page_loads_its_own_style_and_script_and_nothing_of_strangers(
    reading: Api, document: dict[str, Any]
) -> None:
    answer = reading.as_({}).client.get("/docs")
    assert answer.status_code == 200
    page = _Page()
    page.feed(answer.text)
    assert page.loads == ["/docs/docs.css", "/docs/docs.js"]
    assert not page.inline
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'; connect-src 'self'" in policy
    assert "unsafe" not in policy
    for operation in operations(document):
        assert f'id="{operation["operationId"]}"' in answer.text
        assert f'href="#{operation["operationId"]}"' in answer.text
    with reading.as_({}).client.get("/docs/docs.css") as style:
        assert style.mimetype == "text/css"


def test_the_script_is_the_one_that_the_page_names_by_its_digest(reading: Api) -> None:
    page = reading.as_({}).client.get("/docs").text
    named = re.search(r'integrity="sha384-([^"]+)"', page)
    assert named
    with reading.as_({}).client.get("/docs/docs.js") as script:
        assert script.mimetype == "text/javascript"
        assert hashlib.sha384(script.data).digest() == b64decode(named[1])


def test_no_other_answer_of_the_api_lets_a_script_run(reading: Api) -> None:
    for path in ("/openapi.json", "/v1/charts", "/nowhere"):
        policy = reading.client.get(path).headers["Content-Security-Policy"]
        assert policy == "default-src 'none'; frame-ancestors 'none'"


def test_the_body_of_an_operation_can_be_filled_from_its_example(document: dict[str, Any]) -> None:
    by_name = {each["operationId"]: each for each in operations(document)}
    typed = trying(document, by_name["createUser"])
    assert typed.text == "application/json"
    assert json.loads(typed.example)["name"] == "lan"
    assert trying(document, by_name["verifyFile"]).files
    assert trying(document, by_name["listCharts"]) == Trying(None, "", ())
