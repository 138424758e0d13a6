"""A proportion with what it was counted from and how sure it is: the form of every share in the figures."""

from typing import Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict
from scipy.stats import binomtest

NORMAL_95 = 1.959964


class Figures(BaseModel):
    """Base of every set of figures: it cannot be changed and holds nothing but numbers and names."""

    model_config = ConfigDict(frozen=True)


class Rate(Figures):
    """`hits` of `of` cases, with a 95 % interval from `low` to `high`; all null where there was no case."""

    hits: float
    of: int
    value: float | None
    low: float | None
    high: float | None

    @classmethod
    def counted(cls, hits: int, of: int) -> Self:
        """Share of `hits` in `of` independent cases with its Wilson score interval (Wilson 1927)."""
        if of == 0:
            return cls(hits=0, of=0, value=None, low=None, high=None)
        low, high = binomtest(hits, of).proportion_ci(confidence_level=0.95, method="wilson")
        return cls(hits=hits, of=of, value=hits / of, low=float(low), high=float(high))

    @classmethod
    def clustered(cls, hits: NDArray[np.int64], of: NDArray[np.int64], *, at_most_clusters: bool = True) -> Self:
        """Share of all `hits` in all cases `of`, given for each cluster of cases that may stand or fall together.

        The interval is Wilson's at the effective number of cases: as many as would have, if independent, the variance
        of the ratio between clusters (Kish 1965; Dean & Pagano 2015), and never more than there are clusters, since
        a handful of misses tells little of that variance: too wide rather than too narrow. Where a cluster's cases
        are nearly independent (a child's years without a hardship), `at_most_clusters` False bounds it by the cases.
        """
        hits, of = hits[of > 0], of[of > 0]
        clusters, total = len(of), int(of.sum())
        if total == 0:
            return cls(hits=0, of=0, value=None, low=None, high=None)
        value = float(hits.sum() / total)
        spread = float(((hits - value * of) ** 2).sum()) / total**2
        most = clusters if at_most_clusters else total
        effective = min(value * (1 - value) / spread, most) if spread > 0 else clusters
        low, high = _wilson(value, effective)
        return cls(hits=int(hits.sum()), of=total, value=value, low=low, high=high)

    @classmethod
    def expected(cls, mean: float, variance: float, of: int) -> Self:
        """Share whose number of hits is random with this `mean` and `variance`; a normal 95 % interval."""
        if of == 0:
            return cls(hits=0, of=0, value=None, low=None, high=None)
        spread = NORMAL_95 * variance**0.5
        low, high = max(0.0, mean - spread) / of, min(float(of), mean + spread) / of
        return cls(hits=mean, of=of, value=mean / of, low=low, high=high)


def _wilson(value: float, cases: float) -> tuple[float, float]:
    """Wilson's 95 % score interval of a share in `cases` cases, whose number need not be whole."""
    square = NORMAL_95**2 / cases
    middle = (value + square / 2) / (1 + square)
    half = (square * value * (1 - value) + square**2 / 4) ** 0.5 / (1 + square)
    return max(0.0, middle - half), min(1.0, middle + half)
