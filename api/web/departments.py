"""Names of departments: what every page shows in place of a code."""

from collections.abc import Iterable
from typing import Any

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import StringField
from wtforms.validators import ValidationError

from api.access.accounts import Account
from api.error_answers import http_status
from api.web.forms import PageForm, Required, at_most
from api.web.language import language
from api.web.site import caller, site
from api.web.wording import say
from archive.access.actor import Permission
from archive.base.clock import vietnam_date
from archive.base.departments import DepartmentName, Departments
from archive.base.errors import KhoError
from search.dates import full_day

Choice = tuple[str, str, dict[str, str]]  # value, words, attributes
pages = Blueprint("departments", __name__, url_prefix="/departments")


class NameForm(PageForm):
    """A department's name, and the day from which it holds (empty: today)."""

    code = StringField(validators=[Required(), at_most(50)])
    name = StringField(validators=[Required(), at_most(200)])
    since = StringField(validators=[at_most(10)])

    def validate_since(self, field: Any) -> None:
        """Refuse what is no whole day."""
        if field.data and full_day(field.data) is None:
            raise ValidationError(say("departments.no_day"))

    @property
    def named(self) -> DepartmentName:
        """The name as it was typed."""
        today = vietnam_date(site().archive.clock.now())
        since = full_day(self.since.data or "") or today
        return DepartmentName(self.code.data, self.name.data, since)


@pages.get("")
def listed() -> ResponseReturnValue:
    """List the departments; `?code=` begins a change of that department's name."""
    account = caller(Permission.DEPARTMENTS)
    form = NameForm(formdata=None, data={"code": request.args.get("code", "")[:50]})
    return _page(form, account)


@pages.post("")
def name() -> ResponseReturnValue:
    """Name a department; a form that comes twice changes nothing the second time."""
    account, form = caller(Permission.DEPARTMENTS), NameForm()
    if not form.validate():
        return _page(form, account), 422
    try:
        with site().writing(account.name):
            naming = site().open_for_writing().departments
            naming.name([form.named], account.actor, account.scope)
    except KhoError as error:
        return _page(form, account, error.explain(language())), http_status(error)
    flash(say("departments.named", code=form.code.data.strip()))
    return redirect(url_for("departments.listed"), 303)


def _page(form: NameForm, account: Account, problem: str | None = None) -> str:
    """List the departments that the person may name."""
    departments, scope = site().archive.departments, account.scope
    names = departments.names()
    used = departments.of_charts(scope)
    codes = {*names.codes, *used}
    mine = sorted(code for code in codes if scope.holds(scope.facility, code))
    return render_template(
        "departments.html", form=form, problem=problem, names=names, codes=mine, used=set(used)
    )


def shown(codes: str | None) -> str:
    """Return the words for a department of a record."""
    return _names().title(codes)


def choices(account: Account, also: str | None = None) -> list[Choice]:
    """Return the departments of the charts that a person may see, for a filter, by name.

    `also`: a code that the address names; it stays a choice.
    """
    codes = {*site().archive.departments.of_charts(account.scope), *([also] if also else [])}
    listed = map(_choice, codes)
    return [("", say("list.any"), {}), *sorted(listed, key=lambda choice: choice[1].casefold())]


def every_choice(also: Iterable[str]) -> list[Choice]:
    """Return every department that has a name, that a chart has, or that is in `also`."""
    used = site().archive.departments.of_charts(site().archive.scope)
    codes = {*_names().codes, *used, *also}
    return [_choice(code) for code in sorted(codes)]


def _choice(code: str) -> Choice:
    """Return a choice with its words; where the page is in another language they say theirs."""
    name = _names().title(code)
    return code, f"{name} ({code})" if name != code else code, _in_vietnamese()


def _in_vietnamese() -> dict[str, str]:
    return {} if language() == "vi" else {"lang": "vi"}


def _names() -> Departments:
    return site().archive.departments.names()


def install(app: Flask) -> None:
    """Give the templates the filter `department`."""
    app.jinja_env.filters["department"] = shown
