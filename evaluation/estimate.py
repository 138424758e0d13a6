"""A figure with its interval from resampled children: the form of every figure that is no plain share.

The years of one child stand or fall together, so children are drawn, not years. Each child is given a Poisson(1) weight
(Hanley & MacGibbon 2006), which for many children is the bootstrap and costs one product of matrices. Figures that are
compared are resampled with the same weights, so that their difference has an interval of its own.
"""

from collections.abc import Callable, Sequence
from typing import Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from evaluation.rate import Figures

Floats = NDArray[np.float64]

ROUNDS = 1000
SEED = 20260401
AT_ONCE = 50
"""Rounds of one product, so that the weights of a large city fit into memory."""

INTERVAL = (2.5, 97.5)


class Estimate(Figures):
    """A figure with its 95 % interval from `low` to `high`; all null where there was nothing to count."""

    value: float | None
    low: float | None = None
    high: float | None = None

    @classmethod
    def resampled(cls, value: float, draws: Floats) -> Self:
        """The figure with the percentiles of its resampled values; those that could not be formed are left out."""
        if not np.isfinite(value):
            return cls(value=None)
        known = draws[np.isfinite(draws)]
        if not known.size:
            return cls(value=float(value))
        low, high = np.percentile(known, INTERVAL)
        return cls(value=float(value), low=float(low), high=float(high))


def resample(totals: Floats, *, rounds: int = ROUNDS) -> Floats:
    """Sums of the columns over resampled children.

    Parameters
    ----------
    totals : (children, columns) float array
        What each child adds to each sum. A child that adds nothing to any may be left out.
    rounds
        How many samples are drawn; always the same ones.

    Returns
    -------
    (rounds, columns) float array.
    """
    chance = np.random.default_rng(SEED)
    parts = [
        chance.poisson(1.0, size=(min(AT_ONCE, rounds - done), len(totals))).astype(np.float64) @ totals
        for done in range(0, rounds, AT_ONCE)
    ]
    return np.concatenate(parts)


def estimates(totals: Floats, *figures: Callable[[Floats], Floats]) -> tuple[Estimate, ...]:
    """Figures of sums, each with its interval.

    Parameters
    ----------
    totals : (children, columns) float array
        As `resample` takes it.
    figures
        Each gives (n,) figures of (n, columns) sums; NaN where one cannot be formed.
    """
    whole, drawn = totals.sum(axis=0, keepdims=True), resample(totals)
    with np.errstate(divide="ignore", invalid="ignore"):
        return tuple(Estimate.resampled(float(figure(whole)[0]), figure(drawn)) for figure in figures)


def per_child(rows: pl.DataFrame, columns: Sequence[str]) -> Floats:
    """Sums of `columns` of each `child` of the rows, as `resample` takes them."""
    sums = rows.group_by("child", maintain_order=True).agg(pl.col(columns).cast(pl.Float64).sum())
    return sums.select(columns).to_numpy()
