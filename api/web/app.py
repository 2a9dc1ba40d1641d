"""The pages as one Flask application."""

from collections.abc import Callable
from importlib.metadata import version

from flask import Flask, url_for
from flask.typing import ResponseReturnValue
from flask_login import LoginManager
from flask_wtf import CSRFProtect

from api.access.accounts import Accounts
from api.access.api_keys import ApiKeys
from api.access.sessions import Sessions
from api.access.users import Users
from api.access.web_secret import web_secret
from api.home import Home
from api.inspection.sets import InspectionSets
from api.inspection.turns import TakeAwayTurns
from api.upkeep.check_run import CheckRun
from api.upkeep.probe import Probe
from api.upkeep.status.asking import ask_all
from api.upkeep.status.memory import with_since
from api.web import (
    bringing,
    chart_list,
    charts,
    checking,
    correcting,
    departments,
    deposits,
    documents,
    errors,
    filling,
    frame,
    gallery,
    keys,
    language,
    login,
    own_account,
    packet_making,
    packet_reception,
    packets,
    partners,
    people,
    photographs,
    printing,
    refusals,
    search,
    security,
    sets,
    sheet,
    status,
    verifying,
    waiting_papers,
    wording,
)
from api.web.drafts import Drafts
from api.web.page_pictures import PagePictures
from api.web.searches import Searches
from api.web.site import SignedIn, Site
from api.web.tasks import Tasks
from api.writing.envelopes import EnvelopeService


def create_app(
    home: Home,
    accounts: Accounts,
    wake: Callable[[], None] = lambda: None,
    take_away_turns: TakeAwayTurns | None = None,
    checks: CheckRun | None = None,
) -> Flask:
    """Return the pages of `home`.

    `accounts`, `take_away_turns` and `checks` are shared with the API of this process.

    `wake` is called when an act has left work in the outbox; without it the next command does it.
    Raises NoArchive.
    """
    archive = home.open_for_reading()
    app = Flask(__name__)
    app.secret_key = web_secret(home)
    app.config.update(SEND_FILE_MAX_AGE_DEFAULT=3600)
    site = Site(
        archive,
        accounts,
        Users(accounts),
        Sessions.of_home(home),
        ApiKeys(home.catalog, home.code, home.clock),
        Searches(),
        Drafts(home.clock),
        archive.verdicts,
        home.open_for_writing,
        wake,
        Probe(lambda: with_since(home, ask_all(home))),
        InspectionSets.of_home(home),
        EnvelopeService(home.catalog, home.clock, archive.records, archive.forms),
        take_away_turns or TakeAwayTurns(),
        Tasks(home.clock),
        PagePictures(lambda: archive.originals, archive.viewing, home.pictures, home.closing),
        checks or CheckRun(home),
    )
    site.install(app)
    language.install(app)
    security.harden(app)
    CSRFProtect(app)
    sign_ins = LoginManager(app)
    sign_ins.session_protection = "strong"
    sign_ins.user_loader(SignedIn.load)
    for pages in (
        login.pages,
        own_account.pages,
        people.pages,
        keys.pages,
        departments.pages,
        gallery.pages,
        status.pages,
        checking.pages,
        search.pages,
        chart_list.pages,
        deposits.pages,
        printing.pages,
        charts.pages,
        bringing.pages,
        filling.pages,
        photographs.pages,
        refusals.pages,
        documents.pages,
        correcting.pages,
        sets.pages,
        packets.pages,
        packet_making.pages,
        packet_reception.pages,
        waiting_papers.pages,
        partners.pages,
        verifying.pages,
        verifying.copies,
    ):
        app.register_blueprint(pages)
    if archive.is_test:
        app.register_blueprint(sheet.pages)
    errors.install(app)
    frame.install(app)
    wording.install(app)
    departments.install(app)
    shown = {
        "facility": archive.facility.name,
        "test": archive.is_test,
        "phone": home.settings.web.phone,
        "kho_version": version("kho"),
    }
    app.jinja_env.globals.update(shown)
    app.add_url_rule("/favicon.ico", "icon", _icon)
    return app


def _icon() -> ResponseReturnValue:
    return "", 302, {"Location": url_for("static", filename="kho.svg")}
