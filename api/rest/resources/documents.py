"""`/v1/documents`: documents, one by one and in the order of the ledger, their reports and their
proofs.
"""

from flask import Response
from flask_openapi3.blueprint import APIBlueprint

from api.reading.verdicts import VerifyingBusy
from api.reading.views import document_view
from api.rest.access import caller, needs
from api.rest.answers import answer, go_on, next_page, page
from api.rest.errors import CursorInvalid, RequestInvalid
from api.rest.models.documents import Document, DocumentPage, DocumentPath, DocumentQuery
from api.rest.models.ledger import Proof
from api.rest.models.verifications import Verification
from api.rest.operation import Answer, documented, tag
from api.rest.service import service
from archive.access.actor import Permission
from archive.base.errors import IntegrityError, NotFound
from archive.catalog.listings import DocumentFilter
from archive.vault.contract import VaultError

documents = APIBlueprint(
    "documents", __name__, url_prefix="/v1/documents", abp_tags=[tag("documents")]
)


@documents.get(
    "",
    **documented(
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
    wanted = DocumentFilter(**query.model_dump(exclude={"limit", "cursor", "order"}))
    after = None if behind is None else (int(behind[0]), int(behind[1]))
    listed = archive.records.documents(
        wanted,
        query.limit + 1,
        after,
        account.actor,
        account.scope,
        oldest_first=query.order == "oldest",
    )
    shown, more = listed[: query.limit], len(listed) > query.limit
    items = [document_view(held, archive.letterhead) for held in shown]
    if not more:
        return page(DocumentPage, items, None)
    end = shown[-1].document
    last = next_page("documents", query, [end.act_index, end.position])
    return page(DocumentPage, items, last)


@documents.get("/<record:document_id>", **documented("getDocument", {200: Document}, NotFound))
@needs(Permission.READ)
def get_document(path: DocumentPath) -> Response:
    """Everything known of one document."""
    account, archive = caller(), service().archive
    held = archive.records.document(path.document_id, account.actor, account.scope)
    return answer(Document, document_view(held, archive.letterhead))


@documents.get(
    "/<record:document_id>/verification",
    **documented(
        "verifyDocument", {200: Verification}, NotFound, VaultError, IntegrityError, VerifyingBusy
    ),
)
@needs(Permission.READ)
def verify_document(path: DocumentPath) -> Response:
    """The validator's report on the original."""
    account, held = caller(), service()
    document, data = held.archive.originals.original(path.document_id, account.actor, account.scope)
    verification = held.verdicts.verify(data, account.scope, account.name)
    return answer(Verification, {**verification.as_json(), "document_id": document.id})


@documents.get(
    "/<record:document_id>/proof",
    **documented("proveDocument", {200: Proof}, NotFound, VaultError, IntegrityError),
)
@needs(Permission.READ)
def prove_document(path: DocumentPath) -> Response:
    """That the document is in the ledger."""
    account, archive = caller(), service().archive
    return answer(
        Proof, archive.published_ledger.proof(path.document_id, account.actor, account.scope)
    )
