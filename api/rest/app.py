"""The API as one Flask application, mounted at `/api`: no session, no cookie, no page (`docs/rest.md`)."""

import threading
from collections.abc import Callable

from flask import Flask

from api.accounts import Accounts
from api.home import Home
from api.rest import health, problems
from api.rest.submissions import Submissions
from ingest.sources.limits import DEFAULT_LIMITS

ACCESSIONS_AT_ONCE = 1  # certificates and keys are shared objects that threads must not parse at the same time


def create_app(home: Home, accounts: Accounts, wake: Callable[[], None]) -> Flask:
    """Return the API of `home`; `wake` is called when an act has left work in the outbox."""
    app = Flask(__name__, static_folder=None)
    app.config.update(MAX_CONTENT_LENGTH=DEFAULT_LIMITS.source_bytes)
    turns = threading.BoundedSemaphore(ACCESSIONS_AT_ONCE)
    app.add_url_rule("/v1/submissions", view_func=Submissions.as_view("submissions", home, accounts, turns, wake))
    app.add_url_rule("/v1/health", view_func=health.Health.as_view("health", home))
    problems.install(app)
    return app
