"""Shares with their intervals, of independent cases and of cases that stand or fall together."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, binomtest

from evaluation.rate import Rate


def ones(hits: int, of: int) -> tuple[np.ndarray, np.ndarray]:
    """`of` clusters of one case each, `hits` of them hits."""
    return np.arange(of) < hits, np.ones(of, dtype=np.int64)


@pytest.mark.parametrize(("hits", "of"), [(0, 7), (7, 7), (1, 2), (3, 40), (995, 1000)])
def test_clusters_of_one_case_are_independent_cases(hits, of):
    found, counted = Rate.clustered(*ones(hits, of)), Rate.counted(hits, of)
    assert found.value == counted.value
    assert (found.low, found.high) == pytest.approx((counted.low, counted.high), rel=2e-3, abs=1e-6)


@given(st.lists(st.booleans(), min_size=2, max_size=60), st.integers(2, 50))
def test_cases_that_are_all_alike_within_clusters_tell_no_more_than_the_clusters(whole, size):
    of = np.ones(len(whole), dtype=np.int64)
    hits = np.array(whole, dtype=np.int64)
    once, many = Rate.clustered(hits, of), Rate.clustered(hits * size, of * size)
    assert (many.value, many.of) == (once.value, once.of * size)
    assert (many.low, many.high) == pytest.approx((once.low, once.high))


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)).map(sorted), max_size=30))
def test_the_share_is_of_all_cases_and_within_its_interval(clusters):
    hits, of = (np.array([cluster[place] for cluster in clusters], dtype=np.int64) for place in (0, 1))
    rate = Rate.clustered(hits, of)
    if of.sum() == 0:
        assert rate == Rate.counted(0, 0)
    else:
        assert rate.value == hits.sum() / of.sum()
        assert 0 <= rate.low <= rate.value + 1e-12
        assert rate.value - 1e-12 <= rate.high <= 1


@pytest.mark.parametrize(("alike", "at_most"), [(True, 0.98), (False, 1.0)])
def test_the_interval_holds_the_true_share_as_often_as_it_says_and_more_where_cases_are_not_alike(alike, at_most):
    rng = np.random.default_rng(4)
    covered = []
    for _ in range(400):
        of = rng.integers(1, 40, 300)
        share = rng.random(300) < 0.9 if alike else rng.beta(18, 2, 300)  # of each cluster, .9 on average
        rate = Rate.clustered(rng.binomial(of, share), of)
        covered.append(rate.low <= 0.9 <= rate.high)
    assert 0.92 <= np.mean(covered) <= at_most


@pytest.mark.parametrize("cases", [5, 10, 20, 40])
def test_wilson_holds_the_true_share_of_few_cases_as_often_as_it_says(cases):
    # Exact coverage over shares, as Brown, Cai & DasGupta 2001: about .95 on average, and shorter than Clopper-Pearson
    shares = np.linspace(0.05, 0.95, 91)
    hits = np.arange(cases + 1)
    rates = [Rate.counted(int(hit), cases) for hit in hits]
    low, high = (np.array([getattr(rate, end) for rate in rates]) for end in ("low", "high"))
    inside = (low <= shares[:, None]) & (shares[:, None] <= high)
    coverage = (binom.pmf(hits, cases, shares[:, None]) * inside).sum(axis=1)
    assert coverage.mean() > 0.945
    assert coverage.min() > 0.83
    exact = [binomtest(int(hit), cases).proportion_ci(0.95, "exact") for hit in hits]
    assert (high - low).mean() < np.mean([each.high - each.low for each in exact])


def test_cases_that_are_nearly_independent_may_count_each():
    hits, of = np.array([1] * 20 + [0] * 180), np.full(200, 10)
    bounded, free = Rate.clustered(hits, of), Rate.clustered(hits, of, at_most_clusters=False)
    assert bounded.value == free.value == 0.01
    assert free.high - free.low < bounded.high - bounded.low
