"""The OpenAPI description of an operation: words from `operations.yaml`, answers from models,
errors from classes.
"""

import string
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

import yaml
from flask_openapi3.models.tag import Tag
from pydantic import BaseModel

from api.access.wrong_tries import TooManyTries
from api.error_answers import http_status
from api.problem_details import MEDIA_TYPE, RETRY_SECONDS, as_problem
from api.rest.errors import PasswordMustChange, Unauthenticated
from api.rest.models.problem import Problem
from archive.base.bilingual import Text
from archive.base.errors import Denied, KhoError, Unavailable

SECURITY: list[dict[str, list[Any]]] = [{"apiKey": []}, {"account": []}]
ANSWERS: set[type[BaseModel]] = {Problem}  # every model that an answer is made of
_ALWAYS = (KhoError, Unavailable)
_OF_CALLERS = (Unauthenticated, Denied, PasswordMustChange, TooManyTries)
_SAMPLES = {
    "component": "PostgreSQL",
    "why": "timeout",
    "minutes": 5,
    "count": 1,
    "why_vi": "…",
    "why_en": "…",
}
_HEADERS = {
    "Retry-After": "giây cần chờ / seconds to wait",
    "WWW-Authenticate": "RFC 9110, 11.6.1",
    "Allow": "các phương thức được nhận / the accepted methods",
    "Link": 'rel="next": trang sau / the page after this one (RFC 8288)',
    "ETag": "SHA-256 của bản gốc, trong ngoặc kép / of the original, in double quotes",
    "Repr-Digest": "SHA-256 của cả bản gốc / of the whole original (RFC 9530)",
    "Content-Digest": "SHA-256 của phần được gửi / of the sent part (RFC 9530)",
    "Content-Range": "khoảng byte được gửi / the sent range (RFC 9110, 14.4)",
    "Accept-Ranges": "bytes",
    "Content-Disposition": "tên tệp / the file's name",
    "Idempotency-Replayed": "?1: câu trả lời lần trước / the earlier answer",
    "Kho-Packet-Id": "mã gói / the packet's id",
}


@dataclass(frozen=True)
class Answer:
    """What an operation answers when it succeeds: a model as JSON, or bytes of a media type, or
    nothing.
    """

    model: type[BaseModel] | None = None
    media_type: str = "application/json"
    headers: tuple[str, ...] = field(default=())
    empty: bool = False


@cache
def words() -> dict[str, Any]:
    """Return `operations.yaml`."""
    loaded: dict[str, Any] = yaml.safe_load(
        files(__package__).joinpath("operations.yaml").read_text("utf-8")
    )
    return loaded


def tag(name: str) -> Tag:
    """Return the tag `name` as `operations.yaml` describes it."""
    return Tag(name=name, description=_both(words()["tags"][name]))


def documented(
    name: str,
    answers: Mapping[int, type[BaseModel] | Answer],
    *errors: type[KhoError],
    open_to_all: bool = False,
    problem: type[Problem] = Problem,
    body: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return what the decorator of operation `name` is given: its words, its answers, every error
    it may answer with.

    `open_to_all`: no account is needed. `problem`: the model of its problems. `body`: the request
      body's content,
    where the operation reads it itself.
    """
    own = words()["operations"][name]
    every: tuple[type[KhoError], ...] = (*_ALWAYS, *(() if open_to_all else _OF_CALLERS), *errors)
    responses = {status: _answer(own, status, each) for status, each in answers.items()}
    for status, described in _problems(every, problem).items():
        if status in responses:  # an answer and a problem under one status: readiness has both
            described["content"].update(responses[status]["content"])
        responses[status] = described
    extensions = {"requestBody": {"required": True, "content": dict(body)}} if body else None
    return {
        "operation_id": name,
        "summary": _both(own["summary"], " · "),
        "description": _both(own["description"]),
        "responses": responses,
        "security": [] if open_to_all else SECURITY,
        **({"openapi_extensions": extensions} if extensions else {}),
    }


def _answer(own: Mapping[str, Any], status: int, given: type[BaseModel] | Answer) -> dict[str, Any]:
    answer = given if isinstance(given, Answer) else Answer(given)
    described: dict[str, Any] = {"description": _both(own["answers"][status])}
    if answer.headers:
        described["headers"] = _headers(answer.headers)
    if answer.model is not None:
        ANSWERS.add(answer.model)
        described["content"] = {answer.media_type: {"schema": reference(answer.model)}}
    elif not answer.empty:
        # OpenAPI 3.1 describes bytes by an empty schema
        described["content"] = {answer.media_type: {"schema": {}}}
    return described


def _problems(
    errors: tuple[type[KhoError], ...], model: type[Problem]
) -> dict[int, dict[str, Any]]:
    ANSWERS.add(model)
    by_status: dict[int, list[type[KhoError]]] = defaultdict(list)
    for error in dict.fromkeys(errors):
        by_status[http_status(error)].append(error)
    return {status: _problem(status, by_status[status], model) for status in sorted(by_status)}


def _problem(status: int, errors: list[type[KhoError]], model: type[Problem]) -> dict[str, Any]:
    shown = {
        error.code: {
            "summary": error.texts().what.fill(**samples(error)).en,
            "value": example(error),
        }
        for error in errors
    }
    described: dict[str, Any] = {
        "description": "\n".join(
            f"`{error.code}`: {_both(error.texts().what.fill(**samples(error)))}"
            for error in errors
        ),
        "content": {MEDIA_TYPE: {"schema": reference(model), "examples": shown}},
    }
    if status == 401:
        described["headers"] = _headers(("WWW-Authenticate",))
    elif status in RETRY_SECONDS:
        described["headers"] = _headers(("Retry-After",))
    return described


def example(error: type[KhoError]) -> dict[str, Any]:
    """Return a problem as `error` gives it, its facts invented."""
    return as_problem(error.sample(**samples(error)))


def samples(error: type[KhoError]) -> dict[str, Any]:
    """Return invented facts for the places in the sentences of `error`."""
    texts = error.texts()
    parts = (texts.what, texts.unchanged, texts.remedy)
    sentences = [sentence for part in parts for sentence in (part.vi, part.en)]
    names = {
        name
        for sentence in sentences
        for _, name, _, _ in string.Formatter().parse(sentence)
        if name
    }
    return {name: _SAMPLES.get(name, "…") for name in names}


def reference(model: type[BaseModel]) -> dict[str, str]:
    """Return the reference to a model in the document's components."""
    return {"$ref": f"#/components/schemas/{model.__name__}"}


def _headers(names: tuple[str, ...]) -> dict[str, Any]:
    return {name: {"description": _HEADERS[name], "schema": {"type": "string"}} for name in names}


def _both(text: Mapping[str, str] | Text, between: str = "\n\n") -> str:
    if isinstance(text, Text):
        return f"{text.vi} {text.en}"
    return f"{text['vi'].strip()}{between}{text['en'].strip()}"
