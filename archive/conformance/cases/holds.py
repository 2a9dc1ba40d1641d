"""Legal holds: a version with a hold is kept while the hold lasts, without an end date."""

from archive.conformance.case import Broken, Steps
from archive.conformance.cases.s3 import tries
from archive.conformance.trial import SHORT, Trial


@tries("hold.without_lock")
def _hold_without_lock(trial: Trial) -> None:
    version = trial.put(trial.path())
    held(trial, version)
    trial.must_keep(trial.path(), version)
    released(trial, version)


@tries("hold.with_lock")
def _hold_with_lock(trial: Trial) -> None:
    until = trial.until()
    version = trial.put(trial.path(), until=until)
    held(trial, version)
    trial.must_keep(trial.path(), version)
    if not trial.set_hold(trial.path(), version, "OFF").ok:
        raise Broken("the hold cannot be taken off")
    trial.must_keep(trial.path(), version)
    trial.must_stand(trial.path(), version, until=until)


@tries("hold.after_lock")
def _hold_after_lock(trial: Trial) -> Steps:
    until = trial.until(SHORT)
    version = trial.put(trial.path(), until=until)
    held(trial, version)
    yield trial.ours(until)
    trial.must_keep(trial.path(), version)
    released(trial, version)


@tries("hold.at_put")
def _hold_at_put(trial: Trial) -> None:
    version = trial.put(
        trial.path(), headers={"x-amz-object-lock-legal-hold": "ON"}, by=trial.admin
    )
    if not trial.is_held(trial.path(), version):
        raise Broken("no hold is stated")
    trial.must_keep(trial.path(), version)
    released(trial, version)


def held(trial: Trial, version: str) -> None:
    """Put a hold on a version and see it stated."""
    answer = trial.set_hold(trial.path(), version, "ON")
    if not answer.ok:
        raise Broken(f"PUT legal-hold: {answer}")
    if not trial.is_held(trial.path(), version):
        raise Broken("no hold is stated")


def released(trial: Trial, version: str) -> None:
    """Take the hold off, and the version away."""
    answer = trial.set_hold(trial.path(), version, "OFF")
    if not answer.ok:
        raise Broken(f"PUT legal-hold OFF: {answer}")
    gone = trial.delete(trial.path(), version)
    if not gone.ok:
        raise Broken(f"DELETE after the release: {gone}")
