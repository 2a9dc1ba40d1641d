"""Verdicts: few at a time, and strangers have a turn of their own."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from api.home import Home
from api.web import verdicts
from api.web.verdicts import Busy, Verdicts
from archive.clock import FixedClock, SystemClock
from signing.validation.verdict import Verdict


@pytest.fixture
def home(home_folder: Path) -> Iterator[Home]:
    """A home with a clock that stands until it is moved."""
    with Home.open(home_folder, FixedClock(SystemClock().now())) as home:
        yield home


def test_whoever_waits_too_long_is_told_and_strangers_keep_nobody_waiting(
    home: Home, paper_pdf: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verdicts, "_STRANGERS_PATIENCE", 0.01)
    judging = Verdicts(home)
    with judging._strangers_turns:  # somebody's file is being judged
        with pytest.raises(Busy):
            judging.verify_for_stranger(paper_pdf)
        assert judging.verify(paper_pdf, home.scope).report.verdict is Verdict.UNSIGNED
    assert judging.verify_for_stranger(paper_pdf).report.verdict is Verdict.UNSIGNED


def test_a_verdict_on_the_same_bytes_is_used_again_for_ten_minutes(home: Home, paper_pdf: bytes) -> None:
    assert isinstance(home.clock, FixedClock)
    judging = Verdicts(home)
    first = judging.of_original(paper_pdf)
    home.clock.moment += timedelta(minutes=9)
    assert judging.of_original(paper_pdf) is first
    assert judging.of_original(paper_pdf + b"\n") is not first
    home.clock.moment += timedelta(minutes=1)
    assert judging.of_original(paper_pdf) is not first
