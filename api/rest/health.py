"""`GET /api/v1/health`: whether Kho answers and can read its catalogue; for whoever watches, and nothing else."""

from importlib.metadata import version

from flask import jsonify
from flask.typing import ResponseReturnValue
from flask.views import MethodView
from sqlalchemy.exc import SQLAlchemyError

from api.home import Home
from archive.errors import Unavailable


class Health(MethodView):
    """Tells whether the home answers."""

    init_every_request = False

    def __init__(self, home: Home) -> None:
        self._home = home

    def get(self) -> ResponseReturnValue:
        """200 with `pending`: whether work that follows acts is still to be done; 503 where the catalogue is away."""
        try:
            pending = self._home.outbox.pending()
        except SQLAlchemyError as error:
            raise Unavailable(component="SQLite", why=type(error).__name__) from error
        return jsonify({"status": "ok", "version": version("kho"), "pending": pending})
