"""The set of papers that a person collects: what is in it, and the ZIP that takes it away."""

from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from api.web.security import safe_target
from api.web.site import caller, site
from api.web.wording import say
from archive.access.actor import Permission
from archive.base.errors import NotFound

PAGE = 100  # papers
_MOST_FIELDS = 100  # ids in one form: a page of charts, or of the set
pages = Blueprint("sets", __name__, url_prefix="/set")


@pages.get("")
def show() -> ResponseReturnValue:
    """Show one page of the set."""
    account = caller(Permission.ORIGINAL)
    total = site().sets.count(account.actor, account.scope)
    last = max(-(-total // PAGE), 1)
    number = min(max(request.args.get("page", 1, type=int), 1), last)
    first = (number - 1) * PAGE
    papers = site().sets.papers(account.actor, account.scope, PAGE, first)
    return render_template(
        "set.html", papers=papers, total=total, first=first, number=number, last=last
    )


@pages.post("/add")
def add() -> ResponseReturnValue:
    """Put the chosen charts and papers into the set, and return to the page of the form."""
    account = caller(Permission.ORIGINAL)
    # the table names `chart` what may also be deposited
    chosen = _ids("chart") + _ids("collect")
    if not chosen:
        flash(say("set.none"))
        return _back()
    try:
        added = site().sets.add(chosen, account.actor, account.scope)
    except NotFound:  # the page was old: a paper has left the archive since, or the person's scope
        flash(say("set.gone"))
        return _back()
    flash(say("set.added", **added.as_json()))
    return _back()


@pages.post("/remove")
def remove() -> ResponseReturnValue:
    """Take the named papers out of the set."""
    site().sets.remove(_ids("document"), caller(Permission.ORIGINAL).actor)
    return _back()


@pages.post("/clear")
def clear() -> ResponseReturnValue:
    """Empty the set."""
    site().sets.clear(caller(Permission.ORIGINAL).actor)
    flash(say("set.cleared"))
    return redirect(url_for("sets.show"), 303)


@pages.post("/take-away")
def take_away() -> ResponseReturnValue:
    """Give the ZIP of the set; it is sent while it is made."""
    account = caller(Permission.ORIGINAL)
    papers = site().sets.papers(account.actor, account.scope)
    if not papers:
        flash(say("set.empty"))
        return redirect(url_for("sets.show"), 303)
    taken = site().take_away_turns.begin(
        lambda: site().open_for_writing().take_aways,
        papers,
        account.actor,
        account.scope,
        account.name,
    )
    response = Response(taken.pieces, mimetype="application/zip")
    response.headers["Content-Disposition"] = f'attachment; filename="{taken.name}"'
    return response


def _ids(field: str) -> list[str]:
    try:
        ids = [str(UUID(each)) for each in request.form.getlist(field)]
    except ValueError:
        abort(400)
    if len(ids) > _MOST_FIELDS:
        abort(400)
    return ids


def _back() -> ResponseReturnValue:
    """Redirect to the page of ours that the form names, with its query; else to the set."""
    path, _, query = request.form.get("back", "").partition("?")
    target = safe_target(path)
    if target is None:
        return redirect(url_for("sets.show"), 303)
    fields = urlencode(parse_qsl(query))
    return redirect(f"{target}?{fields}" if fields else target, 303)
