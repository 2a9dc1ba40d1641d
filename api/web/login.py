"""Sign in and sign out."""

from contextlib import suppress

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from wtforms import PasswordField, StringField

from api.access.security_events import record
from api.access.wrong_tries import TooManyTries
from api.error_answers import http_status
from api.web.devices import client, keep_device
from api.web.forms import PageForm, Required, at_most
from api.web.language import language
from api.web.security import end_session, safe_target, start_session
from api.web.site import site
from api.web.wording import say
from archive.base.errors import NotFound

pages = Blueprint("signing", __name__)


class SignInForm(PageForm):
    """Name and password."""

    name = StringField(validators=[Required(), at_most(64)])
    password = PasswordField(validators=[Required(), at_most(1024)])


@pages.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> ResponseReturnValue:
    """Ask for name and password, and redirect to the page that the user requested."""
    target = safe_target(request.args.get("next")) or url_for("search.start")
    if current_user.is_authenticated:
        return redirect(target, 303)
    form, problem, status = SignInForm(), None, 200
    if request.method == "POST":
        place = client()
        try:
            account = (
                site().accounts.authenticate(form.name.data.strip(), form.password.data, place)
                if form.validate()
                else None
            )
            problem, status = say("signing.wrong"), 401
        except TooManyTries as error:
            account, problem, status = None, error.explain(language()), http_status(error)
        if account is not None:
            start_session(account)
            return keep_device(redirect(target, 303), place)
    return render_template("sign_in.html", form=form, problem=problem), status


@pages.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    """End the session."""
    name = current_user.account.name
    site().searches.forget(name)
    site().drafts.forget(name)
    with suppress(NotFound):  # it was ended from elsewhere at this moment
        site().sessions.end(name, current_user.session.id, by=None)
    record("account.signed_out", account=name)
    end_session()
    flash(say("signing.out"))
    return redirect(url_for("signing.sign_in"), 303)
