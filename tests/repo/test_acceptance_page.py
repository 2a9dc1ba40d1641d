"""`docs/acceptance.md` is true: what it names is there, and no promise is without its cell."""

import re

import pytest

from tests.repo.tree import ROOT

PAGE = (ROOT / "docs" / "acceptance.md").read_text(encoding="utf-8")
TESTS = (ROOT / "tests" / "acceptance" / "test_promises.py").read_text(encoding="utf-8")
WRITTEN = set(
    re.findall(r"^def (test_\w+)\(\n?\s*deployment: Deployment", TESTS, flags=re.MULTILINE)
)


def test_every_test_of_the_promises_is_on_the_page_and_no_other() -> None:
    assert set(re.findall(r"`(test_\w+)`", PAGE)) == WRITTEN


@pytest.mark.parametrize("promise", range(1, 9))
def test_every_promise_has_a_test_on_both_deployments(promise: int) -> None:
    rows = [line for line in PAGE.splitlines() if line.startswith(f"| {promise}. ")]
    assert rows
    for row in rows:
        _, _, embedded, cluster, _ = row.split("|")
        assert "`test_" in embedded
        assert "the same, `[cluster]`" in cluster


@pytest.mark.parametrize("folder", sorted(set(re.findall(r"`(tests/[\w/]+/)`", PAGE))))
def test_every_folder_of_tests_that_it_names_is_there(folder: str) -> None:
    assert any((ROOT / folder).iterdir())
