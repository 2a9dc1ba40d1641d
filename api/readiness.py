"""Readiness: each component that an archive needs, and whether it answers now."""

from collections.abc import Callable
from typing import Any

from api.home import Home
from archive.base.errors import IntegrityError, KhoError
from archive.base.identifiers import ObjectKey
from archive.catalog.tables import ActRow


def readiness(home: Home) -> dict[str, Any]:
    """Return `status` and `components`.

    `ready`: all are there. `degraded`: search is away; archiving and reading go on. `unready`:
      another is away.
    """
    told = home.settings
    components = [
        _asked(
            "catalogue", "postgresql" if told.catalog.url else "sqlite", lambda: _catalogue(home)
        ),
        _asked("store", told.vault.kind, lambda: _store(home)),
        _asked("keys", "pkcs12", lambda: _keys(home)),
        _asked("search", told.search.kind, lambda: _search(home)),
    ]
    away = {component["name"] for component in components if not component["ok"]}
    status = "ready" if not away else "degraded" if away == {"search"} else "unready"
    return {"status": status, "components": components}


def _asked(name: str, engine: str, ask: Callable[[], None]) -> dict[str, Any]:
    try:
        ask()
    except KhoError as error:
        return {"name": name, "engine": engine, "ok": False, "code": error.code}
    return {"name": name, "engine": engine, "ok": True, "code": None}


def _catalogue(home: Home) -> None:
    home.outbox.pending()


def _store(home: Home) -> None:
    """Check that the vault has act 0, which every archive has."""
    with home.catalog.read() as session:
        act = session.get(ActRow, (home.code, 0))
    if act is None:
        raise IntegrityError(object="act 0")
    home.vault.stat(ObjectKey(act.object_key), act.object_version)


def _keys(home: Home) -> None:
    """Check that the home can seal and write: without keys it reads, but does not archive."""
    _ = home.accession


def _search(home: Home) -> None:
    home.index.count()
