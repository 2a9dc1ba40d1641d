"""Curves on a sheet: each value at its place, a grid full at its last column, and words for those
who cannot see the lines.
"""

from datetime import datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from archive.base.clock import VIETNAM
from ingest.forms.field import Field
from ingest.forms.samples import sample
from ingest.forms.sheet import Curves
from ingest.render.curves import curves
from ingest.render.printable import MARK
from ingest.render.typst_renderer import Renderer
from tests.archive.counting import steps
from tests.ingest.render.papers import CATALOG, job
from tests.ingest.render.reading import claims, text

START = datetime(2026, 11, 2, 6, 0, tzinfo=VIETNAM)
COLUMNS: list[dict[str, Any]] = [
    {"name": "luc", "type": "datetime"},
    {"name": "mach", "type": "number", "unit": "l/ph"},
    {"name": "ha", "type": "number"},
    {"name": "ten", "type": "line"},
    {"name": "oi", "type": "code", "list": "oi"},
]
TABLE = Field.model_validate(
    {
        "name": "bang",
        "label": {"vi": "Bảng", "en": "Table"},
        "type": "table",
        "columns": [{**each, "label": {"vi": each["name"], "en": "x"}} for each in COLUMNS],
    }
)
GUIDES = [
    {"words": "Báo động", "start": [0, 4], "end": [6, 10]},
    {"words": "Hành động", "start": [4, 4], "end": [10, 10]},
]


def drawn(data: list[dict[str, Any]], since: object = None, **more: Any) -> list[dict[str, Any]]:
    """Return the grids of `data`, whose pulse is drawn from 40 to 140."""
    series = [{"column": "mach", "scale": [40, 140], "step": 20}]
    block = Curves.model_validate(
        {"curves": "bang", "x": "luc", "slots": 4, "series": series, **more}
    )
    return curves(block, TABLE, data, since, {"oi": {"1": "trong"}})


def at(hours: float, **values: Any) -> dict[str, Any]:
    return {"luc": (START + timedelta(hours=hours)).isoformat(), **values}


def points(grid: dict[str, Any]) -> list[tuple[float, float, bool]]:
    return [(each["x"], each["y"], each["off"]) for each in grid["series"][0]["points"]]


def test_rows_are_in_the_order_of_time_each_in_the_middle_of_its_column() -> None:
    (grid,) = drawn([at(6, mach=140), at(0, mach=40), at(3), at(24, mach=90)])
    assert points(grid) == [(0.125, 1, False), (0.625, 0, False), (0.875, 0.5, False)]
    assert grid["hours"] == ["06:00", "09:00", "12:00", "06:00"]
    assert [(day["d"], day["wide"]) for day in grid["days"]] == [("02", 3), ("03", 1)]


def test_a_value_off_the_scale_is_at_its_edge_and_its_number_below() -> None:
    (grid,) = drawn([at(0, mach=180), at(1, mach=30.5)])
    assert points(grid) == [(0.125, 0, True), (0.375, 1, True)]
    off = grid["off"].replace(MARK, "")
    assert off == "mach (l/ph) 180 (06:00 02/11/2026); mach (l/ph) 30,5 (07:00 02/11/2026)"


def test_more_rows_than_columns_have_grids_below_and_none_is_lost() -> None:
    grids = drawn([at(hour, mach=hour + 50) for hour in range(9)], rows=["mach"])
    assert [len(points(grid)) for grid in grids] == [4, 4, 1]
    assert [grid["used"] for grid in grids] == [4, 4, 1]  # no column is left to write in
    cells = [cell for grid in grids for cell in grid["rows"][0]["cells"] if cell]
    assert cells == [str(hour + 50) for hour in range(9)]


def test_hours_have_their_values_at_their_time_and_skip_what_is_empty() -> None:
    rows = [at(0.5, mach=90, oi="1"), at(0.75, oi="1"), at(9, mach=40)]
    first, third = drawn(rows, hourly=True, rows=["oi"])
    assert points(first) == [(0.125, 0.5, False)]
    assert first["rows"][0]["cells"] == ["trong; trong", "", "", ""]
    assert (points(third), third["numbers"]) == ([(0.25, 1, False)], [8, 9, 10, 11])


def test_hours_begin_where_the_sheet_says() -> None:
    (grid,) = drawn([at(2, mach=90)], since=at(0.5)["luc"], hourly=True)
    assert (points(grid), grid["hours"][0]) == ([(0.5, 0.5, False)], "06:00")


@pytest.mark.parametrize(
    ("rows", "places"),
    [
        ([at(0, mach=3)], []),  # it is not high enough yet
        ([at(0, mach=3), at(1, mach=4)], [([0.125, 0.6], [0.875, 0]), ([0.625, 0.6], [1, 0.3])]),
        ([at(0, mach=6)], [([0, 0.4], [0.5, 0]), ([0.25, 0.6], [1, 0])]),
        ([], [([0, 0.6], [0.75, 0]), ([0.5, 0.6], [1, 0.2])]),  # a blank sheet
    ],
)
def test_guides_begin_at_the_first_value_that_is_high_enough(
    rows: list[dict[str, Any]], places: list[tuple[list[float], list[float]]]
) -> None:
    series = [{"column": "mach", "scale": [0, 10], "step": 1}]
    grids = drawn(rows, series=series, slots=8, hourly=True, guides=GUIDES, anchored=4)
    assert [(each["from"], each["to"]) for each in grids[0]["guides"]] == places


def test_hours_after_the_end_of_the_calendar_are_empty() -> None:
    (grid,) = drawn([{"luc": "9999-12-31T22:30:00+07:00", "mach": 90}], hourly=True)
    assert grid["hours"] == ["22:00", "23:00", "", ""]


def test_a_line_of_values_joins_its_columns() -> None:
    below = {"words": "HA", "columns": ["mach", "ha"]}
    (grid,) = drawn([at(0, mach=120, ha=80), at(1)], rows=[below])
    assert grid["rows"] == [{"label": "HA (l/ph)", "cells": ["120/80", "", "", ""]}]


def test_the_words_of_the_curves_say_each_value() -> None:
    (grid,) = drawn([at(0, mach=88.5), at(1)])
    assert grid["alt"] == "Bảng. mach (l/ph): 06:00 02/11/2026: 88,5."


def test_a_blank_sheet_is_one_empty_grid() -> None:
    (grid,) = drawn([])
    assert (points(grid), grid["hours"], len(grid["days"])) == ([], [""] * 4, 4)
    assert grid["used"] == 4


def test_values_that_are_no_numbers_or_moments_draw_nothing() -> None:
    rows = [{"luc": "hôm qua", "mach": 80}, at(0, mach="90"), at(1, mach=True), {}]
    assert points(drawn(rows, hourly=True)[0]) == []
    assert points(drawn(rows)[0]) == [(0.625, 0.6, False)]


def test_the_work_grows_with_the_rows() -> None:
    few, many = ([at(6 * n, mach=80, ten="An") for n in range(count)] for count in (240, 960))
    assert steps(lambda: drawn(many)) < 4.5 * steps(lambda: drawn(few))


@pytest.mark.parametrize("scale", [[140, 40], [40, 45], [0, 4000]])
def test_a_scale_has_some_steps_upwards(scale: list[int]) -> None:
    with pytest.raises(ValidationError):
        drawn([], series=[{"column": "mach", "scale": scale, "step": 20}])


@pytest.mark.parametrize("code", ["PCNS/CS", "BDCD/CS"])
def test_curves_are_drawn_on_a_paper_of_the_archive(code: str) -> None:
    data = sample(CATALOG.get(code)) or {}
    pdf = Renderer().render(job(code, data))
    assert claims(pdf) == ("3", "A", "1")
    hours = {f"{row['thoi_gian'][11:13]}:00" for row in data["theo_doi"]}
    assert hours <= set(text(pdf).split())
