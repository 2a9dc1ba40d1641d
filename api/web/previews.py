"""PDFs that show a form on a page of the browser; they are neither sealed nor archived."""

from functools import cache
from typing import TYPE_CHECKING

from flask import Response

from api.access.accounts import Account
from api.web.site import site
from ingest.render.job import RenderJob

if TYPE_CHECKING:
    from ingest.render.typst_renderer import Renderer


def preview_of(job: RenderJob, account: Account) -> Response:
    """Return the PDF of `job`; it counts among what `account` looks at at one time."""
    with site().archive.viewing.held(account.name):
        pdf = _renderer().render(job)
    return Response(pdf, mimetype="application/pdf")


@cache
def _renderer() -> "Renderer":
    """Return the renderer of this process: it keeps fonts and a warm compiler for each form."""
    from ingest.render.typst_renderer import Renderer

    return Renderer()
