"""What every test gets: the shared fixtures, by subject."""

import os
import sys

import pytest
import structlog
from hypothesis import settings

# Each command that a test starts would else compile Kho, and read every form, again.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# No test fails for a busy machine: none asserts on seconds.
settings.register_profile("kho", deadline=None)
settings.load_profile("kho")

pytest_plugins = [
    "tests.fixtures.browsing",
    "tests.fixtures.browser",  # after what it uses
    "tests.fixtures.clamd",
    "tests.fixtures.elasticsearch",
    "tests.fixtures.home",
    "tests.fixtures.finished",  # after what it uses
    "tests.fixtures.hospitals",
    "tests.fixtures.isolation",
    "tests.fixtures.judges",
    "tests.fixtures.pki",
    "tests.fixtures.postgres",
    "tests.fixtures.seaweed",
    "tests.fixtures.softhsm",
    "tests.fixtures.minio",
    "tests.fixtures.versitygw",
]


@pytest.fixture(autouse=True)
def nothing_of_an_earlier_request() -> None:
    """Forget the door and address that the last request of this process put into the lines of the
    log.
    """
    structlog.contextvars.clear_contextvars()
