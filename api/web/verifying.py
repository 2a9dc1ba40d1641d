"""Verify a file: any PDF is judged, and nothing of it is kept."""

import re
from typing import Any

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from flask_wtf.file import FileField, FileRequired

from api.error_answers import http_status
from api.web.forms import PageForm
from api.web.language import language
from api.web.site import caller, site
from api.web.wording import say
from archive.access.actor import Permission
from archive.base.errors import NotFound, Unreadable

pages = Blueprint("verifying", __name__)
copies = Blueprint("copies", __name__)
# a document's id, or its first 16 hex digits (`ingest/render/view.py`, SHORT_ID)
_CODE = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}(-[0-9a-f]{4}-[0-9a-f]{12})?")
_WHOLE = 36


class FileForm(PageForm):
    """One file."""

    file = FileField()

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.file.validators = [FileRequired(say("verify.no_file"))]

    def read(self) -> bytes:
        """Return the file's bytes."""
        data: bytes = self.file.data.read()
        return data


@pages.route("/verify", methods=["GET", "POST"])
def verify() -> ResponseReturnValue:
    """Judge a file, and say whether this archive holds it as an original that the
    caller may see.
    """
    account = caller(Permission.READ)
    form = FileForm()
    if not form.validate_on_submit():
        return render_template("verify.html", form=form), 422 if form.errors else 200
    try:
        verification = site().verdicts.verify(form.read(), account.scope, account.name)
    except Unreadable as error:
        return render_template("verify.html", form=form, problem=_problem(error)), http_status(
            error
        )
    return render_template("verify.html", form=form, verification=verification)


@copies.route("/v/<code>", methods=["GET", "POST"])
def compare(code: str) -> ResponseReturnValue:
    """The page of a scanned QR code: any visitor may compare a file with the original that the code
    names.

    `code`: the document's id, or the beginning of it that a paper prints. The page is the same
    whether or not there is such a document, and says nothing about it. A visitor who learns that a
    file is the original has that file already.
    """
    code = code.lower()
    if not _CODE.fullmatch(code):
        raise NotFound
    form = FileForm()
    page = {"form": form, "document_id": code if len(code) == _WHOLE else None}
    if not form.validate_on_submit():
        return render_template("compare.html", **page), 422 if form.errors else 200
    data = form.read()
    try:
        verification = site().verdicts.verify_for_stranger(data, code)
    except Unreadable as error:
        return render_template("compare.html", **page, problem=_problem(error)), http_status(error)
    # a PDF that names the code in its plain bytes says that it is this very paper
    claims = verification is None and code.encode() in data
    return render_template(
        "compare.html", **page, answered=True, verification=verification, claims=claims
    )


def _problem(error: Unreadable) -> str:
    """Return what is wrong with the file, and what to do.

    What it leaves unchanged is no question: nothing is kept.
    """
    what, _, remedy = error.sentences()
    return f"{what.to(language())} {remedy.to(language())}"
