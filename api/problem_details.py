"""Problem details (RFC 9457): the form in which the server states an error of Kho to a program."""

from typing import Any

from api.error_answers import http_status
from archive.base.errors import KhoError, SubmissionRejected

# Strict-Transport-Security (RFC 6797), of every answer that goes out by https
TLS_ONLY = "max-age=31536000"
MEDIA_TYPE = "application/problem+json"
RETRY_SECONDS = {408: 5, 409: 5, 429: 300, 503: 30}
# waiting does not help
_FINAL = frozenset(
    {
        "chart.not_ready",
        "chart.papers_missing",
        "chart.papers_incomplete",
        "idempotency.not_kept",
    }
)


def as_problem(error: KhoError) -> dict[str, Any]:
    """Return the members of a problem; `component` names a server that is away, `faults` all that
    is wrong.
    """
    problem = error.as_json()
    faults = problem.pop("refused", None)
    component = error.facts.get("component")
    return {
        "type": f"urn:kho:error:{error.code}",
        "status": http_status(error),
        "title": problem["what"]["en"],
        "detail": error.explain("en"),
        **problem,
        **({"faults": faults} if isinstance(error, SubmissionRejected) else {}),
        **({"component": str(component)} if component is not None else {}),
    }


def retry_after(error: KhoError) -> int | None:
    """Return the seconds after which the same request may succeed; None where waiting does not
    help.
    """
    seconds = getattr(error, "retry_seconds", None) or RETRY_SECONDS.get(http_status(error))
    return None if error.code in _FINAL else seconds
