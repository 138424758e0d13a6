"""What this year's value would be expected to be, given the child's own earlier values, for quantities.

The model of a child's standing z in year t (already within the year's norm) is

    z_t = a + w_t + e_t,    w_t = ρ w_{t−1} + u_t

with a the child's lasting mean, w what comes and goes with memory ρ, e measurement error. The variances of a, w and e
and ρ are estimated from the data by matching the covariances of values 0, 1, 2 … years apart. The expectation is the
Kalman prediction, which is the empirical-Bayes shrinkage of the child's own history: a short or noisy history stays
near the norm, a long and steady one is trusted. A child's own variability is shrunk likewise, towards 1, by a scaled
inverse chi-square prior whose strength is estimated from how alike a child's squared surprises are, so that the
surprise is Student's t and is returned as the normal deviate of the same tail.

Sources: Laird & Ware 1982 (random effects), Harvey 1989 (state space), West & Harrison 1997 ch. 4 (unknown variance),
Morris 1983 (empirical Bayes), Wallace 1959 (normal deviate of t), Betebenner 2009 (conditional growth).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import nnls

Floats = NDArray[np.float64]

MEMORIES = np.arange(0.1, 0.95, 0.1)
"""Values of ρ tried; the one that fits best is taken."""
LONGEST_LAG = 6  # years
FEWEST_PAIRS = 50
"""Pairs of values below which a covariance is not trusted."""
OUTLIER = 3.0
"""Standings beyond this many spreads are pulled in while variances are estimated, not afterwards."""
SMALLEST_ERROR = 0.02
"""Variance of measurement error at least, as a share of that between children."""
WEAKEST_PRIOR, STRONGEST_PRIOR = 6.0, 200.0
"""Bounds of the prior's strength, in years of the child's own variability."""


@dataclass(frozen=True)
class Components:
    """Variances of the lasting mean, of what comes and goes, and of measurement error; the memory from year to year."""

    lasting: float
    passing: float
    error: float
    memory: float


@dataclass(frozen=True)
class Expectation:
    """Per child (rows) and year (columns): the expected standing, its deviation, and the surprise, a normal deviate.

    `earlier` is how many earlier values of the child's own it rests on; without any it is the norm.
    """

    mean: Floats
    deviation: Floats
    surprise: Floats
    earlier: NDArray[np.int64]


def estimate_components(standing: Floats) -> Components:
    """Match the variance components to the lagged covariances.

    Parameters
    ----------
    standing : (children, years) float array
        NaN where unknown.
    """
    z = np.clip(standing, -OUTLIER, OUTLIER)
    z = z - np.nanmean(z) if np.isfinite(z).any() else z
    lags, covariances, pairs = _lagged_covariances(z)
    total = float(np.nanvar(z)) if np.isfinite(z).any() else 1.0
    if not len(lags):
        return Components(0.0, 0.0, max(total, SMALLEST_ERROR), 0.5)
    weight = np.sqrt(pairs)
    fits = []
    for memory in MEMORIES:
        design = np.column_stack([np.ones(len(lags)), memory**lags])
        (lasting, passing), misfit = nnls(design * weight[:, None], covariances * weight)
        fits.append((misfit, float(memory), float(lasting), float(passing)))
    _, memory, lasting, passing = min(fits)
    shared = lasting + passing
    limit = max(total - SMALLEST_ERROR, 0.0)
    shrink = min(1.0, limit / shared) if shared > 0 else 1.0
    return Components(lasting * shrink, passing * shrink, max(total - shared * shrink, SMALLEST_ERROR), memory)


def _lagged_covariances(z: Floats) -> tuple[Floats, Floats, Floats]:
    found = []
    for lag in range(1, min(LONGEST_LAG, z.shape[1] - 1) + 1):
        products = z[:, lag:] * z[:, :-lag]
        known = int(np.isfinite(products).sum())
        if known >= FEWEST_PAIRS:
            found.append((float(lag), float(np.nanmean(products)), float(known)))
    lags, covariances, pairs = np.array(found).reshape(-1, 3).T
    return lags, covariances, pairs


def expect(standing: Floats) -> Expectation:
    """Expected standing of each child and year from the years before it alone.

    Parameters
    ----------
    standing : (children, years) float array
        Distance from the year's norm in spreads; NaN where unknown. Columns are consecutive years.
    """
    mean, deviation = predict(standing, estimate_components(standing))
    raw = (standing - mean) / deviation
    prior = _prior_strength(raw)
    known = np.isfinite(raw)
    squares = np.where(known, raw, 0.0) ** 2
    earlier_sum = np.cumsum(squares, axis=1) - squares
    earlier_count = np.cumsum(known, axis=1) - known
    strength = prior + earlier_count
    own = np.sqrt((prior + earlier_sum) / strength)
    return Expectation(mean, deviation * own, _normal_deviate(raw / own, strength), earlier_count)


def predict(standing: Floats, components: Components) -> tuple[Floats, Floats]:
    """One-step predictions (mean, deviation) of the two-state Kalman filter, each from the years before it alone.

    Parameters
    ----------
    standing : (children, years) float array
        NaN where unknown.
    components : Components
        Of the model above.
    """
    children, years = standing.shape
    lasting, passing = np.zeros(children), np.zeros(children)
    var_lasting = np.full(children, components.lasting)
    var_passing = np.full(children, components.passing)
    between = np.zeros(children)
    memory, mean, variance = components.memory, np.empty_like(standing), np.empty_like(standing)
    for year in range(years):
        if year:
            passing = memory * passing
            var_passing = memory**2 * var_passing + (1 - memory**2) * components.passing
            between = memory * between
        mean[:, year] = lasting + passing
        variance[:, year] = var_lasting + 2 * between + var_passing + components.error
        known = np.isfinite(standing[:, year])
        missed = np.where(known, standing[:, year] - mean[:, year], 0.0)
        gain_lasting = np.where(known, (var_lasting + between) / variance[:, year], 0.0)
        gain_passing = np.where(known, (var_passing + between) / variance[:, year], 0.0)
        lasting = lasting + gain_lasting * missed
        passing = passing + gain_passing * missed
        var_lasting, between, var_passing = (
            var_lasting - gain_lasting * (var_lasting + between),
            between - gain_lasting * (var_passing + between),
            var_passing - gain_passing * (var_passing + between),
        )
    return mean, np.sqrt(variance)


def _prior_strength(raw: Floats) -> float:
    """Degrees of freedom of the prior of a child's own variance, from the covariance of squared surprises.

    For a scaled inverse chi-square of mean 1 the variance of a child's own variance is 2 / (ν − 4).
    """
    square = np.clip(raw, -OUTLIER, OUTLIER) ** 2
    known = np.isfinite(square)
    square = np.where(known, square - np.mean(square[known]) if known.any() else 0.0, 0.0)
    count = known.sum(axis=1)
    pairs = float((count * (count - 1)).sum())
    if pairs < FEWEST_PAIRS:
        return STRONGEST_PRIOR
    covariance = float((square.sum(axis=1) ** 2 - (square**2).sum(axis=1)).sum()) / pairs
    if covariance <= 2 / (STRONGEST_PRIOR - 4):
        return STRONGEST_PRIOR
    return float(np.clip(4 + 2 / covariance, WEAKEST_PRIOR, STRONGEST_PRIOR))


def _normal_deviate(t: Floats, freedom: Floats) -> Floats:
    """Normal deviate with the tail probability of Student's t (Wallace 1959, error below .03 for five degrees up)."""
    size = np.sqrt(freedom * np.log1p(t**2 / freedom))
    return np.sign(t) * size * (8 * freedom + 1) / (8 * freedom + 3)
