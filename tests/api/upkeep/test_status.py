"""The status says of each component how it is, since when, and what to do."""

import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from api.home import Home
from api.upkeep.maintenance import checker
from api.upkeep.status.asking import ask_all
from api.upkeep.status.component import Component, State, worst
from api.upkeep.status.memory import keep_check, with_since
from archive.base.clock import FixedClock
from signing.testpki.folder import read_test_pki
from signing.testpki.running import stop
from tests.fixtures.home import chart, take


@pytest.fixture
def own_home(fresh_home: Callable[[], Home]) -> Home:
    """An empty home."""
    return fresh_home()


NAMES = [
    *("catalogue", "vault", "trial", "index", "ledger", "forms", "seal", "certificates"),
    *("tsa", "ocsp", "clock", "disk", "use", "outbox", "check", "version"),
]


def by_name(home: Home) -> dict[str, Component]:
    """Ask every component."""
    return {component.name: component for component in ask_all(home)}


def shown(home: Home, *names: str) -> list[tuple[State, str]]:
    """Return state and code of some components."""
    components = by_name(home)
    return [(components[name].state, components[name].code) for name in names]


def test_every_component_of_a_sound_archive_answers(own_home: Home) -> None:
    take(own_home, chart(1))
    keep_check(own_home, checker(own_home).check())
    components = ask_all(own_home)
    assert [component.name for component in components] == NAMES
    # a folder cannot lock; all else is as it must be, but for the machine's own disk
    others = [each for each in components if each.name not in ("trial", "disk")]
    assert worst(others) is State.OK
    for component in components:
        assert component.detail.vi.endswith(".")
        assert component.detail.en.endswith(".")
        assert component.title.vi
        assert (component.remedy is not None) == (component.state in (State.WARNING, State.FAULT))


def test_an_archive_that_was_never_checked_says_so(own_home: Home) -> None:
    assert shown(own_home, "check") == [(State.WARNING, "never")]


def test_faults_of_the_last_check_are_remembered(own_home: Home) -> None:
    (receipt,) = take(own_home, chart(1))[0].receipts
    file = own_home.folder / "vault" / receipt.object_key
    file.chmod(0o600)
    file.unlink()
    keep_check(own_home, checker(own_home).check())
    check = by_name(own_home)["check"]
    assert (check.state, check.code) == (State.FAULT, "faults")
    assert "object.missing" in check.detail.en


def test_a_state_is_dated_by_its_first_sight(home_folder: Path) -> None:
    clock = FixedClock(Home.open(home_folder).clock.now())
    with Home.open(home_folder, clock) as home:
        first = clock.now()
        assert {each.since for each in with_since(home, [Component.of("outbox", "empty")])} == {
            first
        }
        clock.moment += timedelta(hours=1)
        assert with_since(home, [Component.of("outbox", "waits", count=1)])[0].since == first
        clock.moment += timedelta(hours=1)
        backlog = Component.of("outbox", "backlog", count=5000)
        assert with_since(home, [backlog])[0].since == clock.now()


def test_a_key_that_does_not_open_is_a_fault_and_nothing_is_asked_by_it(home_folder: Path) -> None:
    p12 = read_test_pki(home_folder / "testpki").p12_path
    p12.write_bytes(b"no key")
    with Home.open(home_folder) as home:
        assert shown(home, "seal", "tsa", "ocsp", "clock") == [
            (State.FAULT, "seal.key_refused"),
            *[(State.UNKNOWN, "not_asked")] * 3,
        ]


def test_a_tsa_that_is_away_is_named(own_home: Home) -> None:
    _ = own_home.seals.sealer
    stop(own_home.folder / "testpki")
    components = by_name(own_home)
    assert components["seal"].state is State.OK
    assert components["tsa"].state is State.FAULT
    assert components["clock"].state is State.UNKNOWN


@pytest.mark.parametrize("away", ["vault", "catalog.db"])
def test_a_part_that_is_away_is_a_fault_and_the_others_are_still_asked(
    home_folder: Path, away: str
) -> None:
    part = home_folder / away
    if part.is_dir():
        shutil.move(part, home_folder / "away")
        part.mkdir()
    else:
        part.write_bytes(b"no database")
    with Home.open(home_folder) as home:
        components = by_name(home)
    name = {"vault": "vault", "catalog.db": "catalogue"}[away]
    assert components[name].state is State.FAULT
    assert components["seal"].state is State.OK
    assert components["tsa"].state is State.OK
    assert components["version"].state is State.OK


def test_an_expired_certificate_is_named_with_its_day(home_folder: Path) -> None:
    with Home.open(home_folder) as home:
        ends = home.seals.key.certificate.not_valid_after
    for before, state in ((91, State.OK), (89, State.WARNING)):
        with Home.open(home_folder, FixedClock(ends - timedelta(days=before))) as home:
            components = by_name(home)
            assert components["certificates"].state is state
            assert f"{before}" in components["certificates"].detail.en
