"""The engines that the suite is run against."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from search.contract import Index
from search.tantivy.index import TantivyIndex
from tests.search.elastic.cluster import running_engine
from tests.search.suite import load
from tests.search.suite.reference import ReferenceIndex

ENGINES = ("reference", "tantivy", "elasticsearch")


def empty_index(
    name: str, folder: Path, request: pytest.FixtureRequest, closing: ExitStack
) -> Index:
    """Return an engine's index that holds nothing; only Elasticsearch's asks for a server."""
    if name == "reference":
        return ReferenceIndex()
    if name == "tantivy":
        return closing.enter_context(TantivyIndex.recreate(folder))
    engine = closing.enter_context(
        running_engine(request.getfixturevalue("elasticsearch_url"), folder)
    )
    with engine.remade():
        pass
    return engine.open()


@pytest.fixture(scope="session", params=ENGINES)
def fed(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Index]:
    """An engine that holds the suite's documents; not to be written to."""
    with ExitStack() as closing:
        index = empty_index(request.param, tmp_path_factory.mktemp(request.param), request, closing)
        index.put(load.documents().values())
        index.release_writer()
        yield index


@pytest.fixture(params=ENGINES)
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Index]:
    """An engine that holds nothing."""
    with ExitStack() as closing:
        yield empty_index(request.param, tmp_path, request, closing)
