"""Readiness: each component that an archive needs, and whether it answers now."""

from collections.abc import Callable
from typing import Any

from api.home import Home
from archive.base.errors import IntegrityError, KhoError
from archive.base.identifiers import ObjectKey
from archive.catalog.tables import ActRow


def readiness(home: Home) -> dict[str, Any]:
    """Return `status`, `components`, and `certificates` with the days that they have left.

    `ready`: all are there. `degraded`: search is away; archiving and reading go on. `unready`:
      another is away.
    """
    settings = home.settings
    components = [
        _asked(
            "catalogue",
            "postgresql" if settings.catalog.url else "sqlite",
            lambda: home.follow_ups.outbox.pending(),
        ),
        _asked("store", settings.vault.kind, lambda: require_first_act(home)),
        # A home without keys reads, but does not archive.
        _asked("keys", "pkcs11" if settings.seal.pkcs11 else "pkcs12", lambda: _keys(home)),
        _asked("search", settings.search.kind, lambda: home.follow_ups.indexing.index.count()),
    ]
    away = {component["name"] for component in components if not component["ok"]}
    status = "ready" if not away else "degraded" if away == {"search"} else "unready"
    return {"status": status, "components": components, "certificates": _certificates(home)}


def _certificates(home: Home) -> list[dict[str, Any]]:
    """Return when the certificates end; none where a component is away, which is named above."""
    from api.composition.certificates import watched_certificates

    try:
        return [state.as_json() for state in watched_certificates(home)]
    except KhoError:
        return []


def _asked(name: str, engine: str, ask: Callable[[], object]) -> dict[str, Any]:
    try:
        ask()
    except KhoError as error:
        return {"name": name, "engine": engine, "ok": False, "code": error.code}
    return {"name": name, "engine": engine, "ok": True, "code": None}


def _keys(home: Home) -> None:
    """Check that this home can seal: its parts, its certificate, and the device of the key."""
    _ = home.open_for_writing().accession
    home.seals.key.check(home.clock.now())
    home.seals.key.require_present()


def require_first_act(home: Home) -> None:
    """Check that the vault has act 0, which every archive has.

    Raises IntegrityError, VaultError, Unavailable.
    """
    with home.catalog.read() as session:
        act = session.get(ActRow, (home.code, 0))
    if act is None:
        raise IntegrityError(object="act 0")
    home.vault.stat(ObjectKey(act.object_key), act.object_version)
