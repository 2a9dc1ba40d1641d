"""What the intake refused: a list with what to do; a clerk marks what is settled."""

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import SelectField

from api.refusals.kept import RefusalFilter, Source
from api.refusals.remedies import remedies
from api.web.forms import PageForm
from api.web.site import caller, site
from api.web.wording import say
from archive.access.actor import Permission

PAGE = 25  # refusals
_LAST_PAGE = 1000
pages = Blueprint("refusals", __name__, url_prefix="/refusals")


class FilterForm(PageForm):
    """The filters of the list; an empty field is no condition."""

    class Meta(PageForm.Meta):
        """Its address is a link that changes nothing, so it carries no token."""

        csrf = False

    state = SelectField()
    source = SelectField()

    def __init__(self) -> None:
        super().__init__(formdata=request.args)
        self._choose("state", ("open", "settled"))
        self._choose("source", [source.value for source in Source])

    def _choose(self, name: str, values: Any) -> None:
        field = self[name]
        field.choices = [("", say("list.any"))] + [(v, say(f"refusals.{v}")) for v in values]
        if field.data is None or field.data == "None":
            field.data = ""

    @property
    def filled(self) -> dict[str, str]:
        """The fields that say something, as the address has them."""
        return {field.name: field.data for field in self if field.data}

    @property
    def wanted(self) -> RefusalFilter:
        """The filter of the service."""
        source = self.source.data
        return RefusalFilter(self.state.data or None, Source(source) if source else None)


@pages.get("")
def listed() -> ResponseReturnValue:
    """Show one page of the refusals that match the filters."""
    account, form = caller(Permission.INGEST), FilterForm()
    if not form.validate():
        return redirect(url_for("refusals.listed"), 303)
    number = min(max(request.args.get("page", 1, type=int), 1), _LAST_PAGE)
    shown = site().archive.refusals.listed(
        form.wanted, PAGE, (number - 1) * PAGE, account.actor, account.scope
    )
    last = max(-(-shown.total // PAGE), 1)
    if number > last:  # they became fewer since the link was made
        there: dict[str, Any] = {**form.filled, "page": last}
        return redirect(url_for("refusals.listed", **there), 303)
    return render_template(
        "refusals.html",
        form=form,
        refusals=shown.refusals,
        total=shown.total,
        number=number,
        last=last,
        remedies=remedies,
        linked=lambda **changes: url_for("refusals.listed", **{**form.filled, **changes}),
    )


@pages.post("/<uuid:refusal_id>/settle")
def settle(refusal_id: UUID) -> ResponseReturnValue:
    """Mark a refusal as settled, and go back to the list."""
    account = caller(Permission.INGEST)
    site().archive.refusals.settle(str(refusal_id), account.actor, account.scope)
    flash(say("refusals.is_settled"))
    there: dict[str, Any] = FilterForm().filled
    return redirect(url_for("refusals.listed", **there), 303)
