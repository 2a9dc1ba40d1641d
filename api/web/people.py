"""Administration: the people who sign in, each with role, state, password and devices."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import PasswordField, SelectField, SelectMultipleField, StringField
from wtforms.validators import ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from api.access.passwords import AccountInvalid
from api.access.users import AccountExists, LastAdministrator
from api.error_answers import http_status
from api.web.departments import every_choice
from api.web.forms import PageForm, Required, at_most
from api.web.language import language
from api.web.site import caller, site
from api.web.wording import say
from archive.access.actor import Actor, Permission, role_names
from archive.base.errors import KhoError

pages = Blueprint("people", __name__, url_prefix="/users")
_REFUSED = (AccountExists, AccountInvalid, LastAdministrator)


class RoleForm(PageForm):
    """A role, and the departments that come with it (none: all)."""

    role = SelectField(validate_choice=False)
    departments = SelectMultipleField(
        validate_choice=False, option_widget=CheckboxInput(), widget=ListWidget()
    )

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.role.choices = [(name, say(f"role.{name}")) for name in role_names()]
        self.departments.choices = every_choice(self.codes or ())

    @property
    def codes(self) -> list[str] | None:
        """The departments as the service takes them."""
        return [code for code in self.departments.data or () if code.strip()] or None


class FirstPasswordForm(PageForm):
    """A password that the person will replace, twice."""

    password = PasswordField(validators=[Required(), at_most(1024)])
    again = PasswordField(validators=[Required(), at_most(1024)])

    def validate_again(self, field: Any) -> None:
        """Refuse two passwords that differ."""
        if field.data != self.password.data:
            raise ValidationError(say("password.differ"))


class NewUserForm(RoleForm, FirstPasswordForm):
    """All that is known of a new person."""

    name = StringField(validators=[Required(), at_most(64)])
    full_name = StringField(validators=[at_most(100)])


@pages.get("")
def listed() -> ResponseReturnValue:
    """List the users."""
    caller(Permission.PEOPLE)
    return render_template("people.html", users=site().users.all())


@pages.route("/new", methods=["GET", "POST"])
def new() -> ResponseReturnValue:
    """Make an account, and show its page."""
    actor, form, problem, status = _actor(), NewUserForm(), None, 200
    if form.validate_on_submit():
        try:
            user = site().users.create(
                form.name.data.strip(),
                form.role.data,
                form.password.data,
                actor,
                departments=form.codes,
                full_name=(form.full_name.data or "").strip() or None,
            )
        except _REFUSED as error:
            problem, status = error.explain(language()), http_status(error)
        else:
            flash(say("people.created", name=user.name))
            return redirect(url_for("people.show", name=user.name), 303)
    elif form.errors:
        status = 422
    return render_template("new_user.html", form=form, problem=problem), status


@pages.get("/<name>")
def show(name: str) -> ResponseReturnValue:
    """Show one user, with the forms that change the account."""
    _actor()
    return _page(name)


@pages.post("/<name>/role")
def assign(name: str) -> ResponseReturnValue:
    """Give the user another role."""
    actor, form = _actor(), RoleForm()
    if not form.validate():
        return _page(name, role_form=form, status=422)
    try:
        site().users.assign(name, form.role.data, actor, departments=form.codes)
    except _REFUSED as error:
        return _page(name, error)
    return _done(name, "people.role_changed")


@pages.post("/<name>/password")
def reset(name: str) -> ResponseReturnValue:
    """Give the user another password, to be replaced at the next sign-in."""
    actor, form = _actor(), FirstPasswordForm()
    if not form.validate():
        return _page(name, password_form=form, status=422)
    try:
        site().users.reset_password(name, form.password.data, actor)
    except _REFUSED as error:
        return _page(name, error)
    return _done(name, "people.password_reset")


@pages.post("/<name>/disable")
def disable(name: str) -> ResponseReturnValue:
    """Let the user sign in no longer."""
    try:
        site().users.disable(name, _actor())
    except LastAdministrator as error:
        return _page(name, error)
    return _done(name, "people.disabled")


@pages.post("/<name>/enable")
def enable(name: str) -> ResponseReturnValue:
    """Let the user sign in again."""
    site().users.enable(name, _actor())
    return _done(name, "people.enabled")


@pages.post("/<name>/devices/end")
def end_device(name: str) -> ResponseReturnValue:
    """End one session of the user (field `session`), or all where none is named."""
    actor, wanted = _actor(), request.form.get("session")
    user = site().users.get(name)
    if wanted is None:
        site().sessions.end_all(user.name, actor)
    else:
        site().sessions.end(user.name, wanted, actor)
    return _done(name, "devices.ended")


def _actor() -> Actor:
    """Return the administrator. Raises Denied."""
    return caller(Permission.PEOPLE).actor


def _done(name: str, key: str) -> ResponseReturnValue:
    flash(say(key))
    return redirect(url_for("people.show", name=name), 303)


def _page(
    name: str,
    refused: KhoError | None = None,
    *,
    role_form: RoleForm | None = None,
    password_form: FirstPasswordForm | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    """Return the page of a user; with `refused` it says why nothing was changed."""
    user = site().users.get(name)
    stated = {"role": user.role, "departments": list(user.departments or ())}
    page = render_template(
        "user.html",
        user=user,
        sessions=site().sessions.of(user.name),
        role_form=role_form or RoleForm(formdata=None, data=stated),
        password_form=password_form or FirstPasswordForm(formdata=None),
        problem=refused.explain(language()) if refused else None,
    )
    return page, status if refused is None else http_status(refused)
