"""Lists held against lists on the town of ten children: other links, other columns, other rules, other costs."""

import polars as pl
import pytest

from evaluation.comparison import precision_differences
from evaluation.harm import Assumptions, harm
from evaluation.judgement import scene
from evaluation.linkage_effect import linkage_effect
from evaluation.lists import lists
from evaluation.recomputed import Recomputed
from evaluation.sensitivity import sensitivity
from tests.unit.evaluation.tables import shocks
from tests.unit.evaluation.town import FOUND, town_flags, town_outputs, town_truth
from vocabulary.frames import HELD_FLAGS


def prepared(flags=FOUND, **changes):
    outputs = town_outputs(flags) | changes
    return lists(flags=flags, indicators=outputs["indicators"], links=outputs["links"], truth=town_truth())


def held(*rows):
    flags = town_flags(*rows).with_columns(rank=pl.lit(None, pl.Int32), why=pl.lit("link_confidence"))
    return flags.cast(HELD_FLAGS)


def test_true_links_that_find_two_more():
    true = town_flags(
        ("a", 2021, 1, "x", False), ("b", 2021, 2, "x", False), ("b", 2022, 1, "x", False), ("c", 2022, 2, "x", False)
    ).with_columns(pl.col("person_id").str.to_lowercase())
    found = linkage_effect(prepared(), FOUND, held(), true)
    assert (found.run.precision.hits, found.run.precision.of) == (2, 4)
    assert (found.true.precision.hits, found.true.precision.of) == (4, 4)
    assert found.difference.value == -0.5
    assert (found.in_both.hits, found.in_both.of) == (2, 4)


def test_flags_by_the_person_they_stand_on():
    # e's records went to a's person, so a's is mixed; f's stand in two persons
    links = town_outputs()["links"]
    mixed = pl.when(pl.col("person_id") == "E").then(pl.lit("A"))
    split = pl.when((pl.col("person_id") == "F") & (pl.col("as_of").dt.year() > 2021)).then(pl.lit("F2"))
    links = links.with_columns(person_id=mixed.when(pl.col("person_id") == "").then(pl.lit("")).otherwise("person_id"))
    links = links.with_columns(person_id=split.otherwise("person_id"))
    flags = town_flags(("a", 2021, 1, "x", False), ("b", 2022, 1, "x", False), ("f", 2022, 2, "x", False))
    found = linkage_effect(prepared(flags, links=links), flags, held(("a", 2022, 1, "x", False)), None)
    shown = {each.linkage: (each.share_of_list.hits, each.precision.hits) for each in found.shown}
    assert shown == {"whole": (1, 1), "mixed": (1, 1), "split": (1, 0)}
    waiting = {each.linkage: (each.share_of_list.hits, each.precision.hits) for each in found.held}
    assert waiting == {"whole": (0, 0), "mixed": (1, 1), "split": (0, 0)}
    assert found.true is None


def test_what_is_lost_without_a_column():
    worse = town_flags(
        ("h", 2021, 1, "x", False), ("e", 2021, 2, "x", False), ("h", 2022, 1, "x", False), ("f", 2022, 2, "x", False)
    )
    anew = Recomputed(
        without={("school", "score"): worse, ("school", "grade"): None, ("school", "same"): FOUND},
        without_all=lambda columns: worse if columns == [("school", "score"), ("school", "same")] else FOUND,
    )
    found = sensitivity(prepared(), FOUND, anew)
    assert [each.column for each in found.dropped] == ["score", "grade", "same"]
    score, grade, same = found.dropped
    assert (score.precision.value, score.recall.value, score.changed) == (-0.5, pytest.approx(-2 / 3), 0.5)
    assert (grade.unread, grade.needed) == (True, False)
    assert (same.precision.value, same.precision.low, same.precision.high, same.changed) == (0, 0, 0, 0)
    # a loss of half the list is within chance on four flags, and is not called needed
    assert score.precision.low < score.precision.value < score.precision.high
    assert [each.column for each in found.adds_nothing] == ["score", "grade", "same"]
    assert found.together.precision.value == -0.5


def test_nothing_was_left_out():
    assert sensitivity(prepared(), FOUND, Recomputed()) is None


def plain(rows):
    return pl.DataFrame(rows, schema={"child": pl.String, "year": pl.Int32}, orient="row")


NAMES = [f"c{at:03d}" for at in range(100)]
JUDGED = scene(plain([(name, 2020) for name in NAMES]), shocks(*[(name, 2020, "x") for name in NAMES[:10]]))
TEN = plain([(name, 2020) for name in NAMES[4:14]])  # six of ten are right


def test_a_difference_of_precision_has_an_interval_that_holds_it():
    other = plain([(name, 2020) for name in NAMES[8:18]])
    found = precision_differences(TEN, {"other": other, "same": TEN}, JUDGED)
    assert found["other"].value == pytest.approx(-0.4)
    assert found["other"].low < -0.4 < found["other"].high
    assert (found["same"].low, found["same"].high) == (0, 0)


def test_costs_add_up():
    found = harm({"flags": TEN}, JUDGED, 0.1, Assumptions(case=3, wrong=2, missed=40))
    nobody, flags = found.costs
    assert (nobody.total, nobody.missed, nobody.net.value) == (4000, 4000, 0)  # 10 of 100 child-years, × 40 hours
    assert (flags.looking, flags.wrong, flags.missed) == (300, 80, 1600)  # ten looked at, four in vain, four missed
    assert flags.net.value == pytest.approx(nobody.total - flags.total)
    assert flags.net.low < flags.net.value < flags.net.high


def test_the_list_breaks_even_at_its_wrong_flags_for_each_right_one():
    found = harm({"flags": TEN}, JUDGED, 0.1, Assumptions(case=1, wrong=0, missed=1 + 4 / 6))
    assert found.breaks_even.value == pytest.approx(4 / 6)
    assert found.assumptions.ratio == pytest.approx(4 / 6)
    assert found.costs[1].net.value == pytest.approx(0, abs=1e-9)


def test_net_benefit_rises_with_how_bad_it_is_to_miss_a_child():
    found = harm({"flags": TEN}, JUDGED, 0.1, Assumptions())
    of_flags = {each.ratio: each.net.value for each in found.benefits if each.rule == "flags"}
    everyone = {each.ratio: each.net.value for each in found.benefits if each.rule == "everyone"}
    assert of_flags[1.0] == pytest.approx(1000 * (6 - 4) / 100)
    assert of_flags[2.0] == pytest.approx(1000 * (6 - 4 / 2) / 100)
    assert sorted(of_flags.values()) == [*of_flags.values()]
    assert everyone[10.0] == pytest.approx(1000 * (10 - 90 / 10) / 100)


def test_an_empty_list_costs_what_no_list_costs():
    found = harm({"flags": TEN.clear()}, JUDGED, 0.1, Assumptions())
    assert found.costs[1].total == found.costs[0].total
    assert found.breaks_even.value is None
    assert found.precision.value is None
