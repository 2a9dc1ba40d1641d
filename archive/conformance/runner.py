"""Runs the cases against a store one after another, then sweeps up.

Other cases run while some wait for a lock's end.
"""

import heapq
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count

from archive.base.errors import Misconfigured
from archive.base.identifiers import new_id
from archive.conformance.case import Broken, Finding, NotTried, Outcome, Steps
from archive.conformance.cases import (
    bucket,
    doors,
    durability,
    holds,
    locks,
    names,
    rights,
    uploads,
    versions,
)
from archive.conformance.cases.s3 import S3_CASES
from archive.conformance.catalogue import Case, catalogue
from archive.conformance.findings import Findings
from archive.conformance.makes import recognise
from archive.conformance.trial import PREFIX, Subject, Trial, clock_offset
from archive.conformance.wire import Answer, Wire
from archive.vault.s3_listing import read_page

# importing them enters cases
_ENTERED = (bucket, doors, durability, holds, locks, names, rights, uploads, versions)
Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class _Wires:
    kho: Wire
    admin: Wire
    anonymous: Wire
    stranger: Wire | None


def try_store(
    subject: Subject,
    *,
    only: Sequence[str] = (),
    progress: Progress = lambda _: None,
    sleep: Callable[[float], None] = time.sleep,
) -> Findings:
    """Try a store and return what was found; `only` names the cases to run, by default all.

    The bucket for trials is made by the administrator's key where it is not there. Raises
    Misconfigured where that bucket cannot be used, VaultUnreachable where the store goes away.
    """
    with _wires(subject) as wires:
        server = _prepare(subject, wires).headers.get("server", "")
        make, version = recognise(server)
        cases = [case for case in catalogue().of("s3", make) if not only or case.id in only]
        run, offset = str(new_id()), clock_offset(wires.kho, subject.trial_bucket)
        trials = {case.id: _trial(subject, wires, case, run, offset) for case in cases}
        try:
            findings = dict(_run(trials, progress, sleep))
        finally:
            _take_away(trials.values())
        _sweep(subject, wires)
    return Findings(make, version, server, tuple(cases), tuple(findings[case.id] for case in cases))


def _trial(subject: Subject, wires: _Wires, case: Case, run: str, offset: timedelta) -> Trial:
    return Trial(
        subject,
        wires.kho,
        wires.admin,
        wires.anonymous,
        wires.stranger,
        case=case.id,
        run=run,
        offset=offset,
    )


@contextmanager
def _wires(subject: Subject) -> Iterator[_Wires]:
    with ExitStack() as open_wires:
        kho, admin, anonymous = (
            open_wires.enter_context(Wire(subject.address, who))
            for who in (subject.kho, subject.admin, None)
        )
        stranger = (
            open_wires.enter_context(Wire(subject.address, subject.stranger))
            if subject.stranger
            else None
        )
        yield _Wires(kho, admin, anonymous, stranger)


def _prepare(subject: Subject, wires: _Wires) -> Answer:
    """Check that both keys reach the bucket for trials, and make it where it is missing.

    Return a store's answer.
    """
    if subject.trial_bucket == subject.bucket:
        raise Misconfigured(
            why_vi="bucket thử phải khác bucket lưu trữ",
            why_en="the trial bucket must differ from the archive's bucket",
        )
    there = wires.admin.send("HEAD", subject.trial_bucket)
    if there.status == 404:
        answer = wires.admin.send(
            "PUT", subject.trial_bucket, headers={"x-amz-bucket-object-lock-enabled": "true"}
        )
        if not answer.ok:
            raise _unusable(subject, "administrator", answer)
    elif not there.ok:
        raise _unusable(subject, "administrator", there)
    ours = wires.kho.send("GET", subject.trial_bucket, query={"versions": "", "max-keys": "1"})
    if not ours.ok:
        raise _unusable(subject, "Kho", ours)
    return ours


def _unusable(subject: Subject, who: str, answer: Answer) -> Misconfigured:
    return Misconfigured(
        why_vi=f"khóa của {who} không dùng được bucket thử {subject.trial_bucket}: {answer}",
        why_en=f"the key of {who} cannot use the trial bucket {subject.trial_bucket}: {answer}",
    )


def _run(
    trials: dict[str, Trial], progress: Progress, sleep: Callable[[float], None]
) -> Iterator[tuple[str, Finding]]:
    """Yield each case's finding.

    A case that yields a moment continues at that moment; others run meanwhile.
    """
    order = count()
    waiting: list[tuple[datetime, int, Trial, Steps]] = []
    fresh = list(reversed(trials.values()))
    while fresh or waiting:
        if waiting and (not fresh or waiting[0][0] <= datetime.now(UTC)):
            moment, _, trial, steps = heapq.heappop(waiting)
            sleep(max(0.0, (moment - datetime.now(UTC)).total_seconds()))
            until, finding = _step(trial, steps)
        else:
            trial, steps = fresh.pop(), None
            progress(trial.case)
            until, finding, steps = _begin(trial)
        if finding is not None:
            yield trial.case, finding
        elif until is not None and steps is not None:
            heapq.heappush(waiting, (until, next(order), trial, steps))


def _begin(trial: Trial) -> tuple[datetime | None, Finding | None, Steps | None]:
    try:
        steps = S3_CASES.functions[trial.case](trial)
    except Broken as broken:
        return None, Finding(trial.case, Outcome.FAILED, str(broken)), None
    except NotTried as reason:
        return None, Finding(trial.case, Outcome.NOT_RUN, str(reason)), None
    if steps is None:
        return None, _passed(trial), None
    return *_step(trial, steps), steps


def _step(trial: Trial, steps: Steps) -> tuple[datetime | None, Finding | None]:
    try:
        return next(steps), None
    except StopIteration:
        return None, _passed(trial)
    except Broken as broken:
        return None, Finding(trial.case, Outcome.FAILED, str(broken))


def _passed(trial: Trial) -> Finding:
    return Finding(trial.case, Outcome.PASSED, ", ".join(trial.notes))


def _take_away(trials: object) -> None:
    """Delete what was left under GOVERNANCE; an administrator may."""
    for trial in trials:  # type: ignore[attr-defined]
        for path, version in trial.left:
            trial.delete(path, version, bypass=True)


def _sweep(subject: Subject, wires: _Wires) -> None:
    """Delete the objects of this and earlier runs whose locks have ended.

    A later run deletes the rest.
    """
    query = {"versions": "", "prefix": PREFIX, "max-keys": "1000", "encoding-type": "url"}
    markers: dict[str, str] = {}
    while True:
        answer = wires.admin.send("GET", subject.trial_bucket, query={**query, **markers})
        if not answer.ok:
            return  # sweeping is optional: it does not change the run's results
        try:
            page = read_page(answer.body)
        except ValueError:
            return
        for each in page.versions:
            wires.admin.send(
                "DELETE", f"{subject.trial_bucket}/{each.key}", query={"versionId": each.version}
            )
        if page.following is None or (page.following[0], page.following[1]) == tuple(
            markers.values()
        ):
            return
        markers = {"key-marker": page.following[0], "version-id-marker": page.following[1]}
