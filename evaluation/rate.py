"""A proportion with what it was counted from and how sure it is: the form of every share in the figures."""

from typing import Self

from pydantic import BaseModel, ConfigDict
from scipy.stats import binomtest


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
    def expected(cls, mean: float, variance: float, of: int) -> Self:
        """Share whose number of hits is random with this `mean` and `variance`; a normal 95 % interval."""
        if of == 0:
            return cls(hits=0, of=0, value=None, low=None, high=None)
        spread = 1.959964 * variance**0.5
        low, high = max(0.0, mean - spread) / of, min(float(of), mean + spread) / of
        return cls(hits=mean, of=of, value=mean / of, low=low, high=high)
