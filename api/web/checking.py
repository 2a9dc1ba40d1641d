"""Administration: a guided check. The page says what the last one found and what to do, and begins
another beside the server.
"""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from api.web.site import caller, site
from api.web.wording import say
from archive.access.actor import Permission

pages = Blueprint("checking", __name__, url_prefix="/check")


@pages.get("")
def show() -> ResponseReturnValue:
    """Show what is known of checks."""
    caller(Permission.HEALTH)
    return render_template("check.html", check=site().checks.state())


@pages.post("")
def begin() -> ResponseReturnValue:
    """Begin a check; one that runs already goes on."""
    begun = site().checks.begin(caller(Permission.HEALTH).name)
    flash(say("check.begun" if begun else "check.goes_on"))
    return redirect(url_for("checking.show"), 303)
