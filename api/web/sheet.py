"""A demonstration's sheet of all parts of which pages are made; a real archive has no such page."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, FileField, PasswordField, SelectField, StringField, TextAreaField

from api.web.forms import PageForm, Required, at_most
from api.web.wording import say

pages = Blueprint("sheet", __name__, url_prefix="/parts")


class SampleForm(PageForm):
    """One field of each kind; nothing is done with what is typed."""

    text = StringField(validators=[Required(), at_most(40)])
    choice = SelectField(choices=["01/BV1", "36/BV2"])
    more = TextAreaField()
    password = PasswordField()
    box = BooleanField()
    file = FileField()


@pages.get("")
def show() -> ResponseReturnValue:
    """Show every part, with a problem at one field."""
    form = SampleForm(formdata=None)
    form.text.errors = (say("search.no_date"),)
    return render_template("sheet.html", form=form)
