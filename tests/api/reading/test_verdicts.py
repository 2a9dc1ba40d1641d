"""Verdicts: few at a time, and strangers have a turn of their own."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from api.home import Home
from api.reading.verdicts import VerifyingBusy
from api.rest.service import Service
from api.server import THREADS, application
from api.web.site import Site
from archive.base.clock import FixedClock, SystemClock
from archive.base.identifiers import ObjectKey, new_id
from signing.validation.result.verdict import Verdict
from tests.api.web.test_document_page import a_document
from tests.fixtures.home import chart, take


@pytest.fixture
def home(home_folder: Path) -> Iterator[Home]:
    """A home with a clock that stays until it is moved."""
    with Home.open(home_folder, FixedClock(SystemClock().now())) as home:
        yield home


def test_a_caller_that_waits_too_long_is_refused_and_strangers_keep_no_client_waiting(
    home: Home, paper_pdf: bytes
) -> None:
    take(home, chart(1))
    document = a_document(home, "K01")
    data = home.vault.read(ObjectKey(document.object_key), document.object_version)
    judging = home.open_for_reading().verdicts
    with judging._strangers_turns.held():  # somebody's file is being judged
        with pytest.raises(VerifyingBusy):
            judging.verify_for_stranger(data, document.id)
        assert judging.verify_for_stranger(paper_pdf, document.id) is None  # needs no turn
        assert judging.verify(paper_pdf, home.scope).report.verdict is Verdict.UNSIGNED
    verification = judging.verify_for_stranger(data, document.id)
    assert verification is not None
    assert verification.document_id == document.id
    assert judging.verify_for_stranger(data, new_id()) is None


def test_pages_and_api_share_the_turns_and_leave_a_thread_to_answer(home: Home) -> None:
    doors: Any = application(home, lambda: None)
    site: Site = doors.app.extensions["kho"]
    service: Service = doors.mounts["/api"].extensions["kho.rest"]
    assert site.verdicts is service.verdicts
    archive = service.archive
    assert site.archive.viewing is archive.viewing
    limits = (archive.viewing.most, archive.printing.most_threads, archive.turns.most_threads)
    assert service.most_threads >= sum(limits) + service.verdicts.most_threads
    assert service.most_threads + site.accounts.passwords.most_threads < THREADS


def test_a_verdict_on_the_same_bytes_is_used_again_for_ten_minutes(
    home: Home, paper_pdf: bytes
) -> None:
    assert isinstance(home.clock, FixedClock)
    judging = home.open_for_reading().verdicts
    first = judging.of_original(paper_pdf)
    home.clock.moment += timedelta(minutes=9)
    assert judging.of_original(paper_pdf) is first
    assert judging.of_original(paper_pdf + b"\n") is not first
    home.clock.moment += timedelta(minutes=1)
    assert judging.of_original(paper_pdf) is not first
