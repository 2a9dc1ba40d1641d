"""The papers of a packet that waits: a person reads them before the decision."""

from typing import Any
from uuid import UUID

from flask import Blueprint, make_response, render_template
from flask.typing import ResponseReturnValue

from api.web.pictures import page_count
from api.web.site import site
from api.web.tasks import Task
from api.web.waiting_uploads import bytes_of, judged_upload, receiver
from archive.base.errors import NotFound
from signing.asic.container import read_container

pages = Blueprint("waiting_papers", __name__, url_prefix="/packets/incoming/<uuid:key>/papers")


@pages.get("/<int:number>")
def paper(key: UUID, number: int) -> ResponseReturnValue:
    """Show one paper of a packet that waits, so that it is read before the decision."""
    account = receiver()
    task = judged_upload(account, key)
    with site().archive.viewing.held(account.name):
        part, data = _paper(task, number)
        count = page_count(data)
    return render_template(
        "waiting_paper.html",
        key=key,
        number=number,
        part=part,
        total=len(task.result.report.documents),
        pages=count,
    )


@pages.get("/<int:number>/pages/<int:page>.png")
def picture(key: UUID, number: int, page: int) -> ResponseReturnValue:
    """Give one page of a waiting paper as a picture."""
    account = receiver()
    task = judged_upload(account, key)
    png = site().pictures.waiting(
        f"{task.id}/{number}", page, lambda: _paper(task, number)[1], account.name
    )
    response = make_response(png)
    response.mimetype = "image/png"
    return response


def _paper(task: Task, number: int) -> tuple[Any, bytes]:
    """Return a part of the report on a packet, and its PDF; raises NotFound."""
    judged = task.result
    if judged.is_receipt or not 1 <= number <= len(judged.report.documents):
        raise NotFound
    part = judged.report.documents[number - 1]
    data = read_container(bytes_of(task)).get(part.name)
    if data is None:
        raise NotFound
    return part, data
