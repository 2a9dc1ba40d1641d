"""Bytes on their way: whole and unchanged they are stored, else nothing is."""

import time

from archive.conformance.case import Broken
from archive.conformance.cases.locks import must_be_empty
from archive.conformance.cases.s3 import tries
from archive.conformance.trial import BODY, Trial, digest, md5
from archive.conformance.wire import unsigned

MEGABYTE = bytes(range(256)) * 4096
PART = MEGABYTE * 5  # S3's smallest part but for the last


@tries("bytes.as_put")
def _bytes_as_put(trial: Trial) -> None:
    for name, body in {
        "empty": b"",
        "one": b"x",
        "lines": b"\r\n\0" * 99,
        "every": MEGABYTE,
        "six": PART + b"x",
    }.items():
        version = trial.put(trial.path(name), body)
        trial.must_stand(trial.path(name), version, body)
        trial.delete(trial.path(name), version)


@tries("bytes.range")
def _bytes_range(trial: Trial) -> None:
    version = trial.put(trial.path(), MEGABYTE)
    answer = trial.kho.send(
        "GET", trial.path(), query={"versionId": version}, headers={"Range": "bytes=1000-1999"}
    )
    trial.delete(trial.path(), version)
    if answer.status != 206 or answer.body != MEGABYTE[1000:2000]:
        raise Broken(f"GET of a range: {answer}, {len(answer.body)} bytes")


@tries("checksum.stated")
def _checksum_stated(trial: Trial) -> None:
    version = trial.put(trial.path(), until=trial.until())
    answer = trial.kho.send(
        "HEAD",
        trial.path(),
        query={"versionId": version},
        headers={"x-amz-checksum-mode": "ENABLED"},
    )
    if answer.headers.get("x-amz-checksum-sha256") != digest(BODY):
        raise Broken(f"HEAD states {answer.headers.get('x-amz-checksum-sha256') or 'none'}")


@tries("checksum.wrong_refused")
def _checksum_wrong_refused(trial: Trial) -> None:
    headers = {**trial.as_kho(BODY, trial.until()), "x-amz-checksum-sha256": digest(b"other")}
    trial.must_refuse(trial.kho.send("PUT", trial.path(), BODY, headers=headers), "PUT")
    trial.must_refuse(
        trial.kho.send("PUT", trial.path(), BODY, headers=unsigned(headers)), "PUT, body not signed"
    )
    must_be_empty(trial)


@tries("checksum.md5_wrong_refused")
def _checksum_md5_wrong_refused(trial: Trial) -> None:
    trial.must_refuse(trial.kho.send("PUT", trial.path(), BODY, headers=md5(b"other")), "PUT")
    must_be_empty(trial)


@tries("checksum.demanded")
def _checksum_demanded(trial: Trial) -> None:
    headers = trial.as_kho(BODY, trial.until())
    del headers["x-amz-checksum-sha256"]
    trial.must_refuse(
        trial.kho.send("PUT", trial.path(), BODY, headers=headers),
        "PUT with a lock, without checksum",
    )


@tries("bytes.altered_refused")
def _bytes_altered_refused(trial: Trial) -> None:
    altered = BODY.replace(b"trial", b"trick")
    answer = trial.kho.send(
        "PUT", trial.path(), altered, signed=BODY, headers={"Content-Type": "text/plain"}
    )
    trial.must_refuse(answer, "PUT of other bytes than were signed")
    must_be_empty(trial)


@tries("bytes.altered_with_checksum_refused")
def _bytes_altered_with_checksum_refused(trial: Trial) -> None:
    altered = BODY.replace(b"trial", b"trick")
    answer = trial.kho.send(
        "PUT", trial.path(), altered, signed=BODY, headers=trial.as_kho(BODY, trial.until())
    )
    trial.must_refuse(answer, "PUT of other bytes than were signed")
    must_be_empty(trial)


@tries("upload.cut_as_kho")
def _upload_cut_as_kho(trial: Trial) -> None:
    for name, headers in (("signed", {}), ("unsigned", unsigned({}))):
        trial.kho.send_half(
            trial.path(name), MEGABYTE, {**trial.as_kho(MEGABYTE, trial.until()), **headers}
        )
        must_have_nothing(trial, name)


@tries("upload.cut_unsigned")
def _upload_cut_unsigned(trial: Trial) -> None:
    trial.kho.send_half(trial.path(), MEGABYTE, unsigned({"Content-Type": "text/plain"}))
    must_have_nothing(trial, "object")


@tries("upload.parts_locked")
def _upload_parts_locked(trial: Trial) -> None:
    until, path = trial.until(), trial.path()
    headers = {name: value for name, value in trial.as_kho(b"", until).items() if "lock" in name}
    begun = trial.kho.send("POST", path, query={"uploads": ""}, headers=headers)
    if not begun.ok:
        raise Broken(f"CREATE multipart: {begun}")
    upload = begun.xml().findtext("{*}UploadId") or ""
    tags = []
    for number, part in enumerate((PART, b"the end"), 1):
        sent = trial.kho.send(
            "PUT", path, part, query={"partNumber": str(number), "uploadId": upload}
        )
        if not sent.ok:
            raise Broken(f"PUT part: {sent}")
        tag = sent.headers.get("etag", "")
        tags.append(f"<Part><PartNumber>{number}</PartNumber><ETag>{tag}</ETag></Part>")
    body = f"<CompleteMultipartUpload>{''.join(tags)}</CompleteMultipartUpload>".encode()
    done = trial.kho.send("POST", path, body, query={"uploadId": upload})
    if not done.ok or not done.version:
        raise Broken(f"COMPLETE multipart: {done}, version {done.version or 'none'}")
    trial.must_stand(path, done.version, PART + b"the end", until)
    trial.must_keep(path, done.version, PART + b"the end")


def must_have_nothing(trial: Trial, name: str) -> None:
    """Raise Broken if an upload that was cut left something, now or a moment later."""
    for _ in range(3):
        time.sleep(0.3)
        if trial.versions(name) or trial.kho.send("GET", trial.path(name)).ok:
            raise Broken(f"a cut upload left an object ({name})")
