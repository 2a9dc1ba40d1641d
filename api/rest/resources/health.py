"""`/v1/health` for monitoring: whether Kho answers, and whether the components that it needs are
available. `/v1/health/status` says more, to people who may know it.
"""

from importlib.metadata import version

from flask import Response
from flask_openapi3.blueprint import APIBlueprint

from api.rest.access import caller, needs
from api.rest.answers import answer
from api.rest.models.health import Check, Health, Live, Ready, Status
from api.rest.operation import Answer, documented, tag
from api.rest.service import service
from archive.access.actor import Permission

health = APIBlueprint("health", __name__, url_prefix="/v1/health", abp_tags=[tag("health")])


@health.get("", endpoint="answers", **documented("getHealth", {200: Health}, open_to_all=True))
def answers() -> Response:
    """Kho answers and can read its catalogue. Raises Unavailable."""
    pending = service().archive.follow_ups.outbox.pending()
    return answer(Health, {"status": "ok", "version": version("kho"), "pending": pending})


@health.get("/live", endpoint="live", **documented("getLiveness", {200: Live}, open_to_all=True))
def live() -> Response:
    """The process answers; asks nothing of any component."""
    return answer(Live, {"status": "ok"})


@health.get(
    "/ready",
    endpoint="ready",
    **documented("getReadiness", {200: Ready, 503: Answer(Ready)}, open_to_all=True),
)
def ready() -> Response:
    """Each component, and whether it is there: catalogue, store, keys; search, without which
    archiving goes on.
    """
    readiness = service().readiness.ask()
    return answer(Ready, readiness, 503 if readiness["status"] == "unready" else 200)


@health.get("/check", endpoint="check", **documented("getCheck", {200: Check}))
@needs(Permission.HEALTH)
def check() -> Response:
    """What the last check found, and whether one runs."""
    return answer(Check, service().checks.state().as_json())


@health.post("/check", endpoint="begin_check", **documented("beginCheck", {202: Check}))
@needs(Permission.HEALTH)
def begin_check() -> Response:
    """Begin a check beside the server; one that runs already goes on."""
    service().checks.begin(caller().name)
    return answer(Check, service().checks.state().as_json(), 202)


@health.get("/status", endpoint="status", **documented("getStatus", {200: Status}))
@needs(Permission.HEALTH)
def status() -> Response:
    """Each component in words: its state, since when, and what to do."""
    return answer(Status, service().status.ask())
