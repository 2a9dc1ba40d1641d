"""Retention is counted as the circular says, by rules that are data."""

from datetime import UTC, date, datetime

import pytest

from archive.base.errors import Misconfigured
from archive.base.facts import ChartFacts, ChartKind, Outcome
from retention.schedule import schedule, term

TODAY = date(2026, 11, 22)


def chart(outcome: Outcome | None = None, kind: ChartKind = ChartKind.INPATIENT) -> ChartFacts:
    return ChartFacts(episode="LK1", kind=kind, outcome=outcome)


@pytest.mark.parametrize("kind", list(ChartKind))
def test_in_and_outpatient_charts_are_kept_ten_years_from_the_end_of_the_year(
    kind: ChartKind,
) -> None:
    reached = term(chart(kind=kind), datetime(2026, 1, 20, tzinfo=UTC), TODAY, schedule())
    assert reached.rule.id == "TT33/2025:44"
    # 23:59:59 in Viet Nam
    assert reached.retain_until == datetime(2036, 12, 31, 16, 59, 59, tzinfo=UTC)


def test_the_year_is_the_one_in_viet_nam() -> None:
    new_year = datetime(2025, 12, 31, 18, 0, tzinfo=UTC)  # 1 January 2026, 01:00 in Viet Nam
    assert term(chart(), new_year, TODAY, schedule()).counted_from == 2026


def test_the_longest_rule_wins() -> None:
    reached = term(chart(Outcome.DIED), datetime(2026, 1, 20, tzinfo=UTC), TODAY, schedule())
    assert (reached.rule.id, reached.retain_until.year) == ("TT33/2025:39", 2056)


def test_a_day_before_every_rule_has_no_term() -> None:
    with pytest.raises(Misconfigured):
        term(chart(), datetime(2020, 1, 20, tzinfo=UTC), date(2020, 2, 1), schedule())


def test_every_rule_names_its_source_and_validity() -> None:
    for rule in schedule():
        assert "Thông tư" in rule.source
        assert rule.valid.since >= date(2025, 7, 1)
