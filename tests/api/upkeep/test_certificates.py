"""Certificates that end soon are named: by readiness, by `kho check`, and once a day in the log."""

import shutil
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path

from structlog.testing import capture_logs
from structlog.typing import EventDict

from api.composition.certificates import watched_certificates
from api.home import Home
from api.upkeep.background_worker import BackgroundWorker
from api.upkeep.maintenance import checker
from api.upkeep.readiness import readiness
from archive.base.clock import FixedClock, SystemClock
from archive.catalog.tables import SealChainRow
from signing.expiry import CertificateState
from tests.fixtures.home import chart, take
from tests.fixtures.home import write_real_settings as real_settings
from tests.waiting import until

Homes = Callable[[], Home]


def at(home: Home, days_left: int) -> Home:
    """Return the home as it is so many days before the seal's certificate ends."""
    (seal,) = (state for state in watched_certificates(home) if state.role == "seal")
    clock = FixedClock(SystemClock().now() + timedelta(days=seal.days_left - days_left))
    return Home(home.settings, clock, witness=clock.now)


def notices(home: Home) -> dict[str, str]:
    return {
        fault.kind.code: fault.object
        for fault in checker(home).check().faults
        if fault.kind.code.startswith(("certificate.", "seal."))
    }


def roles(states: tuple[CertificateState, ...]) -> set[str]:
    return {state.role.value for state in states}


def test_the_whole_chains_of_seal_and_tsa_are_watched(fresh_home: Homes) -> None:
    home = fresh_home()
    assert roles(watched_certificates(home)) == {"seal", "seal-authority"}
    take(home, chart(1))
    assert roles(watched_certificates(home)) == {"seal", "seal-authority", "tsa", "tsa-authority"}
    with Home.open(home.folder) as again:
        assert watched_certificates(again) == watched_certificates(home), "no key is opened for it"
        assert again.seals.opened_key is None


def test_a_damaged_file_or_row_stops_no_check(fresh_home: Homes) -> None:
    home = fresh_home()
    take(home, chart(1))
    (home.folder / "keys" / "tsa.pem").write_bytes(b"no certificate")
    with home.catalog.write() as session:
        session.query(SealChainRow).update({"pem": "no certificate"})
    with Home.open(home.folder) as again:
        assert watched_certificates(again) == ()
        assert "catalogue.altered" in {fault.kind.code for fault in checker(again).check().faults}


def test_check_names_what_ends_soon(fresh_home: Homes) -> None:
    home = fresh_home()
    assert notices(home) == {}
    with at(home, 91) as early:
        assert notices(early) == {}
    with at(home, 30) as late:
        assert set(notices(late)) == {"certificate.ends_soon"}
        named = notices(late)["certificate.ends_soon"]
        assert named.startswith("seal TEST Bệnh viện")
        assert named.endswith("(30)")
        assert checker(late).check().ok, "a notice"
    with at(home, -1) as over:
        assert set(notices(over)) == {"certificate.ended"}


def test_readiness_gives_the_days_left(fresh_home: Homes) -> None:
    home = fresh_home()
    take(home, chart(1))
    answer = readiness(home)
    assert answer["status"] == "ready"
    states = {each["role"]: each for each in answer["certificates"]}
    assert set(states) == {"seal", "seal-authority", "tsa", "tsa-authority"}
    assert states["seal"]["within"] is None
    assert states["seal"]["days_left"] > 90


def test_the_server_logs_what_ends_soon_once(fresh_home: Homes) -> None:
    with at(fresh_home(), 7) as home, capture_logs() as logs:
        with BackgroundWorker(home, home.follow_ups) as follower:
            until(lambda: named(logs), "the certificate is logged")
            for _ in range(3):
                follower.wake()
        assert len(named(logs)) == 1
    (event,) = named(logs)
    assert (event["log_level"], event["role"], event["days_left"]) == ("error", "seal", 7)


def named(logs: Sequence[EventDict]) -> list[EventDict]:
    return [event for event in logs if event["event"] == "certificate.ends_soon"]


def test_a_production_archive_is_reminded_that_its_key_lies_in_a_file(
    real_template: Path, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(real_template, tmp_path / "home"))
    with Home.open(folder) as home:
        assert notices(home) == {}
    with Home.open(real_settings(folder, "production = true")) as home:
        assert notices(home) == {"seal.key_in_file": "seal.pkcs12"}
