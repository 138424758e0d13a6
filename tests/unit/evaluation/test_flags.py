"""Flag figures on the town of ten children: 2020 has no history, so 2021 to 2023 are judged."""

import polars as pl
import pytest

from evaluation.evaluate import evaluate
from evaluation.flags import flag_quality
from evaluation.rankings import by_flags, by_level, by_raw_difference
from evaluation.rate import Rate
from tests.unit.evaluation.tables import shocks
from tests.unit.evaluation.town import (
    FOUND,
    ONSETS,
    town_flags,
    town_indicators,
    town_links,
    town_outputs,
    town_records,
    town_truth,
)


def quality(flags=FOUND, onsets=ONSETS, capacity=0.2, changes=None, levels=None):
    return flag_quality(
        flags=flags,
        indicators=town_indicators(changes or {}, levels or {}),
        links=town_links(),
        truth={"records": town_records(), "shocks": onsets},
        capacities=(capacity,),
    )


def rule(found, name):
    return next(rule for rule in found.capacities[0].rules if rule.rule == name)


def counts(rate: Rate) -> tuple[float, int]:
    return rate.hits, rate.of


def test_years_without_history_are_left_out_of_flags_and_onsets():
    found = quality()
    assert found.years == (2021, 2022, 2023)
    assert found.years_without_history == (2020,)
    assert found.child_years == 30
    assert (found.flags, found.flags_outside) == (4, 1)
    assert (found.onsets, found.onsets_outside) == (3, 1)  # an onset of 2019 was in time in 2019 and 2020 only


def test_an_onset_of_the_year_before_the_first_judged_year_counts():
    found = quality(onsets=shocks(("e", 2020, "income")))
    assert (found.onsets, found.onsets_outside) == (1, 0)
    assert counts(rule(found, "flags").recall) == (1, 1)


def test_an_onset_of_a_child_lost_in_linkage_is_missed_and_not_left_out():
    # c's records were given to a's person, which stands for a: nobody stands for c
    links = town_links().with_columns(pl.col("person_id").replace({"C": "A"}))
    found = flag_quality(
        flags=FOUND,
        indicators=town_indicators({}, {}).filter(pl.col("person_id") != "C"),
        links=links,
        truth={"records": town_records(), "shocks": ONSETS},
        capacities=(0.2,),
    )
    assert (found.onsets, found.onsets_outside) == (3, 1)
    assert counts(rule(found, "flags").recall) == (2, 3)
    assert found.child_years == 30


def test_precision_recall_delay_and_false_alarms():
    flags = rule(quality(), "flags")
    assert flags.listed == 4
    assert counts(flags.precision) == (2, 4)
    assert counts(flags.recall) == (2, 3)
    assert flags.false_per_1000 == pytest.approx(2 / 30 * 1000)
    assert (flags.delay.same_year, flags.delay.next_year, flags.delay.later, flags.delay.never) == (1, 1, 0, 1)
    assert counts(flags.previously_unknown) == (2, 4)
    assert counts(flags.found_previously_unknown) == (1, 2)


def test_a_flag_two_years_after_is_no_hit_and_a_late_find():
    flags = rule(quality(flags=town_flags(("a", 2023, 1, "learning", False))), "flags")
    assert counts(flags.precision) == (0, 1)
    assert (flags.delay.later, flags.delay.never) == (1, 2)


def test_a_flag_before_the_onset_finds_nothing():
    flags = rule(quality(flags=town_flags(("c", 2021, 1, "learning", False))), "flags")
    assert (flags.precision.hits, flags.recall.hits) == (0, 0)
    assert flags.delay.never == 3


def test_the_list_is_cut_to_the_capacity_of_each_year_by_rank():
    flags = rule(quality(capacity=0.1), "flags")
    assert flags.listed == 2
    assert counts(flags.precision) == (2, 2)


def test_a_child_with_flags_of_two_kinds_is_one_place_in_the_list():
    flags = town_flags(
        ("a", 2021, 1, "learning", False), ("a", 2021, 2, "attendance", False), ("e", 2021, 3, "learning", False)
    )
    assert rule(quality(flags=flags), "flags").listed == 2


def test_parts_by_kind_and_year():
    found = quality().capacities[0]
    assert {part.name: counts(part.precision) for part in found.by_flag_kind} == {
        "attendance": (1, 2),
        "learning": (1, 2),
    }
    assert {part.name: counts(part.recall) for part in found.by_onset_kind} == {"care": (1, 1), "income": (1, 2)}
    years = {part.name: part for part in found.by_year}
    assert counts(years["2021"].precision) == (1, 2)
    assert counts(years["2021"].recall) == (2, 2)
    assert counts(years["2022"].recall) == (0, 1)


def test_plain_rules_list_as_many_children_as_the_flags_did():
    # of 10 children a year the flags list 2 in 2021 and 2 in 2022, none in 2023
    changes = {("a", 2021): -9.0, ("b", 2021): -8.0, ("g", 2022): -9.0, ("c", 2022): -8.0, ("c", 2023): -9.0}
    found = quality(changes=changes)
    threshold = rule(found, "threshold")
    assert threshold.listed == 4
    assert counts(threshold.precision) == (3, 4)
    assert counts(threshold.recall) == (3, 3)
    assert threshold.previously_unknown is None


def test_level_alone():
    levels = {("a", 2021): 3, ("e", 2021): 2, ("h", 2021): 1, ("b", 2022): 3}
    level = rule(quality(levels=levels), "level")
    assert level.listed == 3
    assert counts(level.precision) == (2, 3)


def test_chance_is_what_a_random_list_would_expect():
    chance = rule(quality(), "chance")
    # 2021: 2 of 10 children are right (a, b), 2 drawn; 2022: 3 of 10 (a, b, c), 2 drawn
    assert chance.precision.hits == pytest.approx(2 * 0.2 + 2 * 0.3)
    assert chance.precision.of == 4
    # a and b are missed only if in neither list; c has 2022 and a 2023 without a list
    assert chance.recall.hits == pytest.approx((1 - 0.8**2) * 2 + 0.2)
    assert 0 <= chance.precision.low < chance.precision.value < chance.precision.high <= 1


def test_no_flags_is_an_answer_too():
    found = quality(flags=town_flags())
    assert rule(found, "flags").precision.value is None
    assert counts(rule(found, "flags").recall) == (0, 3)
    assert rule(found, "chance").recall.hits == 0


def test_without_a_change_anywhere_nothing_is_judged():
    judged = flag_quality(
        flags=FOUND,
        indicators=town_indicators({}, {}).filter(pl.col("year") == 2020),
        links=town_links(),
        truth={"records": town_records(), "shocks": ONSETS},
    )
    assert judged is None


def test_the_raw_difference_takes_each_indicators_worse_direction_and_spread():
    rows = [
        ("a", 2021, "score", -1.0, 1.0),
        ("b", 2021, "score", 1.0, -1.0),
        ("c", 2021, "absence", 30.0, 2.0),
        ("d", 2021, "absence", -10.0, -1.0),
        ("e", 2021, "absence", 0.0, 0.0),
        ("e", 2021, "flat", 0.0, 0.0),
        ("f", 2021, "flat", 0.0, 0.0),
    ]
    frame = pl.DataFrame(rows, schema=["child", "year", "indicator", "change", "change_z"], orient="row")
    # spreads: score 1.41, absence 20.8; "flat" has none and orders nobody
    assert by_raw_difference(frame)["child"].to_list() == ["c", "a", "e", "d", "b"]


def test_levels_break_ties_by_their_sum():
    rows = [("a", 2021, 3), ("b", 2021, 3), ("b", 2021, 1), ("c", 2021, 2), ("d", 2021, 0)]
    frame = pl.DataFrame(rows, schema={"child": pl.String, "year": pl.Int32, "level": pl.Int8}, orient="row")
    assert by_level(frame)["child"].to_list() == ["b", "a", "c"]


def test_flags_of_two_persons_of_one_child_are_one_place():
    flags = town_flags(("a", 2021, 2, "learning", True), ("b", 2021, 1, "attendance", False))
    found = by_flags(flags.with_columns(child=pl.lit("z")))
    assert found.select("place", "kind").rows() == [(1, "attendance")]


def test_wilson_interval():
    # Newcombe 1998, table I: 15 of 148 gives 0.0624–0.1605
    rate = Rate.counted(15, 148)
    assert (round(rate.low, 4), round(rate.high, 4)) == (0.0624, 0.1605)
    assert Rate.counted(0, 0).value is None


def test_one_evaluation_holds_both_and_survives_json():
    found = evaluate(**town_outputs(), truth=town_truth())
    assert found.linkage.linked.exact.f1 == 1
    assert type(found).model_validate_json(found.to_json()) == found
