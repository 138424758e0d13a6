"""Which groups of children linkage serves less well: found where it does, and not where chance alone does it."""

import numpy as np
import polars as pl
import pytest

from evaluation.clusters import child_sizes, contingency
from evaluation.fairness import Fairness, fairness
from evaluation.formats import chance
from evaluation.holm import LEVEL
from evaluation.report import fairness_sentence

RECORDS = 4


def judged(split: np.ndarray, member: np.ndarray, *, dimension: str = "family") -> Fairness:
    """Figures of children of four records, of whom `split` have one record in a person of its own."""
    child = np.repeat(np.arange(len(split)), RECORDS)
    apart = np.repeat(split, RECORDS) & (np.tile(np.arange(RECORDS), len(split)) == 0)
    persons = np.where(apart, child + len(split), child)
    matched = pl.DataFrame({"person_id": persons, "child": child}).cast(pl.String)
    groups = pl.DataFrame(
        {
            "child": pl.Series(np.arange(len(split))).cast(pl.String),
            "group": np.where(member, "single_parent", "two_parents"),
        }
    ).with_columns(dimension=pl.lit(dimension))
    return fairness(contingency(matched, child_sizes(matched)), groups)


def test_figures_by_hand():
    found = judged(np.array([True, False, False, False]), np.array([True, True, False, False]))
    assert (found.recall.hits, found.recall.of) == (3 + 6 * 3, 6 * 4)
    assert (found.whole.hits, found.whole.of) == (3, 4)
    first, second = found.groups
    assert (first.group, first.children, first.recall.hits, first.recall.of) == ("single_parent", 2, 9, 12)
    assert (first.others_recall, second.others_recall) == (1.0, 9 / 12)
    assert (first.precision.value, first.whole.value) == (1.0, 0.5)
    assert first.p_value == pytest.approx(0.5)
    assert found.lower == ()


def test_precision_is_over_the_pairs_that_touch_the_group():
    matched = pl.DataFrame({"person_id": ["P"] * 3 + ["Q"] * 2, "child": ["a", "a", "b", "c", "c"]})
    groups = pl.DataFrame({"child": ["a", "b", "c"], "group": ["twin", "no_twin", "no_twin"]}).with_columns(
        dimension=pl.lit("twin")
    )
    found = fairness(contingency(matched, child_sizes(matched)), groups)
    rates = {group.group: (group.precision.hits, group.precision.of) for group in found.groups}
    assert rates == {"twin": (1, 3), "no_twin": (1, 3)}
    assert {group.group: group.whole.hits for group in found.groups} == {"twin": 0, "no_twin": 1}


def test_a_group_that_is_served_less_well_is_found_and_stands_first():
    rng = np.random.default_rng(1)
    member = np.arange(2000) < 300
    found = judged(rng.random(2000) < np.where(member, 0.06, 0.01), member)
    assert [group.group for group in found.lower] == ["single_parent"]
    assert found.groups[0].lower
    assert found.groups[0].recall.value < found.recall.value < found.groups[1].recall.value


def test_where_all_are_served_alike_a_group_is_seldom_named():
    rng = np.random.default_rng(2)
    member = np.arange(400) < 100
    named = [bool(judged(rng.random(400) < 0.05, member).lower) for _ in range(200)]
    assert np.mean(named) <= LEVEL + 0.02


def test_two_groups_of_one_kind_are_never_both_below_each_other():
    rng = np.random.default_rng(3)
    assert all(len(judged(rng.random(60) < 0.2, rng.random(60) < 0.5).lower) <= 1 for _ in range(20))


def test_nothing_is_said_of_a_group_without_others():
    (only,) = judged(np.array([True, False]), np.array([True, True])).groups
    assert (only.p_value, only.others_recall, only.lower) == (None, None, False)


def test_the_sentence_names_the_group_and_both_recalls_or_says_that_there_is_none():
    member = np.arange(1000) < 200
    unfair = judged(member & (np.arange(1000) % 5 == 0), member)
    assert fairness_sentence(unfair, "en") == (
        "The records of these children are found less often than the others', beyond chance: "
        "single parent (ever) (pair recall 90.00 %, the others 100.00 %)."
    )
    assert "ひとり親(一度でも)(組の再現率 90.00 %" in fairness_sentence(unfair, "ja")
    assert fairness_sentence(judged(np.zeros(9, bool), np.arange(9) < 3), "en").startswith("There is no group")


def test_a_small_chance_is_never_written_as_nought():
    assert [chance(value) for value in (None, 0.0004, 0.001, 0.25)] == ["–", "<0.001", "0.001", "0.250"]
