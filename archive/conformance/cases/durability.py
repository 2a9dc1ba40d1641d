"""What is acknowledged stays: through a kill, a restart, and a disk that changes a byte."""

import json
import secrets

from archive.conformance.case import Broken
from archive.conformance.cases.s3 import tries
from archive.conformance.trial import BODY, Trial

PUTS = 5


@tries("durable.restart")
def _durable_restart(trial: Trial) -> None:
    hands = trial.subject.hands
    trial.need(hands.restart, "a restart")
    assert hands.restart is not None
    until = trial.until()
    versions = {f"{count}": trial.put(trial.path(f"{count}"), until=until) for count in range(20)}
    held = trial.put(trial.path("held"))
    if not trial.set_hold(trial.path("held"), held, "ON").ok:
        raise Broken("no hold")
    hands.restart()
    trial.wait_until_back()
    for name, version in versions.items():
        trial.must_stand(trial.path(name), version, until=until)
    trial.must_keep(trial.path("0"), versions["0"])
    trial.must_keep(trial.path("held"), held)
    trial.set_hold(trial.path("held"), held, "OFF")
    trial.delete(trial.path("held"), held)


@tries("durable.flip")
def _durable_flip(trial: Trial) -> None:
    hands = trial.subject.hands
    trial.need(hands.flip, "a hand on the store's disk")
    assert hands.flip is not None
    body = secrets.token_bytes(5000)  # nothing that a store would compress
    version = trial.put(trial.path(), body, trial.until())
    if not hands.flip(body):
        raise Broken("the bytes are not found on the disk as they were sent")
    trial.wait_until_back()
    answer = trial.kho.send("GET", trial.path(), query={"versionId": version})
    if answer.ok:
        raise Broken(
            "altered bytes are served"
            if answer.body != body
            else "the byte on the disk did not count"
        )
    trial.note(answer.status)


@tries("durable.synced")
def _durable_synced(trial: Trial) -> None:
    hands = trial.subject.hands
    trial.need(hands.syncs, "a view of the store's process")
    assert hands.syncs is not None
    until = trial.until()
    # what is made once (a volume, a folder) is not counted
    trial.put(trial.path("first"), until=until)

    def puts() -> None:
        for count in range(PUTS):
            trial.put(trial.path(f"{count}"), BODY, until)

    syncs = hands.syncs(puts)
    if syncs < PUTS:
        raise Broken(f"{'no sync' if not syncs else f'{syncs} syncs'} for {PUTS} PUTs")


@tries("durable.sync_rule")
def _durable_sync_rule(trial: Trial) -> None:
    file = trial.subject.filer_conf
    if file is None:
        raise Broken("the sync rule was not shown")
    try:
        text = file.read_text("utf-8")
        rules = json.loads(text[text.index("{") : text.rindex("}") + 1]).get("locations", [])
        synced = [rule["locationPrefix"] for rule in rules if rule.get("fsync") is True]
    except (OSError, ValueError, AttributeError, TypeError, KeyError) as error:
        raise Broken("the file is not what fs.configure prints") from error
    wanted = f"/buckets/{trial.subject.bucket}/"
    if not any(wanted.startswith(prefix) for prefix in synced):
        raise Broken("no rule syncs the bucket")
