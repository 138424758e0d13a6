import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from indicators.score import combine as combine_table
from indicators.score import tail_share
from indicators.weights import SMALLEST, correlations, loadings, weights

DOMAINS = ["livelihood", "livelihood", "attendance", "learning"]


def combine(matrix: np.ndarray, domains: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Scores and contributions of every row."""
    rows = pl.Series(range(len(matrix)), dtype=pl.UInt32)
    scores = combine_table(rows.to_frame("row"), ("a", "b", "c", "d"), matrix, domains)
    return scores.table["score"].to_numpy(), scores.parts(rows).contributions


def surprises(seed: int, rows: int = 20_000) -> np.ndarray:
    """Noise, with one row in fifty in which the first three rise together; the fourth is noise alone."""
    chance = np.random.default_rng(seed)
    found = chance.normal(size=(rows, 4))
    found[: rows // 50, :3] += 2
    return found


def test_what_domains_share_is_weighted_more():
    found = loadings(surprises(1), DOMAINS)
    assert found[:3].min() > 5 * found[3]


def test_two_indicators_that_tell_the_same_are_not_counted_twice():
    once = surprises(2)
    twice = np.column_stack([once, once[:, 2]])
    alone, doubled = weights(once, DOMAINS), weights(twice, [*DOMAINS, "attendance"])
    assert doubled[2] + doubled[4] == pytest.approx(alone[2], rel=0.35)


def test_every_indicator_keeps_a_weight():
    assert weights(surprises(3), DOMAINS).min() >= SMALLEST
    assert weights(np.full((5, 4), np.nan), DOMAINS).min() >= SMALLEST


def test_correlations_are_those_of_the_rows_that_know_both():
    matrix = surprises(4, rows=500)
    assert correlations(matrix) == pytest.approx(np.corrcoef(matrix.T), abs=1e-6)
    matrix[:100, 0] = np.nan
    found = correlations(matrix)
    assert found[1:, 1:] == pytest.approx(np.corrcoef(matrix[:, 1:].T), abs=1e-6)
    assert found[0, 2] == pytest.approx(np.corrcoef(matrix[100:, [0, 2]].T)[0, 1], abs=0.02)


@given(
    arrays.arrays(
        np.float64,
        st.tuples(st.integers(1, 30), st.just(4)),
        elements=st.one_of(st.floats(-6, 6), st.just(float("nan"))),
    )
)
@settings(max_examples=60, deadline=None)
def test_contributions_add_up_to_a_score_between_0_and_1(matrix: np.ndarray):
    score, contributions = combine(matrix, DOMAINS)
    assert ((score >= 0) & (score < 1)).all()
    assert contributions.sum(axis=1) == pytest.approx(score)
    assert (contributions >= 0).all()


def test_little_in_many_and_much_in_one_both_reach_the_top():
    matrix = surprises(5)
    matrix[-2] = [2.2, 2.2, 2.2, 2.2]
    matrix[-1] = [0, 0, 6, 0]
    score, contributions = combine(matrix, DOMAINS)
    assert score[-2] > 0.98
    assert score[-1] > 0.98
    assert contributions[-1, 2] == pytest.approx(score[-1])


def test_what_is_unknown_adds_nothing():
    matrix = surprises(6)
    matrix[-2], matrix[-1] = [2, 2, 0, 0], [2, 2, np.nan, np.nan]
    score, contributions = combine(matrix, DOMAINS)
    assert score[-1] == score[-2]
    assert (contributions[-1, 2:] == 0).all()


def test_tail_share_is_the_share_at_least_as_large():
    assert tail_share(np.array([1.0, 3.0, 2.0, 3.0])).tolist() == [0.875, 0.25, 0.625, 0.25]
