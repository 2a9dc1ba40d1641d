"""The engines that the suite is run against."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from search.contract import Index
from search.tantivy_index import TantivyIndex
from tests.search.suite import load
from tests.search.suite.reference import ReferenceIndex

ENGINES: dict[str, Callable[[Path], Index]] = {
    "reference": lambda _: ReferenceIndex(),
    "tantivy": TantivyIndex.recreate,
}


@pytest.fixture(scope="session", params=ENGINES)
def fed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    """An engine that holds the suite's documents; not to be written to."""
    index = ENGINES[request.param](tmp_path_factory.mktemp(request.param))
    index.put(load.documents().values())
    yield index
    index.close()


@pytest.fixture(params=ENGINES)
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Index]:
    """An engine that holds nothing."""
    index = ENGINES[request.param](tmp_path)
    yield index
    index.close()
