"""Locks at the moment of writing, and what is tried against them afterwards."""

from datetime import datetime, timedelta

from archive.conformance.case import Broken, Steps
from archive.conformance.cases.s3 import tries
from archive.conformance.trial import BODY, LOCK, SHORT, Trial, deletion, lock_headers, md5

CENTURY = timedelta(days=36_525)


@tries("lock.as_asked")
def _lock_as_asked(trial: Trial) -> None:
    until = trial.until()
    version = trial.put(trial.path(), until=until)
    trial.must_stand(trial.path(), version, until=until)
    mode, end = trial.stated_lock(trial.path(), version)
    if (mode, end) != ("COMPLIANCE", until):
        raise Broken(f"HEAD states {mode or 'no lock'}{'' if end == until else ', another end'}")


@tries("lock.hundred_years")
def _lock_hundred_years(trial: Trial) -> None:
    until = trial.until(CENTURY)
    # GOVERNANCE, so that it can be taken away again: a time so far away is what is tried, not the
    # mode.
    version = trial.put(trial.path(), until=until, mode="GOVERNANCE", by=trial.admin)
    trial.left.append((trial.path(), version))
    _, end = trial.lock_of(trial.path(), version)
    if end != until:
        raise Broken(f"the lock ends {end:%Y}" if end else "no lock")


@tries("lock.past_refused")
def _lock_past_refused(trial: Trial) -> None:
    past = trial.now() - timedelta(days=1)
    trial.must_refuse(
        trial.kho.send("PUT", trial.path(), BODY, headers=trial.as_kho(BODY, past)), "PUT"
    )
    must_be_empty(trial)


@tries("lock.half_refused")
def _lock_half_refused(trial: Trial) -> None:
    for kept in lock_headers("COMPLIANCE", trial.until()).items():
        trial.must_refuse(
            trial.kho.send("PUT", trial.path(), BODY, headers=dict([kept])),
            f"PUT with {kept[0]} only",
        )
    must_be_empty(trial)


@tries("lock.unknown_mode_refused")
def _lock_unknown_mode_refused(trial: Trial) -> None:
    headers = lock_headers("FOREVER", trial.until())
    trial.must_refuse(trial.kho.send("PUT", trial.path(), BODY, headers=headers), "PUT")
    must_be_empty(trial)


@tries("lock.needs_bucket")
def _lock_needs_bucket(trial: Trial) -> None:
    bucket = f"{trial.bucket[:50]}-{trial.run[-8:]}"
    answer = trial.admin.send("PUT", bucket)
    if not answer.ok:
        raise Broken(f"CREATE: {answer}")
    try:
        answer = trial.admin.send(
            "PUT", f"{bucket}/object", BODY, headers=trial.as_kho(BODY, trial.until())
        )
        if answer.ok:
            trial.admin.send("DELETE", f"{bucket}/object")
        trial.must_refuse(answer, "PUT with a lock into a bucket without Object Lock")
    finally:
        trial.admin.send("DELETE", bucket)


@tries("kept.delete")
def _kept_delete(trial: Trial) -> None:
    until = trial.until()
    version = trial.put(trial.path(), until=until)
    trial.must_keep(trial.path(), version)
    trial.must_stand(trial.path(), version, until=until)


@tries("kept.multi_delete")
def _kept_multi_delete(trial: Trial) -> None:
    versions = {
        f"{trial.prefix}{name}": trial.put(trial.path(name), until=trial.until())
        for name in ("a", "b")
    }
    body = deletion(versions)
    for wire in (trial.kho, trial.admin):
        answer = wire.send("POST", trial.bucket, body, query={"delete": ""}, headers=md5(body))
        trial.note(answer)
    for key, version in versions.items():
        trial.must_stand(f"{trial.bucket}/{key}", version)


@tries("kept.shorten")
def _kept_shorten(trial: Trial) -> None:
    until = trial.until()
    version = trial.put(trial.path(), until=until)
    for wire in (trial.kho, trial.admin):
        for bypass in (False, True):
            answer = trial.set_lock(
                trial.path(), version, "COMPLIANCE", until - LOCK / 2, wire, bypass=bypass
            )
            trial.must_refuse(answer, "shortening")
    trial.must_stand(trial.path(), version, until=until)


@tries("kept.mode")
def _kept_mode(trial: Trial) -> None:
    until = trial.until()
    version = trial.put(trial.path(), until=until)
    for wire in (trial.kho, trial.admin):
        for bypass in (False, True):
            answer = trial.set_lock(
                trial.path(), version, "GOVERNANCE", until + LOCK, wire, bypass=bypass
            )
            trial.must_refuse(answer, "COMPLIANCE to GOVERNANCE")
    trial.must_stand(trial.path(), version, until=until)


@tries("kept.emptied")
def _kept_emptied(trial: Trial) -> None:
    until = trial.until()
    version = trial.put(trial.path(), until=until)
    for body in (b"<Retention/>", b"<Retention><Mode></Mode></Retention>", b""):
        for wire in (trial.kho, trial.admin):
            query = {"retention": "", "versionId": version}
            answer = wire.send("PUT", trial.path(), body, query=query, headers=md5(body))
            trial.note(answer)
    trial.must_stand(trial.path(), version, until=until)
    trial.must_keep(trial.path(), version)


@tries("kept.extend")
def _kept_extend(trial: Trial) -> None:
    until = trial.until()
    version = trial.put(trial.path(), until=until)
    later = until + LOCK
    answer = trial.set_lock(trial.path(), version, "COMPLIANCE", later)
    if not answer.ok:
        raise Broken(f"extending: {answer}")
    trial.must_stand(trial.path(), version, until=later)


@tries("kept.extend_old_version")
def _kept_extend_old_version(trial: Trial) -> None:
    until, path = trial.until(), trial.path()
    old, new = trial.put(path, b"old", until), trial.put(path, b"new", until)
    later = until + LOCK
    answer = trial.set_lock(path, old, "COMPLIANCE", later)
    if not answer.ok:
        raise Broken(f"extending: {answer}")
    trial.must_stand(path, old, b"old", later)
    trial.must_stand(path, new, b"new", until)


@tries("kept.ends")
def _kept_ends(trial: Trial) -> Steps:
    version, until = _attacked_while_locked(trial)
    yield trial.ours(until)
    answer = trial.delete(trial.path(), version, trial.kho)
    if not answer.ok:
        raise Broken(f"DELETE after the end: {answer}")
    trial.must_be_gone(trial.path(), version)


@tries("governance.needs_right")
def _governance_needs_right(trial: Trial) -> None:
    until, path = trial.until(), trial.path()
    version = trial.put(path, until=until, mode="GOVERNANCE")
    trial.left.append((path, version))
    shorter = trial.set_lock(path, version, "GOVERNANCE", until - LOCK / 2, trial.kho, bypass=True)
    _, end = trial.lock_of(path, version)
    deleted = trial.delete(path, version, trial.kho, bypass=True)
    if shorter.ok or end != until:
        raise Broken(f"shortened by a key without the right (PUT retention: {shorter})")
    trial.note(shorter)
    trial.must_refuse(deleted, "DELETE by a key without the right")


@tries("governance.hardens")
def _governance_hardens(trial: Trial) -> None:
    until, path = trial.until(), trial.path()
    version = trial.put(path, until=until, mode="GOVERNANCE")
    trial.left.append((path, version))
    answer = trial.set_lock(path, version, "COMPLIANCE", until)
    if not answer.ok:
        raise Broken(f"GOVERNANCE to COMPLIANCE without bypass: {answer}")


def _attacked_while_locked(trial: Trial) -> tuple[str, datetime]:
    """Attack a version under a short lock; return it with the lock's end. Raises Broken.

    A slow store may answer after the end of the lock. Such an answer shows nothing, so a longer
    lock is tried.
    """
    for length in (SHORT, 4 * SHORT, 16 * SHORT):
        until = trial.until(length)
        version = trial.put(trial.path(), until=until)
        try:
            trial.must_keep(trial.path(), version)
        except Broken:
            if trial.now() < until:
                raise
        else:
            return version, until
    raise Broken(f"no answer to DELETE within {16 * SHORT.total_seconds():.0f} s")


def must_be_empty(trial: Trial) -> None:
    """Raise Broken if an object exists under the case's name although the store refused it."""
    if trial.versions():
        raise Broken("refused, but stored")
