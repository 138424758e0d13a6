"""What an evaluation computes anew: the run's own flags again, longer lists, and lists without some columns."""

import polars as pl
import pytest

from evaluation.sensitivity import ALL_COLUMNS
from indicators.compute import compute_indicators
from indicators.flags import raise_flags
from indicators.rules import load_rules
from mimamori.evaluating import Again, without_all, without_each
from synthetic.city import build_city
from tests.recovery.flag_scenes import true_timeline


@pytest.fixture(scope="module")
def again():
    timeline, persons = true_timeline(build_city(400, 3, range(2019, 2026), "clean", 1))
    rules = load_rules()
    indicators = compute_indicators(timeline, persons, rules)
    return Again(timeline, persons, indicators, rules, scorecard=None, capacity=0.05, min_link_confidence=0.9)


def test_the_same_flags_again(again):
    raised = raise_flags(again.indicators, again.timeline, again.persons, again.rules, capacity=0.05).shown
    assert again.flags(again.indicators).equals(raised)
    assert without_all(again, []).equals(raised)


def test_a_longer_list_begins_with_the_runs(again):
    longer = again.flags(again.indicators, capacity=0.2)
    places = again.flags(again.indicators).group_by("year").agg(places=pl.len())
    first = longer.join(places, on="year").filter(pl.col("rank") <= pl.col("places")).sort("year", "rank")
    columns = ["person_id", "year", "rank", "kind", "score"]
    assert first.select(columns).equals(again.flags(again.indicators).select(columns))


def test_leaving_a_column_out_is_not_reading_it(again):
    unread = again.timeline.filter((pl.col("source") == "school") & (pl.col("item") == "fitness_score"))
    others = again.timeline.join(unread, on=again.timeline.columns, how="anti")
    afresh = compute_indicators(others, again.persons, again.rules)
    expected = raise_flags(afresh, again.timeline, again.persons, again.rules, capacity=0.05).shown
    columns = ["person_id", "year", "rank", "kind", "score"]
    found = without_all(again, [("school", "fitness_score")])
    assert found.select(columns).sort("year", "rank").equals(expected.select(columns).sort("year", "rank"))


def test_every_source_and_column_is_left_out_once(again):
    begun = []
    found = without_each(again, lambda key, **values: begun.append((key, values)))
    items = set(again.timeline.select("source", "item").unique().iter_rows())
    assert {name for name in found if name[1] != ALL_COLUMNS} == items
    assert {name[0] for name in found if name[1] == ALL_COLUMNS} == {"welfare", "school", "health"}
    assert found["school", "grade"] is None  # no indicator reads it
    assert found["school", "school_code"] is not None  # quantities are judged by school
    assert found["school", "days_absent"] is not None
    assert len(begun) == 6


def test_a_run_of_one_source_is_not_raised_without_it(again):
    school = again.timeline.filter(
        (pl.col("source") == "school") & pl.col("item").is_in(["days_absent", "days_required"])
    )
    alone = Again(
        school, again.persons, compute_indicators(school, again.persons, again.rules), again.rules, None, 0.05, 0.9
    )
    found = without_each(alone, lambda key, **values: None)
    assert set(found) == {("school", "days_absent"), ("school", "days_required")}
