"""`/v1/documents/{id}/original`: the signed original byte for byte, whole or one range (RFC 9110,
13 and 14).
"""

from collections.abc import Iterator
from hashlib import sha256

from flask import Response, request
from flask_openapi3.blueprint import APIBlueprint
from pydantic import BaseModel, ConfigDict, Field
from werkzeug.http import parse_range_header

from api.access.reading_turns import ViewingBusy
from api.reading.originals import CHECKED_WHOLE
from api.reading.received import NothingReceived, as_received, received_name
from api.rest.access import caller, needs
from api.rest.errors import PreconditionFailed, RangeRefused
from api.rest.models.documents import DocumentPath
from api.rest.operation import Answer, documented, tag
from api.rest.requests.digests import digest_header
from api.rest.service import service
from archive.access.actor import Permission
from archive.base.errors import IntegrityError, NotFound
from archive.catalog.entries import DocumentEntry
from archive.vault.contract import VaultError

originals = APIBlueprint(
    "originals", __name__, url_prefix="/v1/documents", abp_tags=[tag("documents")]
)
PDF = "application/pdf"
_OF_ALL = ("ETag", "Repr-Digest", "Accept-Ranges", "Content-Disposition")


class Conditions(BaseModel):
    """What makes an answer conditional, or partial."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    range: str | None = Field(
        None, alias="Range", description="một khoảng byte / one range of bytes: bytes=0-1023"
    )
    if_range: str | None = Field(
        None, alias="If-Range", description="ETag; khác: cả tệp / another: the whole file"
    )
    if_match: str | None = Field(
        None, alias="If-Match", description="ETag; khác: 412 / another: 412"
    )
    if_none_match: str | None = Field(
        None, alias="If-None-Match", description="ETag; trùng: 304 / the same: 304"
    )


@originals.get(
    "/<record:document_id>/original",
    **documented(
        "getOriginal",
        {
            200: Answer(media_type=PDF, headers=(*_OF_ALL, "Content-Digest")),
            206: Answer(media_type=PDF, headers=(*_OF_ALL, "Content-Digest", "Content-Range")),
            304: Answer(empty=True, headers=("ETag",)),
        },
        NotFound,
        PreconditionFailed,
        RangeRefused,
        VaultError,
        IntegrityError,
    ),
)
@needs(Permission.ORIGINAL)
def get_original(path: DocumentPath, header: Conditions) -> Response:
    """The original, or one range of it; HEAD tells of it without its bytes."""
    account, given = caller(), service().archive.originals
    document = given.entitled(path.document_id, account.actor, account.scope)
    if request.if_match and not request.if_match.contains(document.sha256):
        raise PreconditionFailed
    if request.if_none_match.contains(document.sha256):
        return _described(Response(status=304), document)
    part = _part(document)
    first, end = part or (0, document.size)
    status = 200 if part is None else 206
    if request.method == "HEAD":
        response = Response(status=200, content_type=PDF)
        response.content_length = document.size
        return _described(response, document)
    if document.size <= CHECKED_WHOLE:
        data = given.read(document)[first:end]
        response = Response(data, status, content_type=PDF)
        response.headers["Content-Digest"] = digest_header(sha256(data).digest())
    else:
        response = Response(_streamed(given.pieces(document, first, end)), status, content_type=PDF)
        response.content_length = end - first
    if part is not None:
        response.headers["Content-Range"] = f"bytes {first}-{end - 1}/{document.size}"
    return _described(response, document)


@originals.get(
    "/<record:document_id>/received",
    **documented(
        "getReceived",
        {
            200: Answer(
                media_type="application/octet-stream",
                headers=("Repr-Digest", "Content-Disposition"),
            )
        },
        NotFound,
        NothingReceived,
        ViewingBusy,
        VaultError,
        IntegrityError,
    ),
)
@needs(Permission.ORIGINAL)
def get_received(path: DocumentPath) -> Response:
    """The finished file that came for a document, whatever its kind: it is never opened in a
    browser.
    """
    account, archive = caller(), service().archive
    given = archive.originals.original(path.document_id, account.actor, account.scope)
    with archive.viewing.held(account.name):
        received = as_received(*given)
    document, response = given[0], Response(received, content_type="application/octet-stream")
    response.headers["Repr-Digest"] = digest_header(sha256(response.data).digest())
    response.headers["Content-Disposition"] = f'attachment; filename="{received_name(document)}"'
    return response


def _part(document: DocumentEntry) -> tuple[int, int] | None:
    """Return the requested range, its end excluded; None for the whole file.

    A range that is not understood is ignored, as RFC 9110 (14.2) says. Several ranges in one
    request are refused: each would read the file once more. Raises RangeRefused, which states the
    file's size.
    """
    asked = parse_range_header(request.headers.get("Range"))
    if asked is None or asked.units != "bytes" or request.method != "GET":
        return None
    if (
        "If-Range" in request.headers
        and request.headers["If-Range"].strip() != f'"{document.sha256}"'
    ):
        return None
    span = asked.range_for_length(document.size)
    if span is None:
        raise RangeRefused(size=document.size)
    return span


def _described(response: Response, document: DocumentEntry) -> Response:
    response.set_etag(document.sha256)
    response.headers["Accept-Ranges"] = "bytes"
    response.headers["Repr-Digest"] = digest_header(bytes.fromhex(document.sha256))
    response.headers["Content-Disposition"] = f'attachment; filename="{document.id}.pdf"'
    return response


def _streamed(parts: Iterator[bytes]) -> Iterator[bytes]:
    """Begin reading before the answer begins: an original that is missing is still an error with a
    name.
    """
    first = next(parts)
    return _chained(first, parts)


def _chained(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest
