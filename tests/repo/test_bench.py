"""The bench states its budgets: a row measures each one, or it is marked as not built; each has a
text.
"""

import re
from pathlib import Path

from bench.__main__ import ROWS
from bench.report import Figure, budgets, table
from tests.repo.tree import ROOT

BENCH = ROOT / "bench"
WRITTEN = "".join((BENCH / "rows" / f"{row}.py").read_text(encoding="utf-8") for row in ROWS)


def test_every_budget_is_measured_or_not_built() -> None:
    measured = set(re.findall(r'(?:Figure|figure)\(\s*"([a-z-]+)"', WRITTEN))
    assert measured == {name for name, budget in budgets().items() if not budget.not_built}


def test_every_row_is_run() -> None:
    assert {file.stem for file in (BENCH / "rows").glob("*.py")} == {*ROWS, "__init__"}


def test_peers_know_nothing_of_kho() -> None:
    own = re.compile(
        r"^\s*(?:from|import) (?:archive|signing|search|ingest|retention|api)\b", re.MULTILINE
    )
    assert not [
        file.name
        for file in Path(BENCH / "peers").glob("*.py")
        if own.search(file.read_text("utf-8"))
    ]


def test_the_table_ends_with_what_is_missed_and_what_was_skipped() -> None:
    text = table(
        [
            Figure("seal", 13.0, "10 ms", "130 ms"),
            Figure("validation", 2.0),
            Figure("search-elastic", None, note="none"),
        ]
    )
    assert "+117% in hand" in text
    assert "1 of 2 measured budgets kept." in text
    assert text.splitlines()[-2:] == [
        "MISSED: full validation of a B-LTA file (-33% missing)",
        "SKIPPED: search behind Kho, of Elasticsearch's own `took`, p95 (none)",
    ]
    assert "not built yet" in text
