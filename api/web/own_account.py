"""A person's own account: the password, and the devices in which the person is signed in."""

from typing import Any, cast

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from wtforms import PasswordField
from wtforms.validators import ValidationError

from api.access.accounts import Account
from api.access.passwords import AccountInvalid
from api.access.wrong_tries import TooManyTries
from api.error_answers import http_status
from api.web.devices import client
from api.web.forms import PageForm, Required, at_most
from api.web.language import language
from api.web.security import start_session
from api.web.site import site
from api.web.wording import say

pages = Blueprint("own_account", __name__, url_prefix="/account")


class PasswordForm(PageForm):
    """The old password, and the new one twice."""

    old = PasswordField(validators=[Required(), at_most(1024)])
    new = PasswordField(validators=[Required(), at_most(1024)])
    again = PasswordField(validators=[Required(), at_most(1024)])

    def validate_again(self, field: Any) -> None:
        """Refuse two new passwords that differ."""
        if field.data != self.new.data:
            raise ValidationError(say("password.differ"))


@pages.route("/password", methods=["GET", "POST"])
def password() -> ResponseReturnValue:
    """Let a person change their password; every other session of the account ends."""
    form, problem, status = PasswordForm(), None, 200
    account = cast(Account, current_user.account)
    if form.validate_on_submit():
        try:
            changed = site().users.change_password(
                account.name, form.old.data, form.new.data, client()
            )
        except (AccountInvalid, TooManyTries) as error:
            problem, status = error.explain(language()), http_status(error)
        else:
            if changed is not None:
                start_session(changed)
                flash(say("password.changed"))
                return redirect(url_for("search.start"), 303)
            problem, status = say("password.wrong"), 422
    elif form.errors:
        status = 422
    return render_template(
        "password.html", form=form, problem=problem, must_change=account.must_change
    ), status


@pages.get("/devices")
def devices() -> ResponseReturnValue:
    """List the person's sessions; this one is marked."""
    account = cast(Account, current_user.account)
    return render_template(
        "devices.html", sessions=site().sessions.of(account.name), here=current_user.session.id
    )


@pages.post("/devices/end")
def end_device() -> ResponseReturnValue:
    """End one of the person's sessions (field `session`), or all others where none is named."""
    actor = cast(Account, current_user.account).actor
    wanted = request.form.get("session")
    if wanted is None:
        site().sessions.end_all(actor.name, actor, but=current_user.session.id)
    else:
        site().sessions.end(actor.name, wanted, actor)
    flash(say("devices.ended"))
    return redirect(url_for("own_account.devices"), 303)
