"""One `kho serve` for the tests that only knock at its door."""

import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from api.access.api_keys import ApiKeys
from api.home import Home
from tests.api.test_server import serving


@pytest.fixture(scope="module")
def hospital_home(home_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home that is served."""
    return Path(shutil.copytree(home_template, tmp_path_factory.mktemp("hospital") / "home"))


@pytest.fixture(scope="module")
def hospital(hospital_home: Path) -> Iterator[str]:
    """The address of a running server."""
    with serving(hospital_home, "--port", "0") as (_, address, _said):
        yield address


@pytest.fixture(scope="module")
def hospital_key_of() -> Callable[[Path], str]:
    """Make a key of a home that may send charts."""

    def key(folder: Path) -> str:
        with Home.open(folder) as home:
            return ApiKeys(home.catalog, home.code, home.clock).create(
                "HIS thử", "his", home.clock.now() + timedelta(days=1)
            )[1]

    return key


@pytest.fixture(scope="module")
def hospital_key(hospital_home: Path, hospital_key_of: Callable[[Path], str]) -> str:
    """A key that may send charts."""
    return hospital_key_of(hospital_home)
