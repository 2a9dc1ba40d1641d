"""`/v1/ledger`: the ledger as C2SP tlog-tiles, for monitors that check that it is append-only."""

from typing import Annotated

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from pydantic import Field

from api.reading.published_ledger import NotInLedger
from api.rest.access import needs
from api.rest.answers import answer
from api.rest.errors import RequestInvalid
from api.rest.models.base import Asked
from api.rest.models.ledger import Consistency, TreeQuery
from api.rest.operation import Answer, documented, tag
from api.rest.service import service
from archive.access.actor import Permission
from archive.base.errors import IntegrityError
from archive.vault.contract import VaultError

ledger = APIBlueprint("ledger", __name__, url_prefix="/v1/ledger", abp_tags=[tag("ledger")])
TEXT, OCTETS = "text/plain; charset=utf-8", "application/octet-stream"
_UNCHANGING = "private, max-age=31536000, immutable"  # a part of the ledger never becomes another


class EntriesPath(Asked):
    """Which entry bundle."""

    part: Annotated[str, Field(description="000, x001/067, 000.p/12: C2SP tlog-tiles")]


class TilePath(EntriesPath):
    """Which tile."""

    level: Annotated[int, Field(ge=0, le=63, description="tầng của cây / level of the tree")]


@ledger.get(
    "/checkpoint",
    **documented("getCheckpoint", {200: Answer(media_type=TEXT)}, VaultError, IntegrityError),
)
@needs(Permission.LEDGER)
def get_checkpoint() -> Response:
    """The newest signed head that is published."""
    note, _ = service().archive.published_ledger.checkpoint()
    return Response(note, content_type=TEXT)


@ledger.get(
    "/tile/entries/<path:part>",
    **documented("getEntries", {200: Answer(media_type=OCTETS)}, NotInLedger, VaultError),
)
@needs(Permission.LEDGER)
def get_entries(path: EntriesPath) -> Response:
    """An entry bundle."""
    return _part(service().archive.published_ledger.entries(path.part))


@ledger.get(
    "/tile/<int:level>/<path:part>",
    **documented(
        "getTile",
        {200: Answer(media_type=OCTETS)},
        NotInLedger,
        RequestInvalid,
        VaultError,
        IntegrityError,
    ),
)
@needs(Permission.LEDGER)
def get_tile(path: TilePath) -> Response:
    """A tile of hashes."""
    return _part(service().archive.published_ledger.tile(path.level, path.part))


@ledger.get(
    "/consistency",
    **documented(
        "proveConsistency",
        {200: Consistency},
        NotInLedger,
        RequestInvalid,
        VaultError,
        IntegrityError,
    ),
)
@needs(Permission.LEDGER)
def prove_consistency(query: TreeQuery) -> Response:
    """That the ledger has only grown."""
    return answer(Consistency, service().archive.published_ledger.consistency(query.old, query.new))


def _part(data: bytes) -> Response:
    response = Response(data, content_type=OCTETS)
    response.headers["Cache-Control"] = _UNCHANGING
    return response
