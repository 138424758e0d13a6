import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from indicators.score import combine as combine_table
from indicators.score import tail_share
from tests.unit.indicators.tables import surprises

DOMAINS = ["livelihood", "livelihood", "attendance", "learning"]


def combine(matrix: np.ndarray, domains: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Scores and contributions of every row."""
    rows = pl.Series(range(len(matrix)), dtype=pl.UInt32)
    scores = combine_table(rows.to_frame("row"), ("a", "b", "c", "d"), matrix, domains)
    return scores.table["score"].to_numpy(), scores.parts(rows).contributions


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


def test_where_nothing_is_worse_than_expected_the_score_and_its_parts_are_zero():
    matrix = surprises(7)
    matrix[-2], matrix[-1] = [-1, -2, 0, -1], [np.nan] * 4
    score, contributions = combine(matrix, DOMAINS)
    assert score[-2:].tolist() == [0, 0]
    assert (contributions[-2:] == 0).all()


def test_tail_share_is_the_share_at_least_as_large():
    assert tail_share(np.array([1.0, 3.0, 2.0, 3.0])).tolist() == [0.875, 0.25, 0.625, 0.25]
