"""Intervals by resampling children, against what theory says of them."""

import numpy as np
import polars as pl
import pytest

from evaluation.estimate import Estimate, estimates, per_child, resample


def share(sums):
    return sums[:, 0] / sums[:, 1]


def test_the_interval_of_a_share_is_as_wide_as_theory_says():
    totals = np.column_stack([np.arange(2000) % 4 == 0, np.ones(2000)]).astype(float)
    (found,) = estimates(totals, share)
    half = 1.96 * (0.25 * 0.75 / 2000) ** 0.5
    assert found.value == 0.25
    assert found.high - found.low == pytest.approx(2 * half, rel=0.1)


def test_cases_of_one_child_stand_or_fall_together():
    totals = np.column_stack([5.0 * (np.arange(400) % 2), np.full(400, 5.0)])
    (together,) = estimates(totals, share)
    apart = np.column_stack([np.arange(2000) % 2, np.ones(2000)]).astype(float)
    (alone,) = estimates(apart, share)
    assert together.high - together.low == pytest.approx(5**0.5 * (alone.high - alone.low), rel=0.1)


def test_paired_lists_that_agree_differ_by_nothing():
    totals = np.column_stack([np.arange(50) % 2, np.ones(50), np.arange(50) % 2, np.ones(50)]).astype(float)
    (found,) = estimates(totals, lambda sums: sums[:, 0] / sums[:, 1] - sums[:, 2] / sums[:, 3])
    assert (found.value, found.low, found.high) == (0, 0, 0)


def test_the_same_samples_every_time():
    totals = np.ones((30, 1))
    assert np.array_equal(resample(totals), resample(totals))
    assert resample(totals).mean() == pytest.approx(30, rel=0.02)


def test_what_cannot_be_counted_is_null():
    (found,) = estimates(np.zeros((0, 2)), share)
    assert found == Estimate(value=None)
    (constant,) = estimates(np.zeros((3, 2)), share)
    assert constant.value is None


def test_sums_by_child():
    rows = pl.DataFrame({"child": ["a", "b", "a"], "hit": [True, False, True]})
    assert per_child(rows, ["hit"]).tolist() == [[2.0], [0.0]]
