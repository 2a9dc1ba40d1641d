"""`POST /v1/search`: finding documents.

The query is in the body, never in an address: it may hold patient data.
"""

from dataclasses import asdict, replace

from flask import Response
from flask_openapi3.blueprint import APIBlueprint

from api.rest.access import caller, needs
from api.rest.answers import go_on, next_page, page
from api.rest.errors import JSON_BODY, CursorInvalid
from api.rest.models.search import Found, SearchOrder
from api.rest.operation import documented, tag
from api.rest.service import service
from archive.access.actor import Permission
from search.contract import DEEPEST
from search.errors import IndexAway, IndexBusy, IndexNewer, IndexUnusable
from search.query import parse

search = APIBlueprint("search", __name__, url_prefix="/v1/search", abp_tags=[tag("search")])
_FILTERS = (
    "form",
    "department",
    "icd10",
    "archive_number",
    "kind",
    "outcome",
    "date_from",
    "date_to",
)


@search.post(
    "",
    **documented(
        "search",
        {200: Found},
        CursorInvalid,
        IndexBusy,
        IndexUnusable,
        IndexAway,
        IndexNewer,
        *JSON_BODY,
    ),
)
@needs(Permission.FIND)
def find_documents(body: SearchOrder) -> Response:
    """Documents that words, phrases and filters find within the caller's scope."""
    account, archive = caller(), service().archive
    behind = go_on("search", body)
    offset = 0 if behind is None else int(behind[0])
    typed = parse(body.q, limit=body.limit, offset=offset)
    stated = {name: value for name in _FILTERS if (value := getattr(body, name)) is not None}
    results = archive.search.answer(replace(typed, **stated), account.actor, account.scope)
    items = [
        {
            "chart_id": hit.chart_id,
            "document_id": hit.document_id,
            "form": hit.form,
            "title": hit.title,
            "dated": hit.dated,
            "sheet": hit.sheet,
            "patient_name": hit.patient_name,
            "score": hit.score,
            "why": list(hit.why),
            "highlights": [asdict(highlight) for highlight in hit.highlights],
        }
        for hit in results.hits
    ]
    end = offset + body.limit
    more = end < min(results.total, DEEPEST)
    counts = {
        "total": results.total,
        "ignored_words": results.ignored_words,
        "behind": results.behind,
        "filters": [
            {"filter": each.filter, "value": each.value, "typed": each.typed}
            for each in typed.read
            if each.filter not in stated
        ],
    }
    return page(Found, items, next_page("search", body, [end]) if more else None, counts)
