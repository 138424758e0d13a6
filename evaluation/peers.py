"""Published ways of finding the children whose records changed, to hold a run's flags against.

Each gives a score for every row of a panel, higher to be looked at first. A rule that looks at one indicator at a time
scores a child by the indicator that stands out most; the sum of all differences shows what combining alone would do.

Sources: Jacobson & Truax 1991 (reliable change index), Heise 1969 (reliability from three occasions), Roberts 1959
(exponentially weighted moving average), Liu, Ting & Zhou 2008 (isolation forest).
"""

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import IsolationForest

from evaluation.panel import Panel, correlation

Floats = NDArray[np.float64]

RELIABILITY = (0.05, 0.99)
"""Bounds of an estimated reliability."""

MEMORY = 0.3
"""Weight of the latest year in a child's moving average."""

LARGEST = 5.0
"""Standard deviations beyond which a change adds no more to a sum, so that one rare event does not outweigh all."""

TREES = 100
SEED = 20260401


def summed_change(panel: Panel) -> Floats:
    """Sum of the squares of all changes for the worse, in standard deviations of each indicator's changes."""
    worse = panel.worse * _over(panel.change, _spread(panel.change))
    total = (np.clip(np.nan_to_num(worse), 0.0, LARGEST) ** 2).sum(axis=1)
    return np.asarray(np.where(np.isfinite(worse).any(axis=1), total, np.nan))


def reliable_change(panel: Panel) -> Floats:
    """Largest change for the worse in standard errors of a difference, by each indicator's reliability.

    The error of a difference is SD · √(2 (1 − reliability)), which leaves out what truly changes in a child from year
    to year; reliability is the correlation one year apart, squared, over that two years apart.
    """
    one_year = correlation(panel.value, panel.value_before(1))
    two_years = correlation(panel.value, panel.value_before(2))
    ratio = np.divide(one_year**2, two_years, out=one_year.copy(), where=two_years > 0)
    error = _spread(panel.value) * np.sqrt(2 * (1 - np.clip(ratio, *RELIABILITY)))
    return _largest(panel.worse * _over(panel.change, error))


def own_average(panel: Panel) -> Floats:
    """Largest distance for the worse from the child's own moving average of the years before.

    Values are taken within their year, so that what meets all children is no change.
    """
    year = panel.rows["year"].to_numpy()
    standing = np.full_like(panel.value, np.nan)
    for each in np.unique(year):
        of_year = panel.value[year == each]
        standing[year == each] = _over(of_year - _mean(of_year), _spread(of_year))
    distance = standing - _average_before(panel, standing, year)
    return _largest(panel.worse * _over(distance, _spread(distance)))


def isolation(panel: Panel) -> Floats:
    """How few random cuts part a child's values and changes from all others'; what is unknown is taken as usual."""
    both = np.hstack([panel.value, panel.change])
    features = _over(both - _mean(both), _spread(both))
    forest = IsolationForest(n_estimators=TREES, random_state=SEED)
    forest.fit(np.nan_to_num(features))
    return np.asarray(-forest.score_samples(np.nan_to_num(features)))


def _average_before(panel: Panel, standing: Floats, year: NDArray[np.int64]) -> Floats:
    """Moving average of the standings before each row; NaN before the first that is known."""
    child = panel.rows["child"].rank("dense").to_numpy() - 1
    average = np.full((int(child.max(initial=0)) + 1, standing.shape[1]), np.nan)
    before = np.empty_like(standing)
    for each in np.unique(year):
        rows = year == each
        held, now = average[child[rows]], standing[rows]
        before[rows] = held
        moved = np.where(np.isfinite(held), (1 - MEMORY) * held + MEMORY * now, now)
        average[child[rows]] = np.where(np.isfinite(now), moved, held)
    return before


def _mean(values: Floats) -> Floats:
    known = np.isfinite(values)
    return np.asarray(np.where(known, values, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1))


def _spread(values: Floats) -> Floats:
    """Standard deviation of each column's known values; 0 where they do not vary."""
    return np.sqrt(_mean((values - _mean(values)) ** 2))


def _over(values: Floats, spread: Floats) -> Floats:
    """Values in spreads; unknown in a column without any."""
    return np.divide(values, spread, out=np.full_like(values, np.nan), where=spread > 0)


def _largest(scores: Floats) -> Floats:
    """Largest known score of each row; NaN where there is none."""
    return np.asarray(np.fmax.reduce(scores, axis=1, initial=np.nan))
