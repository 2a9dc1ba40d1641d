"""What a page answers while a task of its own goes on: how far it is, and the same page again."""

from flask import make_response, render_template
from flask.typing import ResponseReturnValue

from api.web.tasks import Task

FIRST_LOOK = 3.0  # seconds that a form's answer waits: most work is done by then
_NEXT_LOOK = 1.5
_AGAIN = "2"  # seconds until the browser asks again, without script


def still_running(task: Task, title: str) -> ResponseReturnValue | None:
    """Return the page of a task that goes on, once it had a moment to end; None where it ended."""
    if task.wait(_NEXT_LOOK):
        return None
    response = make_response(render_template("progress.html", task=task, title=title))
    response.headers["Refresh"] = _AGAIN
    return response
