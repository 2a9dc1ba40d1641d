"""Engines on the tests' Elasticsearch: each with a prefix of its own, removed at its end."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import urllib3

from archive.base.clock import SystemClock
from archive.base.identifiers import FacilityCode
from archive.base.leases import FileLeases
from search.elastic.connection import ElasticConnection
from search.elastic.index import ElasticEngine
from search.elastic.indices import ElasticIndices

FACILITY = FacilityCode("01001")


def engine(
    url: str, folder: Path, prefix: str, *, read_seconds: float = 10.0, write_seconds: float = 30.0
) -> ElasticEngine:
    """Return an engine whose leases are in `folder`; close it."""
    connection = ElasticConnection(url, read_seconds=read_seconds, write_seconds=write_seconds)
    indices = ElasticIndices(connection, prefix, FACILITY)
    return ElasticEngine(connection, indices, FileLeases(folder / "leases"), SystemClock())


@contextmanager
def running_engine(url: str, folder: Path) -> Iterator[ElasticEngine]:
    """Yield an engine of a new prefix; nothing of it is left behind."""
    elastic = engine(url, folder, new_prefix())
    try:
        yield elastic
    finally:
        prefix = elastic._indices.alias
        elastic.close()
        forget(url, prefix)


def new_prefix() -> str:
    """Return a prefix that no other test has."""
    return f"t{uuid4().hex[:12]}"


def ask(url: str, method: str, path: str, body: Any = None) -> Any:
    """Ask the node as its administrator would; returns the JSON of its answer."""
    with urllib3.PoolManager(retries=False, timeout=urllib3.Timeout(30)) as pool:
        answer = pool.request(
            method, f"{url}/{path}", json=body, headers={"Content-Type": "application/json"}
        )
        return json.loads(answer.data) if answer.data else None


def forget(url: str, alias: str) -> None:
    """Remove every index and template whose name begins with `alias`."""
    for name in indices(url, alias):
        ask(url, "DELETE", name)
    ask(url, "DELETE", f"_index_template/{alias}-v*")


def indices(url: str, alias: str) -> list[str]:
    """Return the names of the indices that begin with `alias`, in order."""
    indices = ask(url, "GET", f"{alias}*/_alias?expand_wildcards=all")
    return sorted(indices) if isinstance(indices, dict) and "error" not in indices else []
