"""The API as one Flask application, mounted at `/api`: no session, no cookie (`docs/rest.md`)."""

from collections.abc import Callable

from flask import Flask, Response, request
from flask_openapi3.openapi import OpenAPI

from api.access.accounts import Accounts
from api.access.api_keys import ApiKeys
from api.access.kept_answers import KeptAnswers
from api.access.sessions import Sessions
from api.access.users import Users
from api.access.web_secret import web_secret
from api.home import Home
from api.inspection.sets import InspectionSets
from api.inspection.turns import TakeAwayTurns
from api.problem_details import TLS_ONLY
from api.rest import access, problems, refused_bodies
from api.rest.documentation import described, documentation
from api.rest.models.problem import Problem
from api.rest.requests.cursor import Cursors
from api.rest.requests.idempotency import Idempotency
from api.rest.requests.incoming import (
    AccountConverter,
    DigestConverter,
    FacilityConverter,
    Incoming,
    KeyConverter,
    RecordConverter,
)
from api.rest.resources.account import account
from api.rest.resources.charts import charts
from api.rest.resources.corrections import corrections
from api.rest.resources.departments import departments
from api.rest.resources.documents import documents
from api.rest.resources.exchange import exchange
from api.rest.resources.health import health
from api.rest.resources.keys import keys
from api.rest.resources.ledger import ledger
from api.rest.resources.originals import originals
from api.rest.resources.packets import packets
from api.rest.resources.partners import partners
from api.rest.resources.printing import printing
from api.rest.resources.refusals import refusals
from api.rest.resources.search import search
from api.rest.resources.sets import sets
from api.rest.resources.submissions import submissions
from api.rest.resources.users import users
from api.rest.resources.verifications import verifications
from api.rest.schemas import schemas
from api.rest.service import Service
from api.upkeep.check_run import CheckRun
from api.upkeep.probe import Probe
from api.upkeep.readiness import readiness
from api.upkeep.status.asking import status
from ingest.sources.limits import DEFAULT_LIMITS

_PARTS = 501  # of a multipart body: a record, and a file for each of its papers


def create_app(
    home: Home,
    accounts: Accounts,
    wake: Callable[[], None],
    take_away_turns: TakeAwayTurns | None = None,
    checks: CheckRun | None = None,
) -> Flask:
    """Return the API of `home`; `wake` is called when an act has left work in the outbox.

    `accounts`, `take_away_turns` and `checks` are shared with the pages of this process, as `home`
    is.
    """
    app = OpenAPI(
        __name__,
        static_folder=None,
        doc_ui=False,  # its pages want scripts; `documentation` has one without
        validation_error_model=Problem,
        validation_error_callback=problems.refuse_invalid,
        **described(),
    )
    app.request_class = Incoming
    app.url_map.converters.update(
        record=RecordConverter,
        account=AccountConverter,
        digest=DigestConverter,
        key=KeyConverter,
        facility=FacilityConverter,
    )
    app.json.sort_keys = False  # type: ignore[attr-defined]  # Flask's own provider
    app.config.update(
        MAX_CONTENT_LENGTH=DEFAULT_LIMITS.source_bytes,
        MAX_FORM_MEMORY_SIZE=DEFAULT_LIMITS.record_bytes,
        MAX_FORM_PARTS=_PARTS,
    )
    archive = home.open_for_reading()
    api_keys = ApiKeys(home.catalog, home.code, home.clock)
    Service(
        archive,
        home.open_for_writing,
        wake,
        Cursors(web_secret(home)),
        Idempotency(KeptAnswers(home.catalog, home.clock), home.leases, home.code),
        Probe(lambda: readiness(home)),
        Probe(lambda: status(home)),
        archive.verdicts,
        Users(accounts),
        Sessions.of_home(home),
        InspectionSets.of_home(home),
        take_away_turns or TakeAwayTurns(),
        api_keys,
        checks or CheckRun(home),
    ).install(app)
    access.install(app, accounts, api_keys)
    for part in (
        submissions,
        refusals,
        schemas,
        charts,
        printing,
        packets,
        exchange,
        partners,
        documents,
        corrections,
        originals,
        search,
        verifications,
        ledger,
        users,
        sets,
        keys,
        departments,
        account,
        health,
    ):
        app.register_api(part)
    app.register_blueprint(documentation)
    problems.install(app)
    refused_bodies.install(app)
    app.after_request(_add_headers)
    return app


def _add_headers(response: Response) -> Response:
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers.setdefault(
        "Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"
    )
    response.headers["Referrer-Policy"] = "no-referrer"
    if request.is_secure:
        response.headers["Strict-Transport-Security"] = TLS_ONLY
    return response
