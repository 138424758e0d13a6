import numpy as np
import pytest

from indicators.weights import LEARNT, correlations, loadings, weights
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
