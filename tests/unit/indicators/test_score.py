import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from indicators.score import Scores
from indicators.score import combine as combine_table
from tests.unit.indicators.tables import surprises

DOMAINS = ["livelihood", "livelihood", "attendance", "learning"]
NAMES = ("a", "b", "c", "d")


def combine(matrix: np.ndarray, years: np.ndarray | None = None) -> Scores:
    rows = pl.DataFrame({"row": range(len(matrix)), "year": np.full(len(matrix), 2024) if years is None else years})
    return combine_table(rows, NAMES, matrix, DOMAINS)


def scored(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Scores and contributions of every row."""
    scores = combine(matrix)
    return scores.table["score"].to_numpy(), scores.parts(scores.table["row"]).contributions


@given(
    arrays.arrays(
        np.float64,
        st.tuples(st.integers(1, 30), st.just(4)),
        elements=st.one_of(st.floats(-6, 6), st.just(float("nan"))),
    )
)
@settings(max_examples=60, deadline=None)
def test_contributions_add_up_to_a_score_between_0_and_1(matrix: np.ndarray):
    score, contributions = scored(matrix)
    assert ((score >= 0) & (score < 1)).all()
    assert contributions.sum(axis=1) == pytest.approx(score)
    assert (contributions >= 0).all()


def test_little_in_many_and_much_in_one_both_reach_the_top():
    matrix = surprises(5)
    matrix[-2] = [2.2, 2.2, 2.2, 0.5]
    matrix[-1] = [0, 0, 5, 0]
    score, contributions = scored(matrix)
    assert (score < score[-2]).mean() > 0.98
    assert (score < score[-1]).mean() > 0.98
    assert contributions[-1, 2] == score[-1]


def test_what_is_unknown_adds_nothing():
    matrix = surprises(6)
    matrix[-2], matrix[-1] = [2, 2, -5, np.nan], [2, 2, np.nan, np.nan]
    scores = combine(matrix)
    assert (scores.terms[-1, 2:] == 0).all()
    assert scores.terms[-2, 2] < 0
    assert (scores.parts(scores.table["row"]).contributions[-2:, 2:] == 0).all()


def test_where_nothing_is_worse_than_expected_the_score_and_its_parts_are_zero():
    matrix = surprises(7)
    matrix[-2], matrix[-1] = [-2, -2, -2, -2], [np.nan] * 4
    score, contributions = scored(matrix)
    assert score[-2:].tolist() == [0, 0]
    assert (contributions[-2:] == 0).all()


def test_the_score_is_a_probability_that_means_the_same_in_a_calm_and_in_a_hard_year():
    chance = np.random.default_rng(8)
    years = np.repeat([2023, 2024], 20_000)
    struck = chance.random(40_000) < np.where(years == 2023, 0.01, 0.06)
    matrix = chance.normal(size=(40_000, 4))
    matrix[struck] += 2.0
    scores = combine(matrix, years)
    score = scores.table["score"].to_numpy()
    for year in (2023, 2024):
        sure = (years == year) & (score >= 0.5)
        assert struck[sure].mean() >= score[sure].mean() - 0.08
        assert struck[(years == year) & (score < 0.02)].mean() < 0.02
    share = dict(scores.share.iter_rows())
    assert share[2024] > 2 * share[2023]


class Fixed:
    """A scorecard that counts what is above 1."""

    def terms(self, names: tuple[str, ...], surprises: np.ndarray) -> np.ndarray:
        assert names == NAMES
        return np.maximum(np.nan_to_num(surprises) - 1, 0.0)

    def probability(self, statistic: np.ndarray) -> np.ndarray:
        return statistic / (1 + statistic)


def test_a_scorecard_decides_the_score_where_there_is_one():
    matrix = np.array([[2.0, 1.0, np.nan, 4.0], [0.0, 0.0, 0.0, 0.0]])
    table = pl.DataFrame({"row": [0, 1], "year": [2023, 2024]})
    scores = combine_table(table, NAMES, matrix, DOMAINS, Fixed())
    assert scores.table["score"].to_list() == [0.8, 0.0]
    assert scores.parts(table["row"]).contributions[0].tolist() == pytest.approx([0.2, 0, 0, 0.6])
    assert scores.share["share"].to_list() == [None, None]
