"""A paper is judged by the form of its code: what it costs does not grow with the forms that are
known.
"""

from copy import deepcopy
from functools import partial
from itertools import pairwise
from typing import Any

import pytest

from ingest.forms.catalog import FormCatalog
from ingest.forms.validation import faults
from tests.archive.counting import steps
from tests.ingest.forms.test_validation import CHART
from tests.ingest.render.papers import CATALOG, maximal, minimal

SHEET = CATALOG.get("36/BV2")
PAPERS = 200


def invented(count: int) -> FormCatalog:
    """Return a catalogue of `count` forms, which are the treatment sheet under other codes."""
    return FormCatalog(
        SHEET.model_copy(update={"code": f"THU/{number:02}"}) for number in range(count)
    )


def chart(papers: list[dict[str, Any]]) -> dict[str, Any]:
    return {**deepcopy(CHART), "papers": papers}


def paper(number: int) -> dict[str, Any]:
    return {"form": f"THU/{number % 8:02}", "key": str(number), "data": minimal(SHEET)}


def test_200_papers_cost_the_same_with_90_forms_as_with_8() -> None:
    document = chart([paper(number) for number in range(PAPERS)])
    costs = []
    for catalog in (invented(8), invented(90)):
        assert catalog.chart_faults(document) == ()  # the schema is made once
        costs.append(steps(partial(catalog.chart_faults, document)))
    assert costs[0] == costs[1]


def test_finding_a_form_costs_the_same_with_90_forms_as_with_8() -> None:
    few, many = (
        steps(partial(invented(count).get, "THU/07", SHEET.valid.since)) for count in (8, 90)
    )
    assert few == many


def samples() -> list[dict[str, Any]]:
    """Return papers that are right, and papers with each kind of fault."""
    good: list[dict[str, Any]] = [
        {"form": form.code, "key": "1", "data": maximal(form)}
        for form in CATALOG.newest()
        if form.accepts_json
    ]
    data = good[0]["data"]
    file = {"name": "a.pdf"}
    no_data: list[Any] = [None, [], "x"]
    no_codes: list[Any] = ["XML1", "99/BV9", None, 1, [], {}]
    return [
        *good,
        *({**each, "form": other["form"]} for each, other in pairwise(good)),
        *({**each, "data": {**each["data"], "lạ": 1}} for each in good),
        *({**each, "data": {}} for each in good),
        *({**good[0], "data": wrong} for wrong in no_data),
        *({**good[0], "form": code} for code in no_codes),
        {"form": good[0]["form"], "key": "1"},
        {"key": "1", "data": data},
        {"form": "KHAC", "key": "1", "file": file},
        {"form": "XML1", "key": "1", "file": file},
        {"form": "KHAC", "key": "1", "file": file, "data": data},
        {"form": "99/BV9", "key": "1", "file": file},
        {},
    ]


@pytest.mark.parametrize("paper", [*samples(), None, [], "paper"])
def test_the_form_of_a_code_finds_what_the_published_schema_finds(paper: Any) -> None:
    document = chart([paper])
    assert CATALOG.chart_faults(document) == faults(document, CATALOG.chart_schema())


def test_only_the_form_of_its_code_is_asked_about_a_paper() -> None:
    strict = SHEET.model_copy(update={"code": "THU/A", "rules": ({"required": ["khong_co"]},)})
    catalog = FormCatalog([strict, SHEET.model_copy(update={"code": "THU/B"})])
    papers = [{"form": code, "key": "1", "data": maximal(SHEET)} for code in ("THU/A", "THU/B")]
    faulty = [[fault.path for fault in catalog.chart_faults(chart([paper]))] for paper in papers]
    assert faulty == [["/papers/0/data/khong_co"], []]
