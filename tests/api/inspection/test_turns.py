"""A take-away holds a turn until it is read to its end, or its client is gone."""

from collections.abc import Iterator

import pytest

from api.home import Home
from api.inspection import turns as limits
from api.inspection.turns import TakeAwayBusy, TakeAwayTurns
from tests.api.inspection.conftest import READER, all_papers


@pytest.fixture
def turns(monkeypatch: pytest.MonkeyPatch) -> TakeAwayTurns:
    """Turns for which a caller hardly waits."""
    monkeypatch.setattr(limits, "_PATIENCE", 0.01)
    return TakeAwayTurns()


def begin(turns: TakeAwayTurns, home: Home) -> Iterator[bytes]:
    archive = home.open_for_writing()
    papers = all_papers(home)[:1]
    return turns.begin(lambda: archive.take_aways, papers, READER, home.scope, READER.name).pieces


def test_a_caller_makes_a_single_take_away_at_a_time(turns: TakeAwayTurns, home: Home) -> None:
    pieces = begin(turns, home)
    with pytest.raises(TakeAwayBusy):
        begin(turns, home)
    next(pieces)
    pieces.close()  # type: ignore[attr-defined] # what a server calls when its client is gone
    begin(turns, home).close()  # type: ignore[attr-defined] # before its first byte
    assert b"".join(begin(turns, home)).startswith(b"PK")
    begin(turns, home)
