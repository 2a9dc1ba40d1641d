"""What the tests do with a watched folder: fill it, watch it, look at what became of it."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from api.home import Home
from api.watching.rules import Rules, load_rules
from api.watching.watcher import Taken, Waiting, Watcher
from archive.catalog.tables import DocumentRow
from tests.fixtures.home import CLERK, chart


def rules(**changes: Any) -> Rules:
    """Return the rules with times that a test can wait for."""
    quick = {
        "interval_seconds": 0.05,
        "settle_seconds": 0.1,
        "empty_settle_seconds": 0.3,
        "companion_seconds": 0.5,
    }
    return replace(load_rules(), **{**quick, "retry_seconds": (0.1, 0.2), **changes})


def watch(home: Home, folder: Path, *, once: bool = True, **changes: Any) -> list[Taken | Waiting]:
    return list(
        Watcher(home.open_for_writing(), CLERK, home.scope, folder, rules(**changes)).run(once=once)
    )


def put(folder: Path, name: str, content: Any) -> Path:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return file


def tree(folder: Path) -> set[str]:
    return {file.relative_to(folder).as_posix() for file in folder.rglob("*") if not file.is_dir()}


def documents(home: Home) -> int:
    with home.catalog.read() as session:
        return session.query(DocumentRow).count()


def with_file(number: int, name: str) -> dict[str, Any]:
    """Return a chart with one paper that is a file beside it."""
    return chart(
        number,
        papers=[{"form": "36/BV2", "key": "quet-1", "file": {"name": name, "dated": "2026-01-12"}}],
    )
