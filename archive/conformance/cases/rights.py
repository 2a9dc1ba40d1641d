"""Access rights: the store refuses requests without a key, or with a wrong key or time."""

from datetime import timedelta

from archive.conformance.case import Broken
from archive.conformance.cases.s3 import tries
from archive.conformance.trial import BODY, Trial
from archive.conformance.wire import AccessKey, Wire

SKEW = timedelta(minutes=20)  # AWS and the stores that follow it allow 15


@tries("rights.anonymous")
def _rights_anonymous(trial: Trial) -> None:
    must_be_shut_out(trial, trial.anonymous)


@tries("rights.wrong_secret")
def _rights_wrong_secret(trial: Trial) -> None:
    with Wire(
        trial.subject.address, AccessKey(trial.subject.kho.access_key, "not-the-secret")
    ) as wire:
        must_be_shut_out(trial, wire)


@tries("rights.unknown_key")
def _rights_unknown_key(trial: Trial) -> None:
    with Wire(trial.subject.address, AccessKey("khononesuch00000000", "not-a-secret")) as wire:
        must_be_shut_out(trial, wire)


@tries("rights.stranger")
def _rights_stranger(trial: Trial) -> None:
    trial.need(trial.stranger, "a key without rights")
    assert trial.stranger is not None
    must_be_shut_out(trial, trial.stranger)


@tries("rights.late")
def _rights_late(trial: Trial) -> None:
    for ahead in (SKEW, -SKEW):
        answer = trial.kho.send(
            "PUT", trial.path(), BODY, headers=trial.as_kho(BODY), ahead=ahead + trial.offset
        )
        trial.must_refuse(
            answer, f"PUT signed {'ahead' if ahead > timedelta() else 'behind'} by 20 minutes"
        )
    if trial.versions():
        raise Broken("refused, but stored")


def must_be_shut_out(trial: Trial, wire: Wire) -> None:
    """Raise Broken unless every kind of request is refused to `wire`, and nothing has changed."""
    path = trial.path()
    version = trial.put(path)
    named = {"versionId": version}
    trial.must_refuse(wire.send("GET", path, query=named), "GET")
    trial.must_refuse(wire.send("HEAD", path, query=named), "HEAD")
    trial.must_refuse(
        wire.send("GET", trial.bucket, query={"versions": "", "prefix": trial.prefix}), "LIST"
    )
    trial.must_refuse(wire.send("PUT", path, b"other"), "PUT")
    trial.must_refuse(wire.send("DELETE", path, query=named), "DELETE")
    trial.must_refuse(wire.send("DELETE", path), "DELETE")
    trial.must_stand(path, version)
    if trial.versions() != [version]:
        raise Broken("refused, but stored")
    trial.delete(path, version)
