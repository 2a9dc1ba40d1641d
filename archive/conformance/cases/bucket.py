"""The bucket: what cannot be switched off, and that the archive's own is fit."""

from archive.conformance.case import Broken
from archive.conformance.cases.s3 import tries
from archive.conformance.trial import BODY, LOCK, Trial, md5
from archive.conformance.wire import Wire


@tries("bucket.fit")
def _bucket_fit(trial: Trial) -> None:
    for bucket in (trial.subject.bucket, trial.bucket):
        for wire in (trial.kho, trial.admin):
            versioning = wire.send("GET", bucket, query={"versioning": ""})
            if not versioning.ok or versioning.xml().findtext("{*}Status") != "Enabled":
                raise Broken(f"versioning of {bucket}: {versioning}")
            lock = wire.send("GET", bucket, query={"object-lock": ""})
            if not lock.ok or lock.xml().findtext("{*}ObjectLockEnabled") != "Enabled":
                raise Broken(f"Object Lock of {bucket}: {lock}")


@tries("bucket.versioning_stays")
def _bucket_versioning_stays(trial: Trial) -> None:
    body = b"<VersioningConfiguration><Status>Suspended</Status></VersioningConfiguration>"
    for wire in (trial.kho, trial.admin):
        answer = wire.send("PUT", trial.bucket, body, query={"versioning": ""}, headers=md5(body))
        if answer.ok:
            on = body.replace(b"Suspended", b"Enabled")
            trial.admin.send("PUT", trial.bucket, on, query={"versioning": ""}, headers=md5(on))
        trial.must_refuse(answer, "suspending versioning")


@tries("bucket.lock_stays")
def _bucket_lock_stays(trial: Trial) -> None:
    until = trial.until()
    version = trial.put(trial.path(), until=until)
    try:
        for body in (
            b"<ObjectLockConfiguration><ObjectLockEnabled>Disabled</ObjectLockEnabled></ObjectLockConfiguration>",
            b"<ObjectLockConfiguration/>",
        ):
            answer = trial.admin.send(
                "PUT", trial.bucket, body, query={"object-lock": ""}, headers=md5(body)
            )
            trial.note(f"PUT {answer}")
        trial.note(f"DELETE {trial.admin.send('DELETE', trial.bucket, query={'object-lock': ''})}")
        # Whatever it answered: what was locked stays locked.
        trial.must_keep(trial.path(), version)
        trial.must_stand(trial.path(), version, until=until)
    finally:
        still = trial.admin.send("GET", trial.bucket, query={"object-lock": ""})
        configure(trial.admin, trial.bucket, "")
    if not still.ok or still.xml().findtext("{*}ObjectLockEnabled") != "Enabled":
        trial.note("the configuration can be taken away, the locks stay")


@tries("bucket.stays")
def _bucket_stays(trial: Trial) -> None:
    version = trial.put(trial.path(), until=trial.until())
    trial.must_refuse(trial.admin.send("DELETE", trial.bucket), "DELETE of the bucket")
    trial.must_stand(trial.path(), version)


@tries("bucket.default_lock")
def _bucket_default_lock(trial: Trial) -> None:
    rule = "<Rule><DefaultRetention><Mode>GOVERNANCE</Mode><Days>1</Days></DefaultRetention></Rule>"
    answer = configure(trial.admin, trial.bucket, rule)
    try:
        if not answer:
            raise Broken("a default cannot be set")
        version = trial.put(trial.path(), by=trial.admin)
        trial.left.append((trial.path(), version))
        mode, end = trial.lock_of(trial.path(), version)
    finally:
        configure(trial.admin, trial.bucket, "")
    if mode != "GOVERNANCE" or end is None or end < trial.now() + LOCK:
        raise Broken(f"a new version states {mode or 'no lock'}")


@tries("bucket.khos_rights")
def _bucket_khos_rights(trial: Trial) -> None:
    too_much = []
    same = b"<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"
    if trial.kho.send("PUT", trial.bucket, same, query={"versioning": ""}, headers=md5(same)).ok:
        too_much.append("versioning")
    if configure(trial.kho, trial.bucket, ""):
        too_much.append("Object Lock")
    path = trial.path()
    version = trial.put(path, BODY, trial.until(), "GOVERNANCE")
    if trial.delete(path, version, trial.kho, bypass=True).ok:
        too_much.append("bypass")
    else:
        trial.left.append((path, version))
    bucket = f"{trial.bucket[:50]}-{trial.run[-8:]}-r"
    if trial.kho.send("PUT", bucket).ok:
        too_much.append("create buckets")
        trial.admin.send("DELETE", bucket)
    if too_much:
        raise Broken(f"Kho's key may change: {', '.join(too_much)}")


def configure(wire: Wire, bucket: str, rule: str) -> bool:
    """Give a bucket its Object Lock configuration with a default rule, or with none.

    Tell whether it was taken.
    """
    body = (
        f"<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled>{rule}</ObjectLockConfiguration>"
    ).encode()
    return wire.send("PUT", bucket, body, query={"object-lock": ""}, headers=md5(body)).ok
