"""A person's set: charts and papers are collected once, within the person's rights, for a time."""

from dataclasses import replace
from datetime import timedelta

import pytest

from api.home import Home
from api.inspection import sets as inspection
from api.inspection.sets import KEPT, InspectionSets, SetFull
from archive.access.actor import Actor
from archive.access.scope import Scope
from archive.base.clock import FixedClock
from archive.base.errors import Denied, NotFound
from archive.base.identifiers import FacilityCode, new_id
from tests.api.inspection.conftest import READER, all_papers, chart_ids

OTHER = Actor("khac", "reader")


def test_charts_and_papers_are_collected_once_and_in_their_order(
    home: Home, sets: InspectionSets
) -> None:
    first, second, third = chart_ids(home)
    papers = {paper.chart.id: paper.document.id for paper in all_papers(home)}
    added = sets.add([second, papers[first]], READER, home.scope)
    assert (added.new, added.known, added.total) == (2, 0, 2)
    again = sets.add([second, papers[first], third], READER, home.scope)
    assert (again.new, again.known, again.total) == (1, 2, 3)
    ordered = [papers[second], papers[first], papers[third]]
    assert sets.ids(READER, home.scope) == ordered
    assert [paper.document.id for paper in sets.papers(READER, home.scope, 2, 1)] == ordered[1:]
    assert sets.count(OTHER, home.scope) == 0
    sets.remove([papers[first], new_id()], READER)
    assert sets.count(READER, home.scope) == 2
    sets.clear(READER)
    assert sets.papers(READER, home.scope) == []


def test_a_set_gives_no_rights(home: Home, sets: InspectionSets) -> None:
    sets.add(chart_ids(home), READER, home.scope)
    department = Scope(home.code, frozenset({"K02"}))
    assert sets.count(READER, department) == len(sets.papers(READER, department)) == 1
    outside = [paper for paper in all_papers(home) if paper.chart.facts.department == "K01"]
    for ids in ([outside[0].document.id], [outside[0].chart.id], [new_id()]):
        with pytest.raises(NotFound):
            sets.add(ids, READER, department)
    with pytest.raises(Denied):
        sets.add([], Actor("quantri", "admin"), home.scope)


def test_a_set_that_is_full_takes_nothing_more(
    home: Home, sets: InspectionSets, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inspection, "MOST", 2)
    charts = chart_ids(home)
    sets.add(charts[:1], READER, home.scope)
    with pytest.raises(SetFull) as refused:
        sets.add(charts, READER, home.scope)
    assert refused.value.facts == {"most": 2, "room": 1, "wanted": 2}
    assert sets.count(READER, home.scope) == 1
    assert sets.add(charts[:2], READER, home.scope).total == 2


def test_a_set_is_forgotten_after_its_time_whole(home: Home) -> None:
    clock = FixedClock(home.clock.now())
    sets = InspectionSets(home.catalog, home.code, clock)
    first, second, _ = chart_ids(home)
    sets.add([first], READER, home.scope)
    clock.moment += KEPT - timedelta(minutes=1)
    sets.add([second], READER, home.scope)
    clock.moment += KEPT - timedelta(minutes=1)
    sets.purge()
    assert sets.count(READER, home.scope) == 2
    clock.moment += timedelta(minutes=1)
    assert sets.count(READER, home.scope) == 0
    assert sets.add([second], READER, home.scope).new == 1
    clock.moment += KEPT
    sets.purge()
    clock.moment -= KEPT
    assert sets.count(READER, home.scope) == 0


def test_another_facility_has_other_sets(home: Home, sets: InspectionSets) -> None:
    sets.add(chart_ids(home), READER, home.scope)
    assert sets.count(READER, replace(home.scope, facility=FacilityCode("99002"))) == 0
