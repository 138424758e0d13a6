import numpy as np
import pytest
from scipy.stats import norm

from indicators.transitions import UNKNOWN, UNRECORDED, history, surprise


def ages(states: np.ndarray) -> list[np.ndarray]:
    return [np.zeros_like(states)]


def test_a_rare_step_is_as_surprising_as_it_is_rare():
    states = np.zeros((10_000, 3), dtype=np.int64)
    states[:100, 2] = 1
    found = surprise(states, ages(states), 1)
    assert found[0, 2] == pytest.approx(norm.isf(0.005), abs=0.02)
    assert abs(found[5000, 2]) < 0.05


def test_a_step_a_whole_cohort_takes_in_one_year_is_no_surprise():
    states = np.zeros((4000, 6), dtype=np.int64)
    states[:, 4:] = 1
    states[:100, 2] = 1
    found = surprise(states, ages(states), 1)
    assert found[1000, 4] < 0.3
    assert found[0, 2] > 1.8


def test_a_first_entry_is_more_surprising_than_a_return():
    chance = np.random.default_rng(1)
    states = np.zeros((20_000, 8), dtype=np.int64)
    prone = np.arange(20_000) < 1000
    for year in range(8):
        states[:, year] = chance.random(20_000) < np.where(prone, 0.4, 0.01)
    states[0] = [1, 0, 0, 0, 0, 0, 0, 1]
    states[5000] = [0, 0, 0, 0, 0, 0, 0, 1]
    found = surprise(states, ages(states), 1)
    assert found[5000, 7] > found[0, 7] + 0.5


def test_entering_the_records_is_compared_with_all_who_are_not_in_them():
    states = np.full((5000, 3), UNRECORDED)
    states[:50, 2] = 1
    states[50:60, 2] = 0
    found = surprise(states, ages(states), 1)
    assert found[0, 2] == pytest.approx(norm.isf(0.005), abs=0.05)
    assert found[55, 2] < 0.1


def test_who_was_not_seen_is_not_judged():
    states = np.array([[UNKNOWN, 0, 1], [0, UNKNOWN, 0]])
    found = surprise(states, ages(states), 1)
    assert np.isnan(found[states == UNKNOWN]).all()
    assert np.isfinite(found[states != UNKNOWN]).all()


def test_history_looks_back_over_gaps():
    states = np.array([[2, UNKNOWN, 0, UNRECORDED, 1]])
    last, highest = history(states)
    assert last.tolist() == [[UNKNOWN, 2, 2, 0, UNRECORDED]]
    assert highest.tolist() == [[UNKNOWN, 2, 2, 2, 2]]


def test_higher_states_are_never_less_surprising():
    chance = np.random.default_rng(2)
    states = chance.integers(0, 4, (500, 2))
    found = surprise(states, ages(states), 3)
    for last in range(4):
        rows = states[:, 0] == last
        order = np.argsort(states[rows, 1])
        assert (np.diff(found[rows, 1][order]) >= -1e-9).all()
