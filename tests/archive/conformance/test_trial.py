"""The trial itself, run against every store: what each keeps and does not keep is
`docs/stores.json`, exactly.
"""

import json
import subprocess
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from archive.base.errors import Misconfigured
from archive.conformance.case import Outcome
from archive.conformance.cases import locks
from archive.conformance.runner import try_store
from archive.conformance.trial import Hands, Subject, clock_offset
from archive.conformance.wire import AccessKey, Address, Wire
from tests.archive.vault.lying_store import Answer, Request, lying_store
from tests.fixtures.store_server import ADMIN, StoreServer
from tests.fixtures.versitygw import VersityServer
from tests.repo.tree import ROOT
from tests.stores.page import page
from tests.stores.trials import ARCHIVE, SERVERS, TRIALS, as_kept, running, subject, try_server

DOCS = ROOT / "docs"
KNOWN: dict[str, Any] = json.loads((DOCS / "stores.json").read_text("utf-8"))


@pytest.mark.parametrize("name", SERVERS)
def test_a_store_keeps_what_is_known_of_it_and_breaks_what_is_known_of_it(name: str) -> None:
    result = as_kept(try_server(name))
    assert result == KNOWN[name], "if the store has changed, run docs/make_stores.py"


def test_versitygw_is_refused_because_its_hold_does_not_hold() -> None:
    assert KNOWN["versitygw"]["verdict"] == "refused"
    assert KNOWN["versitygw"]["reasons"][0] == "hold.after_lock"


def test_seaweedfs_is_accepted_with_limits_when_it_is_set_up_and_refused_as_it_comes() -> None:
    assert KNOWN["SeaweedFS"]["verdict"] == "limited"
    assert KNOWN["SeaweedFS, as it comes"]["verdict"] == "refused"
    assert {"durable.sync_rule", "door.no_removing"} <= set(
        KNOWN["SeaweedFS, as it comes"]["reasons"]
    )


def test_minio_is_accepted_with_its_limit() -> None:
    assert (KNOWN["MinIO"]["verdict"], KNOWN["MinIO"]["reasons"]) == (
        "limited",
        ["governance.needs_right"],
    )


def test_the_page_about_the_stores_is_what_the_trials_found() -> None:
    assert (DOCS / "stores.md").read_text("utf-8") == page(KNOWN), "run docs/make_stores.py --page"


# --- a slow store
# --------------------------------------------------------------------------------------------------


def test_an_answer_after_the_end_of_a_lock_breaks_nothing(
    minio: StoreServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A store on a busy machine deletes when the short lock has ended: that is no fault, and a
    longer lock is tried.
    """
    monkeypatch.setattr(locks, "SHORT", timedelta(seconds=1))
    for bucket in (ARCHIVE, TRIALS):
        minio.make_bucket(bucket)
    ends: list[datetime] = []

    def slow(request: Request, pass_on: Callable[[], Answer]) -> Answer:
        stated = request.headers.get("x-amz-object-lock-retain-until-date")
        if stated:
            ends.append(datetime.fromisoformat(stated))
        if request.method == "DELETE" and len(ends) == 1:
            time.sleep(max(0.0, (ends[0] - datetime.now(UTC)).total_seconds()) + 1.5)
        return pass_on()

    with lying_store(minio.endpoint) as between:
        between.fault = slow
        tried = changed(subject(minio), address=Address(between.endpoint, secure=False))
        (finding,) = try_store(tried, only=("kept.ends",)).findings
    assert (finding.outcome, len(ends)) == (Outcome.PASSED, 2), finding.seen


def test_the_clock_of_a_slow_store_is_not_called_wrong(minio: StoreServer) -> None:
    minio.make_bucket(TRIALS)
    key = AccessKey(ADMIN.access_key, ADMIN.secret_key)

    def slow(request: Request, pass_on: Callable[[], Answer]) -> Answer:
        answer = pass_on().having("Date", format_datetime(datetime.now(UTC), usegmt=True))
        time.sleep(4)
        return answer

    with (
        lying_store(minio.endpoint) as between,
        Wire(Address(between.endpoint, secure=False), key) as wire,
    ):
        between.fault = slow
        assert clock_offset(wire, TRIALS) == timedelta()
        between.fault = lambda _, pass_on: pass_on().having("Date", "Mon, 02 Jan 2040 00:00:00 GMT")
        assert clock_offset(wire, TRIALS) > timedelta(days=365)


# --- what a run lacks, and what it leaves
# --------------------------------------------------------------------------------------------------


def changed(tried: Subject, **members: Any) -> Subject:
    """Return a subject with other members."""
    return Subject(**{**{name: getattr(tried, name) for name in Subject.__slots__}, **members})


def test_a_case_without_its_means_is_reported_as_not_run(versitygw: VersityServer) -> None:
    for bucket in ("kho-archive", "kho-archive-trial"):
        versitygw.make_bucket(bucket)
    tried = changed(subject(versitygw, Hands()), stranger=None)
    only = ("rights.stranger", "durable.restart", "durable.flip", "durable.synced")
    outcomes = {
        finding.case: (finding.outcome, bool(finding.seen))
        for finding in try_store(tried, only=only).findings
    }
    assert outcomes == dict.fromkeys(only, (Outcome.NOT_RUN, True))


def test_a_run_sweeps_up_whatever_no_lock_keeps(versitygw: VersityServer) -> None:
    for bucket in ("kho-archive", "kho-archive-trial"):
        versitygw.make_bucket(bucket)
    tried = subject(versitygw, Hands())
    try_store(
        tried,
        only=(
            "version.if_none_match_race",
            "lock.hundred_years",
            "bytes.as_put",
            "name.vietnamese",
        ),
    )
    with Wire(tried.address, tried.admin) as wire:
        listed = wire.send(
            "GET", tried.trial_bucket, query={"versions": "", "prefix": "kho-trial/"}
        )
        mine = [
            each
            for each in listed.xml().iterfind("{*}Version/{*}Key")
            if "hundred" in (each.text or "")
        ]
        assert mine == []
        left = wire.send("GET", tried.bucket, query={"versions": ""}).xml()
        assert left.findall("{*}Version") == [], "nothing goes into the archive's own bucket"


def test_the_archives_own_bucket_is_never_the_trial_bucket(versitygw: VersityServer) -> None:
    tried = subject(versitygw, Hands())
    with pytest.raises(Misconfigured):
        try_store(changed(tried, trial_bucket=tried.bucket))


def test_a_key_that_cannot_use_the_bucket_for_trials_is_named_before_anything_is_tried() -> None:
    with running("versitygw") as server:
        tried = subject(server, Hands())
        with pytest.raises(Misconfigured, match="403 AccessDenied"):
            try_store(changed(tried, kho=tried.stranger))
        with pytest.raises(Misconfigured, match="administrator"):
            try_store(changed(tried, admin=tried.stranger))


def test_the_security_file_is_made_once_and_never_over_another(tmp_path: Path) -> None:
    script = DOCS.parent / "deploy" / "seaweedfs" / "make-security"
    assert subprocess.run([script, tmp_path]).returncode == 0
    security = (tmp_path / "security.toml").read_bytes()
    assert subprocess.run([script, tmp_path], capture_output=True).returncode == 1
    assert (tmp_path / "security.toml").read_bytes() == security
    assert {file.stat().st_mode & 0o077 for file in tmp_path.iterdir()} == {0}
