"""Kho is right about everybody's signed files: its verdicts are held against EU DSS's."""

from pathlib import Path

import pytest

from tests.judges import java_judge
from tests.judges.dss import Dss
from tests.judges.missing import require_program, unjudged
from tests.signing.validation.corpus.catalogue import specimens
from tests.signing.validation.corpus.differences import (
    fault,
    load_differences,
    load_open,
    page_table,
)
from tests.signing.validation.corpus.judged import Judged, judge, table
from tests.signing.validation.corpus.makers.nss import PROGRAMS
from tests.signing.validation.corpus.specimen import Kind
from tests.signing.validation.corpus.workshop import workshop

PAGE = Path(__file__).parents[4] / "docs" / "validation.md"
# One process makes the corpus, once.
pytestmark = [pytest.mark.judge, pytest.mark.xdist_group("corpus")]


@pytest.fixture(scope="module")
def judged(
    dss: Dss, tmp_path_factory: pytest.TempPathFactory, report_lines: list[str]
) -> list[Judged]:
    """The corpus, made and judged once; its table is printed at the end of the run."""
    require_program("java", "javac", "mvn", *PROGRAMS)
    folder = tmp_path_factory.mktemp("corpus")
    try:
        with workshop(folder / "pki") as makers:
            files = list(judge(specimens(makers), folder, dss, makers.pki.trust_path))
    except java_judge.BuildFailed as failure:
        unjudged(f"a maker could not be built: {failure}")
    report_lines.extend(["Kho on the corpus of signed files:", *table(files)])
    return files


def test_the_corpus_is_large_enough(judged: list[Judged]) -> None:
    assert sum(file.kind is Kind.SOUND for file in judged) >= 150
    assert sum(file.kind is Kind.MANIPULATED for file in judged) >= 120
    assert len({file.name for file in judged}) == len(judged)


def test_no_sound_file_is_refused_no_manipulated_one_passes_and_differences_have_reasons(
    judged: list[Judged],
) -> None:
    differences, known = load_differences(), load_open()
    faults = [fault(file, differences) for file in judged if file.name not in known]
    assert [text for text in faults if text] == []


def test_what_has_become_right_is_off_the_list(judged: list[Judged]) -> None:
    differences, known = load_differences(), load_open()
    wrong = {file.name for file in judged if fault(file, differences)}
    assert known - wrong == set(), "take these off open.yaml"


def test_every_reason_is_that_of_a_difference(judged: list[Judged]) -> None:
    idle = [
        row.reason for row in load_differences() if not any(row.explains(file) for file in judged)
    ]
    assert idle == []


def test_the_page_on_validation_has_every_difference() -> None:
    assert "\n".join(page_table(load_differences())) in PAGE.read_text(encoding="utf-8")
