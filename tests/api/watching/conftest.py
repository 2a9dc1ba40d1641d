"""A home of the test's own, and a folder that it watches."""

from collections.abc import Callable
from pathlib import Path

import pytest

from api.home import Home


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The watched folder."""
    place = tmp_path / "vao"
    place.mkdir()
    return place


@pytest.fixture
def home(fresh_home: Callable[[], Home]) -> Home:
    """A home of the test's own."""
    return fresh_home()
