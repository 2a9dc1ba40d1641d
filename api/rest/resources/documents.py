"""`/v1/documents`: documents, one by one and in the order of the ledger, their reports and their
proofs.
"""

from flask import Response
from flask_openapi3.blueprint import APIBlueprint

from api.reading.verdicts import VerifyingBusy
from api.rest.access import caller, needs
from api.rest.answers import answer, go_on, next_page, page
from api.rest.errors import CursorInvalid, RequestInvalid
from api.rest.models.documents import Document, DocumentPage, DocumentPath, DocumentQuery
from api.rest.models.ledger import Proof
from api.rest.models.verifications import Verification
from api.rest.operation import Answer, tag, told
from api.rest.service import service
from api.views import document_view, document_views
from archive.access.actor import Permission
from archive.base.errors import IntegrityError, NotFound
from archive.catalog import listings, records
from archive.vault.contract import VaultError

documents = APIBlueprint(
    "documents", __name__, url_prefix="/v1/documents", abp_tags=[tag("documents")]
)


@documents.get(
    "",
    **told(
        "listDocuments",
        {200: Answer(DocumentPage, headers=("Link",))},
        CursorInvalid,
        RequestInvalid,
    ),
)
@needs(Permission.READ)
def list_documents(query: DocumentQuery) -> Response:
    """Documents within the caller's scope, in the order of the ledger."""
    account, archive = caller(), service().archive
    behind = go_on("documents", query)
    wanted = listings.DocumentFilter(**query.model_dump(exclude={"limit", "cursor", "order"}))
    after = None if behind is None else (int(behind[0]), int(behind[1]))
    oldest, letterhead = query.order == "oldest", archive.letterhead
    with archive.ground.catalog.read() as session:
        found = listings.document_page(
            session, account.scope, wanted, query.limit + 1, after, oldest_first=oldest
        )
        shown = found[: query.limit]
        items = document_views(session, shown, letterhead)
    more = len(found) > query.limit
    last = (
        next_page("documents", query, [shown[-1].act_index, shown[-1].position]) if more else None
    )
    return page(DocumentPage, items, last)


@documents.get("/<record:document_id>", **told("getDocument", {200: Document}, NotFound))
@needs(Permission.READ)
def get_document(path: DocumentPath) -> Response:
    """Everything known of one document."""
    account, archive = caller(), service().archive
    letterhead = archive.letterhead
    with archive.ground.catalog.read() as session:
        found = records.document(session, path.document_id, account.scope)
        return answer(Document, document_view(session, found, letterhead))


@documents.get(
    "/<record:document_id>/verification",
    **told(
        "verifyDocument", {200: Verification}, NotFound, VaultError, IntegrityError, VerifyingBusy
    ),
)
@needs(Permission.READ)
def verify_document(path: DocumentPath) -> Response:
    """The validator's report on the original."""
    account, held = caller(), service()
    found, data = held.archive.originals.original(path.document_id, account.actor, account.scope)
    verification = held.verdicts.verify(data, account.scope, account.name)
    return answer(Verification, {**verification.as_json(), "document_id": found.id})


@documents.get(
    "/<record:document_id>/proof",
    **told("proveDocument", {200: Proof}, NotFound, VaultError, IntegrityError),
)
@needs(Permission.READ)
def prove_document(path: DocumentPath) -> Response:
    """That the document stands in the ledger."""
    account, archive = caller(), service().archive
    return answer(
        Proof, archive.published_ledger.proof(path.document_id, account.actor, account.scope)
    )
