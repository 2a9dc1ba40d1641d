"""Administration: the API keys of programs; a new key's secret is shown once."""

from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import HiddenField, StringField
from wtforms.validators import ValidationError

from api.access.api_keys import ApiKeyExists, end_of, is_key_id, new_key_id
from api.access.lines import is_one_line
from api.access.passwords import AccountInvalid
from api.error_answers import http_status
from api.web.forms import Required
from api.web.language import language
from api.web.people import RoleForm
from api.web.site import caller, site
from api.web.wording import say
from archive.access.actor import Permission
from search.dates import full_day

pages = Blueprint("keys", __name__, url_prefix="/keys")


class NewKeyForm(RoleForm):
    """What a key may do, and until when. `key_id` comes with the form: sent twice it makes one."""

    name = StringField(validators=[Required()])
    last_day = StringField(validators=[Required()])
    key_id = HiddenField()

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        first = ("his", "reader", "clerk")  # what programs need is shown first
        self.role.choices.sort(key=lambda choice: (choice[0] not in first, choice[0] != "his"))

    def validate_name(self, field: Any) -> None:
        """Refuse what is no line of text."""
        if field.data and not is_one_line(field.data.strip()):
            raise ValidationError(say("keys.no_line"))

    def validate_role(self, field: Any) -> None:
        """Refuse a role that is not there."""
        if field.data not in dict(field.choices):
            raise ValidationError(say("signing.required"))

    def validate_last_day(self, field: Any) -> None:
        """Refuse text that is no day, a past day, and a day more than two years ahead."""
        if field.data and (self.last is None or not site().keys.accepts(self.last)):
            raise ValidationError(say("keys.no_day"))

    @property
    def last(self) -> date | None:
        """The last day; None where no whole day was typed."""
        return full_day(self.last_day.data or "")


@pages.get("")
def listed() -> ResponseReturnValue:
    """List the keys; those that open nothing any more come last."""
    caller(Permission.KEYS)
    now = site().archive.clock.now()
    keys = [(key, key.state(now)) for key in reversed(site().keys.all())]
    keys.sort(key=lambda shown: shown[1] != "valid")
    return render_template("keys.html", keys=keys)


@pages.route("/new", methods=["GET", "POST"])
def new() -> ResponseReturnValue:
    """Make a key. The answer has the secret; the form that comes again shows no secret."""
    actor, form, problem, status = caller(Permission.KEYS).actor, NewKeyForm(), None, 200
    if form.validate_on_submit() and form.last is not None:
        stated = form.key_id.data if is_key_id(form.key_id.data or "") else None
        try:
            key, secret = site().keys.create(
                form.name.data.strip(),
                form.role.data,
                end_of(form.last),
                form.codes,
                key_id=stated,
                by=actor,
            )
        except (ApiKeyExists, AccountInvalid) as error:
            problem, status = error.explain(language()), http_status(error)
        else:
            return render_template("new_key_made.html", key=key, secret=secret), 201
    elif form.errors:
        status = 422
    elif request.method == "GET":
        form.last_day.data = f"{site().keys.last_day():%d/%m/%Y}"
    form.key_id.data = new_key_id()
    return render_template("new_key.html", form=form, problem=problem), status


@pages.post("/<key_id>/revoke")
def revoke(key_id: str) -> ResponseReturnValue:
    """End a key at once and for ever."""
    actor = caller(Permission.KEYS).actor
    key = site().keys.revoke(key_id, actor)
    flash(say("keys.revoked_now", name=key.name))
    return redirect(url_for("keys.listed"), 303)
