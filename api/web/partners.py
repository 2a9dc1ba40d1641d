"""The partners of this facility, and the check code that it reads out itself."""

from contextlib import suppress

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from api.web.forms import PageForm
from api.web.site import caller, site
from api.web.wording import say
from archive.access.actor import Permission
from archive.base.errors import NotFound

pages = Blueprint("partners", __name__, url_prefix="/packets/partners")


@pages.get("")
def listed() -> ResponseReturnValue:
    """List the partners; the check code is that of the certificate that seals now."""
    caller(Permission.PARTNER)
    writable = site().open_for_writing()
    partners = writable.reading.partners.all()
    return render_template("partners.html", own=writable.own_identity, partners=partners)


@pages.post("/<code>/remove")
def remove(code: str) -> ResponseReturnValue:
    """End a partner; the same form again changes nothing."""
    account = caller(Permission.PARTNER)
    if not PageForm().validate_on_submit():
        raise NotFound
    with site().writing(account.name), suppress(NotFound):  # a double click, or another person
        site().open_for_writing().reading.partners.remove(code, account.actor)
    flash(say("partners.removed", code=code))
    return redirect(url_for("partners.listed"), 303)
