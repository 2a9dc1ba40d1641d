"""Administration: each component of the archive, since when it is so, and what to do."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from api.web.site import caller, site
from archive.access.actor import Permission

pages = Blueprint("status", __name__, url_prefix="/status")


@pages.get("")
def show() -> ResponseReturnValue:
    """Show every component."""
    caller(Permission.HEALTH)
    return render_template("status.html", components=site().components.ask())
