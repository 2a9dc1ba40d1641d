"""Running the trial against each store of the tests, and what `docs/stores.json` keeps of it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from archive.conformance.case import Outcome
from archive.conformance.findings import Findings
from archive.conformance.runner import try_store
from archive.conformance.trial import Hands, Subject
from archive.conformance.verdict import judge
from archive.conformance.wire import AccessKey, Address
from tests.fixtures.minio import MinioServer
from tests.fixtures.seaweed import OpenSeaweedServer, SeaweedServer
from tests.fixtures.store_server import ADMIN, KHO, STRANGER, Key, StoreServer
from tests.fixtures.versitygw import VersityServer

ARCHIVE, TRIALS = "kho-archive", "kho-archive-trial"
# Name in docs/stores.json -> server. "as it comes": SeaweedFS without what docs/stores.md tells to
# set up.
SERVERS: dict[str, type[StoreServer]] = {
    "SeaweedFS": SeaweedServer,
    "MinIO": MinioServer,
    "versitygw": VersityServer,
    "SeaweedFS, as it comes": OpenSeaweedServer,
}


@contextmanager
def running(name: str) -> Iterator[StoreServer]:
    """Give a store of one's own with both buckets made; it is killed in a trial."""
    servers = SERVERS[name].running()
    try:
        server = next(servers)
        for bucket in (ARCHIVE, TRIALS):
            server.make_bucket(bucket)
        yield server
    finally:
        servers.close()  # type: ignore[attr-defined]


def subject(server: StoreServer, hands: Hands | None = None) -> Subject:
    """Return a store of the tests as it goes to trial, with every hold on its process and disk."""
    return Subject(
        address=Address(server.endpoint, secure=False),
        kho=_key(KHO),
        admin=_key(ADMIN),
        stranger=_key(STRANGER),
        bucket=ARCHIVE,
        trial_bucket=TRIALS,
        doors=tuple(f"127.0.0.1:{port}" for port in list(server.ports.values())[1:]),
        filer_conf=server.filer_conf if isinstance(server, SeaweedServer) else None,
        hands=hands or Hands(server.restart, server.flip, server.syncs),
    )


def try_server(name: str, progress: Callable[[str], None] = lambda _: None) -> Findings:
    """Run all cases against a fresh store."""
    with running(name) as server:
        return try_store(subject(server), progress=progress)


def as_kept(trial: Findings) -> dict[str, Any]:
    """Return what `docs/stores.json` keeps of a trial: nothing that differs from run to run."""
    judged = judge(trial.cases, trial.findings)
    return {
        "make": trial.make,
        "version": trial.version,
        "verdict": judged.verdict.value,
        "reasons": [reason.case for reason in judged.reasons],
        "cases": {
            finding.case: finding.outcome.value
            if finding.outcome is Outcome.PASSED
            else f"{finding.outcome.value}: {finding.seen}"
            for finding in trial.findings
        },
    }


def _key(key: Key) -> AccessKey:
    return AccessKey(key.access_key, key.secret_key)
