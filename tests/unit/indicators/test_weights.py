import numpy as np
import pytest

from indicators.weights import SMALLEST, correlations, loadings, weights
from tests.unit.indicators.tables import surprises

DOMAINS = ["livelihood", "livelihood", "attendance", "learning"]


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
