"""The API's document: OpenAPI 3.1 at `/api/openapi.json`, and for people at `/api/docs`."""

import copy
import hashlib
from base64 import b64encode
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from typing import Any, cast

from flask import Blueprint, current_app, jsonify, render_template
from flask.typing import ResponseReturnValue
from flask_openapi3.models.info import Info
from flask_openapi3.models.security_scheme import SecurityScheme
from flask_openapi3.models.server import Server
from flask_openapi3.openapi import OpenAPI
from pydantic.json_schema import models_json_schema

from api.rest import showing
from api.rest.models.base import Asked, Body
from api.rest.models.submissions import ChartRecord
from api.rest.operation import ANSWERS, words

documentation = Blueprint(
    "documentation",
    __name__,
    template_folder="templates",
    static_folder="static",
    static_url_path="/docs",
)
_KEPT = "kho.openapi"
# For this page only: its one script, and what that script sends to this server.
_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
    "base-uri 'none'; frame-ancestors 'none'; form-action 'none'"
)


def described() -> dict[str, Any]:
    """Return the arguments that describe the API, for the application's constructor."""
    info = words()["info"]
    schemes = words()["security"]
    return {
        "info": Info(
            title=_both(info["title"], " · "),
            version=version("kho"),
            description=_both(info["description"]),
        ),
        "servers": [Server(url="/api", description="Kho")],
        "security_schemes": {
            "apiKey": SecurityScheme(
                type="http", scheme="bearer", description=_both(schemes["apiKey"])
            ),
            "account": SecurityScheme(
                type="http", scheme="basic", description=_both(schemes["account"])
            ),
        },
    }


def openapi(app: OpenAPI) -> dict[str, Any]:
    """Return the document of `app`: what the library has gathered, with every answer's model among
    the components.
    """
    if _KEPT in app.extensions:
        return cast("dict[str, Any]", app.extensions[_KEPT])
    document = copy.deepcopy(cast("dict[str, Any]", app.api_doc))
    schemas = document["components"]["schemas"]
    asked = (*Asked.__subclasses__(), *Body.__subclasses__())
    bodies = [model for model in asked if model.__name__ in schemas or model is ChartRecord]
    pairs: list[Any] = [(model, "validation") for model in bodies]
    pairs += [
        (model, "serialization") for model in sorted(ANSWERS, key=lambda model: model.__name__)
    ]
    _, definitions = models_json_schema(pairs, ref_template="#/components/schemas/{model}")
    document["components"]["schemas"] = {**schemas, **definitions["$defs"]}
    for item in document["paths"].values():
        for operation in item.values():
            _complete(operation)
    app.extensions[_KEPT] = document  # it never changes, and every client may request it
    return document


def _complete(operation: dict[str, Any]) -> None:
    """Remove what the library adds and the API does not have: null in an address, and its own form
    of errors.
    """
    if "application/json" in operation["responses"].get("422", {}).get("content", {}):
        del operation["responses"]["422"]
    for parameter in operation.get("parameters", []):
        parameter["schema"] = _without_null(parameter["schema"])


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a parameter that is given: one that is left out has no value,
    not null.
    """
    left = [option for option in schema.get("anyOf", []) if option.get("type") != "null"]
    kept = {
        name: value
        for name, value in schema.items()
        if name not in ("anyOf", "title", "description")
    }
    if kept.get("default", 0) is None:
        del kept["default"]
    return {**kept, **left[0]} if len(left) == 1 else {**kept, **({"anyOf": left} if left else {})}


@documentation.get("/openapi.json")
def document() -> ResponseReturnValue:
    """The document for programs."""
    return jsonify(openapi(cast("OpenAPI", current_app)))


@documentation.get("/docs")
def page() -> ResponseReturnValue:
    """The document for people."""
    shown = openapi(cast("OpenAPI", current_app))
    body = render_template(
        "docs.html",
        api=shown,
        words=showing.words,
        kind=showing.kind,
        operations=showing.operations,
        pretty=showing.pretty,
        trying=showing.trying,
        integrity=_integrity(),
    )
    return body, {"Content-Security-Policy": _POLICY}


@cache
def _integrity() -> str:
    """Return what the browser holds the page's script against (W3C, Subresource Integrity)."""
    script = files(__package__).joinpath("static/docs.js").read_bytes()
    return f"sha384-{b64encode(hashlib.sha384(script).digest()).decode()}"


def _both(text: dict[str, str], between: str = "\n\n") -> str:
    return f"{text['vi'].strip()}{between}{text['en'].strip()}"
