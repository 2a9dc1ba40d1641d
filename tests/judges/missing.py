"""What happens when an outside judge is not installed: a loud skip, and in CI a failure."""

import os
import shutil
from typing import NoReturn

import pytest


def in_ci() -> bool:
    """Return whether this is the run that decides (`CI=true`): there, every file must be judged."""
    return os.environ.get("CI", "").lower() in ("1", "true")


def unjudged(why: str) -> NoReturn:
    """Skip the test, saying what is missing; fail it where `CI=true`."""
    sentence = f"NOT JUDGED: {why} (deploy/install-test-tools brings what is missing)"
    if in_ci():
        pytest.fail(sentence, pytrace=False)
    pytest.skip(sentence)


def require_program(*names: str) -> None:
    """Call :func:`unjudged` unless every program of `names` is on the PATH."""
    absent = [name for name in names if shutil.which(name) is None]
    if absent:
        unjudged(f"there is no {', '.join(absent)} on this machine")
