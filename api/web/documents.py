"""A document: what it is, its pages as pictures, what its seal is worth,
and the original itself.
"""

import base64
from uuid import UUID

from flask import Blueprint, Response, make_response, render_template, request
from flask.typing import ResponseReturnValue

from api.reading.places import place_in
from api.reading.received import as_received, readable, received_name
from api.web.language import language
from api.web.pictures import page_count
from api.web.record_table import in_sections, read_record
from api.web.site import caller, site
from archive.access.actor import Permission
from archive.catalog.entries import DocumentEntry
from ingest.sources.legacy_text import legacy_texts, texts_of

pages = Blueprint("documents", __name__, url_prefix="/documents")


@pages.get("/<uuid:document_id>")
def show(document_id: UUID) -> ResponseReturnValue:
    """Show one document; its seal is verified on the bytes that were just read."""
    account = caller(Permission.READ)
    known = site().archive.records.document_in_chart(str(document_id), account.actor, account.scope)
    collected = site().sets.ids(account.actor, account.scope)
    document, data = site().archive.originals.original(
        str(document_id), account.actor, account.scope
    )
    archive = site().archive
    replaces = archive.replacements.of(known.document) if known.supersedes else None
    replaced_by = None
    if document.superseded_by:
        newer = archive.records.document(document.superseded_by, account.actor, account.scope)
        replaced_by = archive.replacements.of(newer.document)
    with archive.viewing.held(account.name):
        shown = readable(document, data)
        number_of_pages = page_count(shown)
        # An external file may claim to carry any record: only Kho's own are shown.
        record = {} if document.origin == "external" else read_record(data)
    return render_template(
        "document.html",
        document=known.document,
        chart=known.chart,
        lock=known.lock,
        firm=site().archive.store_keeps_locks,
        now=site().archive.clock.now(),
        replaces=replaces,
        replaced_by=replaced_by,
        in_chart=place_in(known.papers, document.id),
        in_set=place_in(collected, document.id),
        report=site().verdicts.of_original(data, account.name),
        covered=site().verdicts.of_original(shown, account.name)
        if document.origin == "cover"
        else None,
        pages=number_of_pages,
        record=in_sections(
            record, site().archive.forms, language(), site().archive.departments.names()
        ),
        legacy=legacy_texts(
            texts_of({part: record.get(part) for part in ("patient", "chart", "data")})
        ),
    )


@pages.get("/<uuid:document_id>/pages/<int:number>.png")
def picture(document_id: UUID, number: int) -> ResponseReturnValue:
    """Give one page as a picture."""
    account = caller(Permission.READ)
    return _png(site().pictures.page(str(document_id), number, account))


@pages.get("/<uuid:document_id>/thumbnail.png")
def thumbnail(document_id: UUID) -> ResponseReturnValue:
    """Give the first page as a small picture."""
    account = caller(Permission.READ)
    return _png(site().pictures.thumbnail(str(document_id), account))


@pages.get("/<uuid:document_id>/original")
def download(document_id: UUID) -> ResponseReturnValue:
    """Give the signed original, byte for byte; its ETag is its SHA-256 digest."""
    account = caller(Permission.ORIGINAL)
    document, data = site().archive.originals.original(
        str(document_id), account.actor, account.scope
    )
    response: Response = make_response(data)
    response.mimetype = "application/pdf"
    response.headers["Content-Disposition"] = f'attachment; filename="{file_name(document)}"'
    response.headers["Repr-Digest"] = (
        f"sha-256=:{base64.b64encode(bytes.fromhex(document.sha256)).decode()}:"  # RFC 9530
    )
    response.set_etag(document.sha256)
    return response.make_conditional(request)


@pages.get("/<uuid:document_id>/received")
def received(document_id: UUID) -> ResponseReturnValue:
    """Give the file as received, byte for byte, for saving: the browser never shows it."""
    account = caller(Permission.ORIGINAL)
    document, data = site().archive.originals.original(
        str(document_id), account.actor, account.scope
    )
    with site().archive.viewing.held(account.name):
        response: Response = make_response(as_received(document, data))
    response.mimetype = "application/octet-stream"
    response.headers["Content-Disposition"] = f'attachment; filename="{received_name(document)}"'
    return response


def _png(picture: bytes) -> Response:
    response = make_response(picture)
    response.mimetype = "image/png"
    return response


def file_name(document: DocumentEntry) -> str:
    """Return the name under which an original is saved: its form and id,
    and nothing of a patient.
    """
    form = "".join(
        letter if letter.isascii() and letter.isalnum() else "-" for letter in document.form
    )
    return f"{form}_{document.id}.pdf"
