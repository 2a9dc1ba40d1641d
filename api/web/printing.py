"""Labels and the handover list of the charts that a person chose in the table."""

from uuid import UUID

from flask import Blueprint, abort, flash, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from api.reading.printing.sheets import MOST, sheets
from api.web.site import caller, site
from api.web.wording import say
from archive.access.actor import Permission

pages = Blueprint("printing", __name__, url_prefix="/charts/print")


@pages.get("/labels", endpoint="labels_back")
@pages.get("/handover", endpoint="handover_back")
def back() -> ResponseReturnValue:
    """Redirect to the table: what is printed is the answer to a form, and has no address."""
    caller(Permission.READ)
    return redirect(url_for("lists.show"), 303)


@pages.post("/labels")
def labels() -> ResponseReturnValue:
    """Give the labels of the chosen charts on the sheet of the field `sheet`."""
    account, chosen = caller(Permission.READ), _chosen()
    sheet = request.form.get("sheet", next(iter(sheets())))
    if sheet not in sheets():
        abort(400)
    if not chosen:
        return _none()
    printing = site().archive.printing
    return _pdf(printing.labels(chosen, sheet, account.actor, account.scope), "nhan-ho-so.pdf")


@pages.post("/handover")
def handover() -> ResponseReturnValue:
    """Give the handover list of the chosen charts."""
    account, chosen = caller(Permission.READ), _chosen()
    if not chosen:
        return _none()
    printing = site().archive.printing
    return _pdf(
        printing.handover_list(chosen, account.actor, account.scope), "bien-ban-ban-giao.pdf"
    )


def _chosen() -> list[str]:
    """Return the charts that the form names, in the order of the table.

    The table names what may be deposited `chart`, and the others `collect`.
    """
    wanted = [
        value for name, value in request.form.items(multi=True) if name in ("chart", "collect")
    ]
    if len(wanted) > MOST:
        abort(400)
    try:
        return [str(UUID(value)) for value in wanted]
    except ValueError:
        abort(400)


def _none() -> ResponseReturnValue:
    flash(say("deposit.none"))
    return redirect(url_for("lists.show"), 303)


def _pdf(data: bytes, name: str) -> ResponseReturnValue:
    response = make_response(data)
    response.mimetype = "application/pdf"
    response.headers["Content-Disposition"] = f'inline; filename="{name}"'
    return response
