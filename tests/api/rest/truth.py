"""A client that holds every answer against the API's own document: status, media type, schema,
headers.
"""

import json
import re
from functools import cache
from typing import Any, cast

from flask.testing import FlaskClient
from flask_openapi3.openapi import OpenAPI
from jsonschema import Draft202012Validator, FormatChecker
from werkzeug.test import TestResponse

from api.rest.documentation import openapi

_DOCUMENTS: dict[int, dict[str, Any]] = {}
_OF_EVERY_ANSWER = {405}  # a method that the address does not take is in no operation


class TruthfulClient(FlaskClient):
    """Calls the API, and fails where an answer is not what the document says."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Call, and hold the answer against the document."""
        answer = super().open(*args, **kwargs)
        document = described(cast("OpenAPI", self.application))
        operation = operation_of(document, answer.request.path, answer.request.method)
        if operation is not None and answer.status_code not in _OF_EVERY_ANSWER:
            hold(document, operation, answer)
        return answer


def described(app: OpenAPI) -> dict[str, Any]:
    """Return the document of `app`, made once."""
    if id(app) not in _DOCUMENTS:
        _DOCUMENTS.clear()
        with app.app_context():
            _DOCUMENTS[id(app)] = openapi(app)
    return _DOCUMENTS[id(app)]


def operation_of(document: dict[str, Any], path: str, method: str) -> dict[str, Any] | None:
    """Return the operation at `path`, the most literal one where several fit."""
    method = "get" if method == "HEAD" else method.lower()
    fitting = [known for known in document["paths"] if _pattern(known).fullmatch(path)]
    fitting.sort(key=lambda known: known.count("{"))
    operation: dict[str, Any] | None = (
        document["paths"][fitting[0]].get(method) if fitting else None
    )
    return operation


@cache
def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(
        re.sub(r"\\{part\\}", ".+", re.sub(r"\\{(?!part)\w+\\}", "[^/]+", re.escape(path)))
    )


def hold(document: dict[str, Any], operation: dict[str, Any], answer: TestResponse) -> None:
    """Assert that `answer` is one that `operation` tells of."""
    name = operation["operationId"]
    response = operation["responses"].get(str(answer.status_code))
    assert response, f"{name} does not tell of {answer.status_code}: {answer.text[:300]}"
    contents = response.get("content", {})
    if answer.request.method == "HEAD" or not contents:
        return
    declared = str(answer.mimetype)
    media = {kind.partition(";")[0] for kind in contents}
    assert declared in media, f"{name} {answer.status_code}: {declared} is not in {media}"
    schema = next(
        content["schema"] for kind, content in contents.items() if kind.startswith(declared)
    )
    if "json" in declared:
        faults = list(validator(document, schema).iter_errors(json.loads(answer.data)))
        assert not faults, (
            f"{name} {answer.status_code}: {faults[0].json_path}: {faults[0].message}"
        )
    for header in response.get("headers", {}):
        optional = header in {"Link", "Idempotency-Replayed", "Retry-After", "Content-Digest"}
        assert optional or header in answer.headers, f"{name} {answer.status_code}: no {header}"


def validator(document: dict[str, Any], schema: dict[str, Any]) -> Draft202012Validator:
    """Return a validator of `schema`, whose references lie in `document`."""
    return Draft202012Validator(
        {**schema, "components": document["components"]}, format_checker=FormatChecker()
    )
