"""A home with a few charts, what a take-away of them holds, and a disk where a paper gets lost."""

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from api.home import Home
from api.inspection.sets import CollectedPaper, InspectionSets, chosen_papers
from archive.access.actor import Actor
from tests.fixtures.home import chart, take

READER = Actor("doc", "reader")


@pytest.fixture
def home(fresh_home: Callable[[], Home]) -> Home:
    """A home with three charts."""
    home = fresh_home()
    take(home, *(chart(number) for number in range(1, 4)))
    return home


@pytest.fixture
def sets(home: Home) -> InspectionSets:
    """The sets of that home."""
    return InspectionSets.of_home(home)


def chart_ids(home: Home) -> list[str]:
    """Return the ids of all charts of `home`."""
    from archive.catalog import records

    with home.catalog.read() as session:
        return list(records.chart_ids(session, home.scope))


def all_papers(home: Home) -> list[CollectedPaper]:
    """Return every paper of `home`."""
    return chosen_papers(home.catalog, chart_ids(home), home.scope)


def taken(home: Home, papers: list[CollectedPaper], **options: Any) -> zipfile.ZipFile:
    """Return the take-away of `papers`, read to its end."""
    service = home.open_for_writing().take_aways
    pieces = service.begin(papers, READER, home.scope, **options).pieces
    return zipfile.ZipFile(io.BytesIO(b"".join(pieces)))


def record_of(file: zipfile.ZipFile) -> dict[str, Any]:
    """Return the machine-readable record of a take-away."""
    record: dict[str, Any] = json.loads(file.read("record.json"))
    return record


def stored_file(home: Home, paper: CollectedPaper) -> Path:
    """Return the file in the folder vault that holds an original."""
    digest = paper.document.sha256
    (place,) = (
        file
        for file in (home.folder / "vault").rglob("*")
        if file.is_file() and digest in str(file) and file.stat().st_size == paper.document.size
    )
    return place
