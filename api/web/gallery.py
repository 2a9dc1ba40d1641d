"""The gallery of forms, for administrators: each form that the archive knows, blank and filled."""

from typing import Any

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from api.web.previews import preview_of
from api.web.site import caller, site
from archive.access.actor import Permission
from archive.base.clock import vietnam_date
from archive.base.errors import NotFound
from ingest.forms.catalog import UnknownForm
from ingest.forms.model import Form

pages = Blueprint("gallery", __name__, url_prefix="/forms")


@pages.get("")
def listed() -> ResponseReturnValue:
    """List the forms with their days and how sure their layout is; the broken ones first."""
    from ingest.forms.samples import has_sample

    caller(Permission.HEALTH)
    archive = site().archive
    catalog, today = archive.forms, vietnam_date(archive.clock.now())
    in_force = {(form.code, form.version) for form in catalog.in_force(today).forms}
    return render_template(
        "gallery.html",
        forms=[(form, _identity(form) in in_force) for form in catalog.forms],
        own=catalog.own,
        broken=catalog.broken,
        examples={_identity(form) for form in catalog.forms if has_sample(form)},
    )


@pages.get("/blank/<int:version>/<path:code>.pdf")
def blank(version: int, code: str) -> ResponseReturnValue:
    """Give the blank sheet of a form."""
    from ingest.render.preview import preview_job

    account, form, archive = caller(Permission.HEALTH), _form(code, version), site().archive
    face = archive.letterhead.facility
    return preview_of(preview_job(form, None, face, archive.clock.now()), account)


@pages.get("/filled/<int:version>/<path:code>.pdf")
def filled(version: int, code: str) -> ResponseReturnValue:
    """Give the filled example of a form, about an invented person."""
    from ingest.render.preview import about_sample, preview_job

    account, form, archive = caller(Permission.HEALTH), _form(code, version), site().archive
    data = _example(form)
    if data is None:
        raise NotFound
    job = preview_job(form, data, archive.letterhead.facility, archive.clock.now())
    return preview_of(about_sample(job), account)


def _identity(form: Form) -> tuple[str, int]:
    return form.code, form.version


def _example(form: Form) -> dict[str, Any] | None:
    from ingest.forms.samples import sample

    return None if _identity(form) in site().archive.forms.own else sample(form)


def _form(code: str, version: int) -> Form:
    try:
        return site().archive.forms.version(code, version)
    except UnknownForm as error:
        raise NotFound from error
