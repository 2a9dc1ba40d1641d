"""Answers: made by the same models that the OpenAPI document shows,
so that the two cannot differ.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from flask import Response, request
from pydantic import BaseModel

from api.rest.service import service
from archive.base.facts import STORED


def answer(model: type[BaseModel], content: Mapping[str, Any], status: int = 200) -> Response:
    """Return `content` as the JSON of `model`."""
    body = model.model_validate(content, context=STORED).model_dump_json(by_alias=True)
    return Response(body, status, mimetype="application/json")


def page(
    model: type[BaseModel],
    items: Sequence[Mapping[str, Any]],
    cursor: str | None,
    more: Mapping[str, Any] | None = None,
) -> Response:
    """Return one page of a list, `next` and `Link: rel="next"` where there is a page after it (RFC
    8288).
    """
    response = answer(model, {**(more or {}), "items": items, "next": cursor})
    if cursor is not None and request.method == "GET":
        asked = {**request.args.to_dict(), "cursor": cursor}
        response.headers["Link"] = (
            f'<{request.script_root}{request.path}?{urlencode(asked)}>; rel="next"'
        )
    return response


def go_on(place: str, asked: BaseModel) -> list[Any] | None:
    """Return the position behind which a page begins; None for the first one.

    Raises CursorInvalid.
    """
    cursor = getattr(asked, "cursor", None)
    return None if cursor is None else service().cursors.read(cursor, place, _filters(asked))


def next_page(place: str, asked: BaseModel, position: list[Any]) -> str:
    """Return the cursor of the page behind `position`."""
    return service().cursors.write(place, _filters(asked), position)


def _filters(asked: BaseModel) -> dict[str, Any]:
    """Return what a cursor is bound to: all parameters of the query except cursor and page size."""
    return asked.model_dump(mode="json", exclude={"cursor", "limit"}, exclude_none=True)
