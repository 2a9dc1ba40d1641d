"""A person who is not entitled sees nothing, not even that a record exists."""

import pytest

from api.home import Home
from archive.access.scope import Scope
from archive.base.errors import NotFound
from archive.base.identifiers import FacilityCode
from archive.catalog import records
from search.query import parse

K01 = frozenset({"K01"})
OUTSIDE = [
    pytest.param(Scope(FacilityCode("99002")), id="another facility"),
    pytest.param(Scope(FacilityCode("99001"), frozenset({"K09"})), id="another department"),
    pytest.param(Scope(FacilityCode("99001"), frozenset()), id="no department"),
]


@pytest.fixture(params=["demo_home", "postgres_demo_home"])
def home(request: pytest.FixtureRequest) -> Home:
    """The home with four charts, on each make of catalogue."""
    home: Home = request.getfixturevalue(request.param)
    return home


def test_the_whole_facility_sees_all_four(home: Home) -> None:
    with home.catalog.read() as session:
        assert len(records.charts(session, home.scope)) == 4


def test_of_some_documents_those_within_the_scope_are_reported(home: Home) -> None:
    with home.catalog.read() as session:
        ids = {c.documents[0].id: c.department for c in records.charts(session, home.scope)}
        assert records.visible_documents(session, [*ids, "nothing"], home.scope).keys() == set(ids)
        own = {document for document, department in ids.items() if department == "K01"}
        assert records.visible_documents(session, ids, Scope(home.code, K01)).keys() == own


def test_a_department_sees_its_own(home: Home) -> None:
    with home.catalog.read() as session:
        assert [c.department for c in records.charts(session, Scope(home.code, K01))] == [
            "K01",
            "K01",
        ]


@pytest.mark.parametrize("scope", OUTSIDE)
def test_outside_the_scope_nothing_exists(home: Home, scope: Scope) -> None:
    with home.catalog.read() as session:
        chart = records.charts(session, home.scope)[0]
        document = chart.documents[0]
        assert records.charts(session, scope) == []
        assert records.chart_ids(session, scope) == []
        assert records.chart_of_episode(session, chart.episode, scope) is None
        assert records.document_of_digest(session, document.sha256, scope) is None
        for missing in (document.id, "01a205ab-c8ec-76b8-b498-5c2d72a56be7"):
            with pytest.raises(NotFound) as unknown:
                records.document(session, missing, scope)
            assert unknown.value.as_json() == NotFound().as_json()
        assert records.visible_documents(session, [document.id], scope) == {}
        with pytest.raises(NotFound):
            records.chart(session, chart.id, scope)
    assert home.follow_ups.indexing.index.search(parse(document.id), scope).total == 0
    assert home.follow_ups.indexing.index.search(parse("nguyen"), scope).total == 0


def test_a_chart_without_a_department_is_seen_by_the_whole_facility_only() -> None:
    code = FacilityCode("99001")
    assert Scope(code).holds(code, None)
    assert not Scope(code, K01).holds(code, None)
