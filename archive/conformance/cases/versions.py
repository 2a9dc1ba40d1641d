"""Versions: nothing is overwritten, a marker only hides, and racing writers lose nothing."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from archive.conformance.case import Broken
from archive.conformance.cases.s3 import tries
from archive.conformance.trial import BODY, Trial
from archive.conformance.wire import Answer

NO_OTHER = {"If-None-Match": "*"}
WRITERS = 4


@tries("version.overwrite")
def _version_overwrite(trial: Trial) -> None:
    until, path = trial.until(), trial.path()
    old = trial.put(path, until=until)
    new = trial.put(path, b"other bytes")
    if old == new:
        raise Broken("both have one version id")
    trial.must_stand(path, old, until=until)
    trial.must_stand(path, new, b"other bytes")
    trial.must_keep(path, old)


@tries("version.old_lock_stated")
def _version_old_lock_stated(trial: Trial) -> None:
    until, path = trial.until(), trial.path()
    old = trial.put(path, until=until)
    trial.put(path, b"other bytes")
    mode, end = trial.stated_lock(path, old)
    if (mode, end) != ("COMPLIANCE", until):
        raise Broken(f"HEAD of an old version states {mode or 'no lock'}")


@tries("version.marker")
def _version_marker(trial: Trial) -> None:
    until, path = trial.until(), trial.path()
    version = trial.put(path, until=until)
    hidden = trial.kho.send("DELETE", path)
    if not hidden.ok or not hidden.version:
        raise Broken(f"DELETE without a version: {hidden}, marker {hidden.version or 'none'}")
    if (latest := trial.kho.send("GET", path)).status != 404:
        raise Broken(f"GET of a hidden key: {latest}")
    trial.must_stand(path, version, until=until)
    if not (back := trial.delete(path, hidden.version)).ok:
        raise Broken(f"DELETE of the marker: {back}")
    if (latest := trial.kho.send("GET", path)).body != BODY:
        raise Broken(f"GET after the marker went: {latest}")
    trial.must_stand(path, version, until=until)


@tries("version.race")
def _version_race(trial: Trial) -> None:
    bodies = [b"writer %d" % count for count in range(WRITERS)]
    until = trial.until()
    answers = race(
        trial,
        bodies,
        {name: value for name, value in trial.as_kho(b"", until).items() if "lock" in name},
    )
    for body, answer in zip(bodies, answers, strict=True):
        if answer.ok:
            trial.must_stand(trial.path(), answer.version, body, until)
    stored = [answer.version for answer in answers if answer.ok]
    if not stored or len(set(stored)) != len(stored):
        raise Broken(f"{len(stored)} were acknowledged under {len(set(stored))} version ids")
    if set(trial.versions()) < set(stored):
        raise Broken("not all that were acknowledged are listed")


@tries("version.if_none_match")
def _version_if_none_match(trial: Trial) -> None:
    trial.put(trial.path(), until=trial.until(), headers=NO_OTHER)
    second = trial.kho.send(
        "PUT", trial.path(), b"other", headers={**trial.as_kho(b"other"), **NO_OTHER}
    )
    if second.status != 412:
        raise Broken(f"a second PUT with If-None-Match: {second}")
    if len(trial.versions()) != 1:
        raise Broken("refused, but stored")


@tries("version.if_none_match_race")
def _version_if_none_match_race(trial: Trial) -> None:
    answers = race(trial, [b"writer %d" % count for count in range(WRITERS)], NO_OTHER)
    won = sum(answer.ok for answer in answers)
    if won != 1 or len(trial.versions()) != 1:
        raise Broken(f"{won} of {WRITERS} writers won, {len(trial.versions())} versions stand")


@tries("version.copy_onto_itself")
def _version_copy_onto_itself(trial: Trial) -> None:
    until, path = trial.until(), trial.path()
    version = trial.put(path, until=until, headers={"x-amz-meta-said": "before"})
    headers = {
        "x-amz-copy-source": f"/{path}?versionId={version}",
        "x-amz-metadata-directive": "REPLACE",
        "x-amz-meta-said": "after",
    }
    copied = trial.admin.send("PUT", path, headers=headers)
    trial.note(copied)
    said = trial.kho.send("HEAD", path, query={"versionId": version}).headers.get("x-amz-meta-said")
    if said != "before":
        raise Broken(f"the locked version's metadata changed (PUT copy: {copied})")
    if copied.ok and set(trial.versions()) == {version}:
        raise Broken("no new version was made")
    trial.must_stand(path, version, until=until)


def race(trial: Trial, bodies: list[bytes], headers: dict[str, str]) -> list[Answer]:
    """Put every body under one key at one moment."""
    together = Barrier(len(bodies))

    def write(body: bytes) -> Answer:
        together.wait(30)
        return trial.kho.send("PUT", trial.path(), body, headers={**trial.as_kho(body), **headers})

    with ThreadPoolExecutor(len(bodies)) as pool:
        return list(pool.map(write, bodies))
