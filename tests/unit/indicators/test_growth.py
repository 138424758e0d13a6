import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators.growth import Components, estimate_components, expect, predict


def histories(seed: int, children: int, years: int, parts: Components) -> np.ndarray:
    """Standings drawn from the model itself."""
    chance = np.random.default_rng(seed)
    passing = np.zeros((children, years))
    passing[:, 0] = chance.normal(size=children)
    for year in range(1, years):
        fresh = chance.normal(size=children) * np.sqrt(1 - parts.memory**2)
        passing[:, year] = parts.memory * passing[:, year - 1] + fresh
    lasting = chance.normal(size=(children, 1)) * np.sqrt(parts.lasting)
    error = chance.normal(size=(children, years)) * np.sqrt(parts.error)
    return lasting + np.sqrt(parts.passing) * passing + error


@pytest.mark.parametrize(
    "parts", [Components(0.6, 0.2, 0.2, 0.6), Components(0.2, 0.6, 0.2, 0.8), Components(0.7, 0.0, 0.3, 0.5)]
)
def test_variance_components_are_recovered(parts: Components):
    found = estimate_components(histories(1, 20_000, 8, parts))
    assert found.error == pytest.approx(parts.error, abs=0.06)
    assert found.lasting + found.passing == pytest.approx(parts.lasting + parts.passing, abs=0.06)
    for lag in (1, 2, 4):
        expected = parts.lasting + parts.passing * parts.memory**lag
        assert found.lasting + found.passing * found.memory**lag == pytest.approx(expected, abs=0.04)


@given(
    shares=st.tuples(*[st.floats(0.05, 1)] * 3),
    memory=st.floats(0.1, 0.9),
    seed=st.integers(0, 1000),
    missing=st.floats(0, 0.6),
)
@settings(max_examples=40, deadline=None)
def test_the_filter_is_the_conditional_normal_expectation(
    shares: tuple[float, float, float], memory: float, seed: int, missing: float
):
    parts = Components(*shares, memory)
    chance = np.random.default_rng(seed)
    standing = np.where(chance.random((3, 6)) < missing, np.nan, chance.normal(size=(3, 6)))
    mean, deviation = predict(standing, parts)
    years = np.arange(6)
    shared = parts.lasting + parts.passing * memory ** np.abs(years[:, None] - years)
    for child in range(3):
        for year in range(6):
            past = np.flatnonzero(np.isfinite(standing[child, :year]))
            seen = shared[np.ix_(past, past)] + parts.error * np.eye(len(past))
            gain = np.linalg.solve(seen, shared[past, year]) if len(past) else np.zeros(0)
            assert mean[child, year] == pytest.approx(gain @ standing[child, past])
            variance = shared[year, year] + parts.error - gain @ shared[past, year]
            assert deviation[child, year] ** 2 == pytest.approx(variance)


def test_where_nothing_changed_the_surprises_are_standard_normal():
    surprise = expect(histories(2, 20_000, 6, Components(0.5, 0.25, 0.25, 0.6))).surprise
    assert np.abs(surprise.mean(axis=0)).max() < 0.03
    assert np.abs(surprise.std(axis=0) - 1).max() < 0.04
    assert (surprise > 1.96).mean() == pytest.approx(0.025, abs=0.004)


def test_children_who_vary_more_by_nature_surprise_less():
    standing = histories(3, 4000, 10, Components(0.5, 0.0, 0.5, 0.5))
    restless = np.arange(4000) < 1000
    standing[restless] *= 2.5
    standing[[0, 1500], 9] = 6.0
    found = expect(standing)
    assert found.deviation[restless, 9].mean() > 1.5 * found.deviation[~restless, 9].mean()
    late = found.surprise[:, 6:]
    assert late[restless].std() < 1.5


def test_a_long_steady_history_is_trusted_more_than_a_short_one():
    standing = histories(4, 3000, 6, Components(0.8, 0.0, 0.2, 0.5))
    standing[0] = [2, 2, 2, 2, 2, 2]
    standing[1] = [np.nan] * 4 + [2, 2]
    found = expect(standing)
    assert found.mean[0, 5] > found.mean[1, 5] > 1
    assert list(found.earlier[1]) == [0, 0, 0, 0, 0, 1]


def test_unknown_stays_unknown_and_a_lone_child_does_no_harm():
    found = expect(np.array([[np.nan, 0.3, np.nan]]))
    assert np.isnan(found.surprise[0, [0, 2]]).all()
    assert np.isfinite(found.surprise[0, 1])
