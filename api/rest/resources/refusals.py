"""`/v1/refusals`: what the intake refused, and what is settled of it."""

from flask import Response
from flask_openapi3.blueprint import APIBlueprint

from api.refusals.kept import RefusalFilter
from api.refusals.remedies import refusal_view
from api.rest.access import caller, needs
from api.rest.answers import answer, go_on, next_page, page
from api.rest.errors import CursorInvalid, RequestInvalid
from api.rest.models.refusals import RefusalAnswer, RefusalPage, RefusalPath, RefusalQuery
from api.rest.operation import Answer, documented, tag
from api.rest.service import service
from archive.access.actor import Permission
from archive.base.errors import NotFound

refusals = APIBlueprint(
    "refusals", __name__, url_prefix="/v1/refusals", abp_tags=[tag("submissions")]
)


@refusals.get(
    "",
    **documented(
        "listRefusals",
        {200: Answer(RefusalPage, headers=("Link",))},
        CursorInvalid,
        RequestInvalid,
    ),
)
@needs(Permission.INGEST)
def list_refusals(query: RefusalQuery) -> Response:
    """Refusals within the caller's scope, the one that came last first."""
    account, archive = caller(), service().archive
    behind = go_on("refusals", query)
    first = 0 if behind is None else int(behind[0])
    listed = archive.refusals.listed(
        RefusalFilter(query.state, query.source), query.limit, first, account.actor, account.scope
    )
    end = first + len(listed.refusals)
    more = listed.refusals and end < listed.total
    last = next_page("refusals", query, [end]) if more else None
    items = [refusal_view(refusal) for refusal in listed.refusals]
    return page(RefusalPage, items, last, {"total": listed.total})


@refusals.post(
    "/<record:refusal_id>/settle", **documented("settleRefusal", {200: RefusalAnswer}, NotFound)
)
@needs(Permission.INGEST)
def settle_refusal(path: RefusalPath) -> Response:
    """Mark a refusal as settled; again: the same answer."""
    account, archive = caller(), service().archive
    settled = archive.refusals.settle(path.refusal_id, account.actor, account.scope)
    return answer(RefusalAnswer, refusal_view(settled))
