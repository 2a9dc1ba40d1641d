"""`/v1/set`: the papers that the caller collects, and the ZIP that takes them away."""

from flask import Response
from flask_openapi3.blueprint import APIBlueprint

from api.inspection.sets import SetEmpty, SetFull
from api.inspection.turns import TakeAwayBusy
from api.rest.access import caller, needs
from api.rest.answers import answer, page
from api.rest.errors import JSON_BODY
from api.rest.models.sets import SetAnswer, SetPage, SetPapers, SetPath
from api.rest.operation import Answer, documented, tag
from api.rest.service import service
from archive.access.actor import Permission
from archive.base.errors import IntegrityError, NotFound
from archive.vault.contract import VaultError

sets = APIBlueprint("sets", __name__, url_prefix="/v1/set", abp_tags=[tag("set")])
ZIP = "application/zip"


@sets.get("", **documented("listSet", {200: SetPage}))
@needs(Permission.ORIGINAL)
def list_set() -> Response:
    """Every paper of the caller's set."""
    account = caller()
    papers = service().sets.papers(account.actor, account.scope)
    return page(SetPage, [paper.as_json() for paper in papers], None)


@sets.post("", **documented("addToSet", {200: SetAnswer}, NotFound, SetFull, *JSON_BODY))
@needs(Permission.ORIGINAL)
def add_to_set(body: SetPapers) -> Response:
    """Put charts or papers into the set; what is there stays."""
    account = caller()
    added = service().sets.add(body.ids, account.actor, account.scope)
    return answer(SetAnswer, added.as_json())


@sets.delete("", **documented("clearSet", {204: Answer(empty=True)}))
@needs(Permission.ORIGINAL)
def clear_set() -> Response:
    """Empty the set."""
    service().sets.clear(caller().actor)
    return Response(status=204)


@sets.delete(
    "/<record:document_id>", **documented("removeFromSet", {204: Answer(empty=True)}, NotFound)
)
@needs(Permission.ORIGINAL)
def remove_from_set(path: SetPath) -> Response:
    """Take a paper out of the set; a paper that is not in it changes nothing."""
    service().sets.remove([path.document_id], caller().actor)
    return Response(status=204)


@sets.post(
    "/take-away",
    **documented(
        "takeAway",
        {200: Answer(media_type=ZIP, headers=("Content-Disposition",))},
        SetEmpty,
        TakeAwayBusy,
        VaultError,
        IntegrityError,
    ),
)
@needs(Permission.ORIGINAL)
def take_away() -> Response:
    """The papers of the set with their proof; a connection that breaks before the end gave no
    whole ZIP.
    """
    account, held = caller(), service()
    papers = held.sets.papers(account.actor, account.scope)
    taken = held.take_away_turns.begin(
        lambda: held.open_for_writing().take_aways,
        papers,
        account.actor,
        account.scope,
        account.name,
    )
    response = Response(taken.pieces, content_type=ZIP)
    response.headers["Content-Disposition"] = f'attachment; filename="{taken.name}"'
    return response
