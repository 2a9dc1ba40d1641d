"""The catalogue of cases is whole: each is tried by one function, said in two languages, and judged
by its gravity.
"""

import unicodedata

import pytest

from archive.conformance import runner
from archive.conformance.case import Finding, Gravity, Outcome
from archive.conformance.cases.s3 import S3_CASES
from archive.conformance.catalogue import Case, Sentence, catalogue
from archive.conformance.folder import FOLDER_CASES
from archive.conformance.makes import makes, recognise
from archive.conformance.verdict import Verdict, judge

assert runner  # importing it enters the functions


def test_every_case_is_tried_by_one_function() -> None:
    cases = catalogue().cases
    assert len({case.id for case in cases}) == len(cases)
    assert {case.id for case in cases if case.kind == "s3"} == set(S3_CASES.functions)
    assert {case.id for case in cases if case.kind == "folder"} == set(FOLDER_CASES.functions)


def test_every_case_belongs_to_a_group_and_has_both_languages() -> None:
    for case in catalogue().cases:
        assert case.group in catalogue().groups
        for sentence in (case.shows, case.means):
            assert sentence.vi != sentence.en
            assert unicodedata.is_normalized("NFC", sentence.vi)
            assert not sentence.en.endswith("."), case.id


def test_a_case_for_one_make_is_not_asked_of_another() -> None:
    names = {
        make: {case.id for case in catalogue().of("s3", make)} for make in ("SeaweedFS", "MinIO")
    }
    assert names["SeaweedFS"] - names["MinIO"] == {"durable.sync_rule"}


@pytest.mark.parametrize(
    ("server", "answer"),
    [
        ("SeaweedFS 8000GB 4.48", ("SeaweedFS", "4.48")),
        ("SeaweedFS 30GB 4.5 enterprise", ("SeaweedFS", "")),
        ("MinIO", ("MinIO", "")),
        ("VERSITYGW", ("versitygw", "")),
        ("AmazonS3", ("unknown", "")),
        ("", ("unknown", "")),
    ],
)
def test_a_store_is_known_by_its_own_word(server: str, answer: tuple[str, str]) -> None:
    assert recognise(server) == answer


def test_every_case_for_one_make_names_a_make_that_is_known() -> None:
    assert {case.only for case in catalogue().cases} <= {"", *(make.name for make in makes())}


# --- the verdict
# --------------------------------------------------------------------------------------------------

SAID = Sentence(vi="điều này", en="this")


def of(gravity: Gravity, outcome: Outcome | None) -> Verdict:
    """Return the verdict on one case that passed and one of a gravity that ended so."""
    cases = [Case(id="a.good", gravity=Gravity.FATAL, shows=SAID, means=SAID)]
    cases += [Case(id="a.other", gravity=gravity, shows=SAID, means=SAID)]
    findings = [Finding("a.good", Outcome.PASSED)] + (
        [Finding("a.other", outcome)] if outcome else []
    )
    judged = judge(cases, findings)
    assert bool(judged.reasons) == (judged.verdict is not Verdict.ACCEPTED)
    return judged.verdict


@pytest.mark.parametrize(
    ("gravity", "outcome", "verdict"),
    [
        (Gravity.FATAL, Outcome.PASSED, Verdict.ACCEPTED),
        (Gravity.FATAL, Outcome.FAILED, Verdict.REFUSED),
        (Gravity.FATAL, None, Verdict.REFUSED),
        (Gravity.FATAL, Outcome.NOT_RUN, Verdict.LIMITED),
        (Gravity.LIMIT, Outcome.FAILED, Verdict.LIMITED),
        (Gravity.LIMIT, Outcome.NOT_RUN, Verdict.ACCEPTED),
        (Gravity.INFO, Outcome.FAILED, Verdict.ACCEPTED),
        (Gravity.INFO, Outcome.NOT_RUN, Verdict.ACCEPTED),
    ],
)
def test_the_gravest_failure_decides(
    gravity: Gravity, outcome: Outcome | None, verdict: Verdict
) -> None:
    assert of(gravity, outcome) is verdict
