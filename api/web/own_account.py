"""A person's own account: the password."""

from typing import Any, cast

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_user
from wtforms import PasswordField
from wtforms.validators import ValidationError

from api.access.accounts import Account
from api.access.passwords import AccountInvalid
from api.access.wrong_tries import TooManyTries
from api.error_answers import http_status
from api.web.forms import PageForm, Required, at_most
from api.web.language import language
from api.web.security import start_session
from api.web.site import SignedIn, site
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
    """Let a person replace the own password; every other session of the account ends."""
    form, problem, status = PasswordForm(), None, 200
    account = cast(Account, current_user.account)
    if form.validate_on_submit():
        try:
            changed = site().users.change_password(account.name, form.old.data, form.new.data)
        except (AccountInvalid, TooManyTries) as error:
            problem, status = error.explain(language()), http_status(error)
        else:
            if changed is not None:
                start_session()
                login_user(SignedIn(changed))
                flash(say("password.changed"))
                return redirect(url_for("search.start"), 303)
            problem, status = say("password.wrong"), 422
    elif form.errors:
        status = 422
    return render_template(
        "password.html", form=form, problem=problem, must_change=account.must_change
    ), status
