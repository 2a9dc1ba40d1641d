"""From outcomes to a verdict: a pure table."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from archive.base.bilingual import Text
from archive.conformance.case import Finding, Gravity, Outcome
from archive.conformance.catalogue import Case


class Verdict(StrEnum):
    """What a trial comes to."""

    ACCEPTED = "accepted"
    LIMITED = "limited"
    REFUSED = "refused"


SENTENCES = {
    Verdict.ACCEPTED: Text("Kho đối tượng được chấp nhận", "The store is accepted"),
    Verdict.LIMITED: Text(
        "Kho đối tượng được chấp nhận, với các giới hạn nêu dưới đây",
        "The store is accepted, with limits",
    ),
    Verdict.REFUSED: Text("Kho đối tượng bị từ chối", "The store is refused"),
}
_NOT_TRIED = Text("chưa thử: {shows}", "not tried: {shows}")


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a verdict is not better: the case, and what its failure means."""

    case: str
    means: Text


@dataclass(frozen=True, slots=True)
class Judged:
    """A verdict with its reasons, the gravest first."""

    verdict: Verdict
    reasons: tuple[Reason, ...]


def judge(cases: Sequence[Case], findings: Iterable[Finding]) -> Judged:
    """Judge the findings of a run; a case that has none counts as failed.

    Refused: a fatal case failed. Limited: another failed, or a fatal one was not tried. What is
    only worth knowing changes nothing.
    """
    finding_of = {finding.case: finding for finding in findings}
    fatal, limits = [], []
    for case in cases:
        outcome = finding_of[case.id].outcome if case.id in finding_of else Outcome.FAILED
        if outcome is Outcome.PASSED or case.gravity is Gravity.INFO:
            continue
        if outcome is Outcome.NOT_RUN:
            if case.gravity is Gravity.FATAL:
                shows = case.shows
                means = Text(
                    _NOT_TRIED.vi.format(shows=shows.vi), _NOT_TRIED.en.format(shows=shows.en)
                )
                limits.append(Reason(case.id, means))
        elif case.gravity is Gravity.FATAL:
            fatal.append(Reason(case.id, case.means.text))
        else:
            limits.append(Reason(case.id, case.means.text))
    if fatal:
        return Judged(Verdict.REFUSED, tuple(fatal + limits))
    return Judged(Verdict.LIMITED if limits else Verdict.ACCEPTED, tuple(limits))
