"""The published rules, each on a panel whose answer is known by construction."""

import numpy as np
import polars as pl
import pytest

from evaluation.panel import correlation, panel
from evaluation.peers import isolation, own_average, reliable_change, summed_change
from evaluation.rankings import by_score

CHILDREN, YEARS = 300, 6


def scene(fallen=7, drop=4.0, indicators=("score",), seed=1):
    """Noise around children's own means, in which one child falls in the last year; less is worse."""
    chance = np.random.default_rng(seed)
    frames = []
    for name in indicators:
        value = chance.normal(size=(CHILDREN, 1)) + 0.5 * chance.normal(size=(CHILDREN, YEARS))
        value[fallen, -1] -= drop
        change = np.diff(value, axis=1, prepend=np.nan)
        child, year = np.divmod(np.arange(value.size), YEARS)
        frames.append(
            pl.DataFrame(
                {
                    "child": [f"c{at:03d}" for at in child],
                    "year": (2010 + year).astype(np.int32),
                    "indicator": name,
                    "value": value.ravel(),
                    "change": pl.Series(change.ravel(), nan_to_null=True),
                    "change_z": pl.Series(-change.ravel(), nan_to_null=True),
                    "level": pl.Series(np.zeros(value.size), dtype=pl.Int8),
                }
            )
        )
    return pl.concat(frames)


def test_a_panel_lays_values_by_child_year_and_indicator():
    laid = panel(scene(indicators=("score", "absence")))
    assert laid.names == ("absence", "score")
    assert laid.value.shape == (CHILDREN * YEARS, 2)
    assert laid.worse.tolist() == [-1, -1]
    assert np.isnan(laid.value_before(1)[0]).all()
    assert laid.value_before(2)[3].tolist() == laid.value[1].tolist()


def test_values_of_another_child_are_nobodys_history():
    laid = panel(scene())
    first = laid.rows["year"].to_numpy() == 2010
    assert np.isnan(laid.value_before(1)[first]).all()
    assert np.isfinite(laid.value_before(1)[~first]).all()


@pytest.mark.parametrize("rule", [summed_change, reliable_change, own_average, isolation])
def test_each_rule_puts_a_plain_fall_first(rule):
    laid = panel(scene(indicators=("score", "absence")))
    ranking = by_score(laid.rows, rule(laid))
    first = ranking.filter((pl.col("year") == 2015) & (pl.col("place") == 1))
    assert first["child"].to_list() == ["c007"]


def test_a_sum_answers_to_changes_in_several_indicators():
    laid = panel(scene(drop=1.5, indicators=("a", "b", "c", "d")))
    at = laid.rows.with_row_index().filter((pl.col("child") == "c007") & (pl.col("year") == 2015))["index"][0]
    above = {rule: (rule(laid) > rule(laid)[at]).sum() for rule in (summed_change, own_average)}
    assert above[summed_change] < above[own_average]


def test_a_change_of_all_children_is_no_distance_from_the_own_average():
    shifted = scene().with_columns(value=pl.col("value") - 10 * (pl.col("year") == 2015))
    assert own_average(panel(shifted)) == pytest.approx(own_average(panel(scene())), nan_ok=True)


def test_reliability_leaves_out_what_truly_changes():
    # Without an error of measurement two values a year apart are as alike as their own drift leaves them.
    chance = np.random.default_rng(3)
    walk = np.cumsum(chance.normal(size=(2000, 6)), axis=1)
    one = correlation(walk[:, 2:3], walk[:, 1:2])
    two = correlation(walk[:, 3:4], walk[:, 1:2])
    assert 0 < two < one < 1


def test_a_rule_without_a_score_gives_no_place():
    laid = panel(scene())
    ranking = by_score(laid.rows, reliable_change(laid))
    assert 2010 not in ranking["year"].to_list()


def test_correlation_over_rows_that_know_both():
    left = np.array([[1.0, np.nan], [2.0, 1.0], [3.0, 2.0], [np.nan, 3.0]])
    right = np.array([[2.0, 1.0], [4.0, 1.0], [6.0, 1.0], [8.0, 1.0]])
    assert correlation(left, right) == pytest.approx([1.0, 0.0])
