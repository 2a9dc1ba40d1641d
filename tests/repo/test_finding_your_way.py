"""The page for newcomers answers fifteen questions, each by paths that exist."""

import re

import pytest

from tests.repo.tree import ROOT, files

PAGE = (ROOT / "docs" / "finding-your-way.md").read_text("utf-8")
QUESTIONS = re.findall(r"^\| (\d+)\. [^|]+\| ([^|]+)\|$", PAGE, flags=re.MULTILINE)
PATHS = sorted(set(re.findall(r"`([\w-]+/[\w./-]*)`", PAGE)))
FOLDERS = {str(parent) for path in files() for parent in path.parents}


def test_fifteen_questions_are_answered_by_a_path() -> None:
    assert [int(number) for number, _ in QUESTIONS] == list(range(1, 16))
    assert all(re.search(r"`[\w-]+/", answer) for _, answer in QUESTIONS)


@pytest.mark.parametrize("path", PATHS)
def test_every_path_of_the_page_exists(path: str) -> None:
    assert path.rstrip("/") in FOLDERS | {str(file) for file in files()}
