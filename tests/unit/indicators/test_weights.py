import numpy as np
import pytest

from indicators.weights import LEARNT, correlations, loadings, terms, weights
from tests.unit.indicators.tables import surprises

DOMAINS = ["livelihood", "livelihood", "attendance", "learning"]


def test_what_domains_share_is_weighted_more():
    found = loadings(surprises(1), DOMAINS)
    assert found[:3].min() > 5 * found[3]


def test_the_data_decide_half_of_a_weight():
    found = weights(surprises(2), DOMAINS)
    assert found.mean() == pytest.approx(1)
    assert found.min() >= 1 - LEARNT
    assert found[:3].min() > found[3]


def test_weights_do_not_depend_on_the_last_bits_of_a_matrix_product():
    matrix = surprises(2)
    again = weights(matrix[::-1], DOMAINS)  # summed in another order
    assert weights(matrix, DOMAINS).tolist() == again.tolist()


def test_weights_are_alike_where_nothing_is_known():
    assert weights(np.full((5, 4), np.nan), DOMAINS).tolist() == [1, 1, 1, 1]


def test_correlations_are_those_of_the_rows_that_know_both():
    matrix = surprises(4, rows=500)
    assert correlations(matrix) == pytest.approx(np.corrcoef(matrix.T), abs=1e-6)
    matrix[:100, 0] = np.nan
    found = correlations(matrix)
    assert found[1:, 1:] == pytest.approx(np.corrcoef(matrix[:, 1:].T), abs=1e-6)
    assert found[0, 2] == pytest.approx(np.corrcoef(matrix[100:, [0, 2]].T)[0, 1], abs=0.02)


def test_terms_rise_with_the_surprise_and_what_is_unknown_adds_nothing():
    rising = np.repeat(np.linspace(-6, 6, 61)[:, None], 2, axis=1)
    found = terms(rising, np.array([1.0, 2.0]))
    assert (np.diff(found, axis=0) >= 0).all()
    assert found[30].tolist() == [0, 0]
    assert found[:, 1] == pytest.approx(2 * found[:, 0], abs=1e-5)
    assert terms(np.array([[np.nan, 1.0]]), np.ones(2)).tolist() == [[0.0, 0.35]]


def test_what_is_better_than_expected_takes_less_away_than_what_is_worse_adds():
    worse, better = terms(np.array([[2.0], [-2.0]]), np.ones(1))[:, 0]
    assert 0 < -better < worse
