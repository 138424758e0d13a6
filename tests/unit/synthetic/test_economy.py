import numpy as np
import pytest

from synthetic.clock import Clock
from synthetic.economy import POOR_BELOW, benefits, poor, usual_income

CLOCK = Clock(2010, 2014, 1)
FAMILIES = 4_000


def test_income_is_lower_in_one_parent_homes():
    apart, together = (usual_income(1, np.full((FAMILIES, 4), lone), CLOCK) for lone in (True, False))
    assert (apart < together).all()
    assert together.std() == pytest.approx(1, abs=0.05)


def test_income_of_two_years_is_alike_but_not_the_same():
    income = usual_income(1, np.full((FAMILIES, 4), False), CLOCK)
    assert 0.8 < np.corrcoef(income[:, 0], income[:, 1])[0, 1] < 0.95


def test_poverty_is_this_years_income_and_benefits_come_late():
    income = np.full((FAMILIES, 4), 0.0)
    income[:, 2:] = POOR_BELOW - 0.6
    economy = benefits(1, income, np.full((FAMILIES, 4), False), CLOCK)
    assert economy.poor.all(axis=0).tolist() == [False, False, True, True]
    exempt = economy.tax_exempt.mean(axis=0)
    assert exempt[1] < 0.01 < exempt[2] < 0.5 < exempt[3]


def test_child_rearing_allowance_is_for_one_parent_homes_and_falls_with_income():
    income = np.repeat([[-2.0], [-0.4], [2.0]], FAMILIES, axis=0) * np.ones((1, 4))
    apart = benefits(1, income, np.full(income.shape, True), CLOCK).allowance.reshape(3, FAMILIES, 4)
    assert np.diff(apart.mean(axis=(1, 2))).max() < 0
    assert not benefits(1, income, np.full(income.shape, False), CLOCK).allowance.any()


def test_poor_is_below_the_line():
    assert poor(np.array([POOR_BELOW - 0.1, POOR_BELOW])).tolist() == [True, False]
