"""The `Idempotency-Key` header on a request that changes something."""

import json
from collections.abc import Callable
from typing import Annotated

from flask import Response, g, request
from pydantic import BaseModel, ConfigDict, Field

from api.rest.errors import KeyReused, StillRunning
from api.rest.service import service
from archive.base.errors import KhoError
from archive.base.identifiers import Sha256, sha256

ERRORS: tuple[type[KhoError], ...] = (KeyReused, StillRunning)


class OnceHeader(BaseModel):
    """The key under which a request is done once, however often it is sent."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    key: Annotated[
        str | None,
        Field(
            alias="Idempotency-Key",
            pattern=r'^("[!#-~]{1,255}"|[!#-~]{1,255})$',
            description="khóa chống lặp, ví dụ một UUID / e.g. a UUID "
            "(draft-ietf-httpapi-idempotency-key-header)",
        ),
    ] = None


def once(
    header: OnceHeader, asked: Sha256, work: Callable[[], Response], *, keep: bool = True
) -> Response:
    """Do `work` once for the caller's key; `asked` is the digest of the request's body.

    Raises KeyReused, StillRunning, AnswerNotKept.
    """
    departments = g.account.scope.departments
    # The scope is a part of the caller's identity: an answer from before a change of scope is not
    # repeated.
    seen = "*" if departments is None else json.dumps(sorted(departments))
    who = f"{g.account.actor.name}\n{g.account.actor.role}\n{seen}"
    key = None if header.key is None else header.key.strip('"')
    whole = sha256(f"{request.method} {request.path}\n{asked}".encode())
    return service().idempotency.once(who, key, whole, work, keep=keep)
