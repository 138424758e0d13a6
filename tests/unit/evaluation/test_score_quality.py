"""The score as a probability: right ones pass, wrong ones are found out."""

import numpy as np
import polars as pl
import pytest

from evaluation.judgement import scene
from evaluation.score_quality import reliability, score_quality
from tests.unit.evaluation.tables import shocks


def cases(stated, chance_of, seed=1, size=4000):
    chance = np.random.default_rng(seed)
    score = chance.uniform(*stated, size)
    return pl.DataFrame(
        {"child": [f"c{at}" for at in range(size)], "score": score, "hit": chance.random(size) < chance_of(score)}
    )


def test_scores_that_are_right_show_no_more_error_than_chance_gives():
    found = reliability(cases((0.1, 0.9), lambda score: score))
    assert found.p_value > 0.05
    assert found.error.value < found.error_if_right
    assert found.brier.value < found.brier_of_base
    assert found.brier.low < found.brier.value < found.brier.high


def test_scores_that_are_too_high_are_found_out():
    found = reliability(cases((0.5, 1.0), lambda score: score / 2))
    assert found.p_value < 1e-6
    assert found.error.value == pytest.approx(0.375, abs=0.02)
    assert found.error.low > found.error_if_right


def test_bins_hold_every_case_once_with_its_ends():
    frame = pl.DataFrame({"child": list("abcd"), "score": [0.0, 0.1, 0.95, 1.0], "hit": [False, False, True, True]})
    found = reliability(frame)
    assert [bin_.observed.of for bin_ in found.bins] == [1, 1, 0, 0, 0, 0, 0, 0, 0, 2]
    assert found.bins[9].stated == pytest.approx(0.975)
    assert found.bins[2].stated is None


def yearly(hits):
    """Ten children a year whose score is .5, of whom so many are right in each year."""
    present = pl.DataFrame(
        [(f"c{at}", year) for year in hits for at in range(10)],
        schema={"child": pl.String, "year": pl.Int32},
        orient="row",
    )
    onsets = shocks(*[(f"c{at}", year, "x") for year, right in hits.items() for at in range(right)])
    return present.with_columns(score=0.5), scene(present, onsets)


def test_a_year_that_differs_beyond_chance_is_named():
    listed, judged = yearly({2010: 5, 2014: 10, 2018: 4})
    found = score_quality(listed, None, judged)
    assert [(year.year, year.off) for year in found.by_year] == [(2010, False), (2014, True), (2018, False)]
    assert found.everyone is None
    assert found.auc is None


def test_the_area_under_the_curve_counts_pairs():
    present = pl.DataFrame({"child": list("abcd"), "year": pl.Series([2020] * 4, dtype=pl.Int32)})
    judged = scene(present, shocks(("a", 2020, "x"), ("c", 2020, "x")))
    scored = present.with_columns(score=pl.Series([0.9, 0.2, 0.5, 0.5]))
    found = score_quality(scored.head(1), scored, judged)
    assert found.auc.value == pytest.approx(3.5 / 4)


def test_without_a_score_there_is_nothing_to_hold():
    listed, judged = yearly({2010: 5})
    assert score_quality(listed.with_columns(score=pl.lit(None, pl.Float64)), None, judged) is None
