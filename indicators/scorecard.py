"""The scorecard: a table that gives each reason its points, and a curve that turns their sum into a probability.

An indicator gets points by how surprising its change is (`change_z`): more where it is worse than expected, some taken
off where it is better, never fewer where the surprise is larger. So the score is monotone in every reason, whatever
labels it was learnt from, and anybody can add it up by hand. `POINTS_TO_DOUBLE` points double the odds before
calibration. The points are whole at the surprises of the table and linear in between.
"""

import hashlib
import json
from collections.abc import Sequence
from itertools import pairwise
from typing import Annotated, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, model_validator
from scipy.special import expit

Floats = NDArray[np.float64]

SURPRISES = (-2, -1, 0, 1, 2, 3, 4, 5)
"""Surprises at which a table states the points; beyond the first and the last, more says nothing more."""
EXPECTED = SURPRISES.index(0)

POINTS_TO_DOUBLE = 20
"""Points that double the odds, as credit scorecards have it (Siddiqi 2006)."""

POINTS_PER_LOG_ODDS = POINTS_TO_DOUBLE / float(np.log(2))

VERSION_LENGTH = 16


class Reason(BaseModel):
    """What one indicator adds: points at each of `SURPRISES`."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    indicator: str
    domain: str
    points: tuple[int, ...]

    @model_validator(mode="after")
    def _points_rise(self) -> Self:
        if len(self.points) != len(SURPRISES) or any(before > after for before, after in pairwise(self.points)):
            raise ValueError("points are stated for every surprise and do not fall")
        if self.points[EXPECTED] > 0:
            raise ValueError("what is as expected is no reason: it has no points above 0")
        return self


class Scorecard(BaseModel):
    """Points of every reason, and the calibration of their sum.

    The probability of a sum s of points is the logistic function of `intercept + slope * s`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    reasons: tuple[Reason, ...]
    intercept: float
    slope: Annotated[float, Field(gt=0)]

    @property
    def version(self) -> str:
        """The first `VERSION_LENGTH` hexadecimal digits of the SHA-256 of the content."""
        content = json.dumps(self.model_dump(mode="json"), ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(content.encode()).hexdigest()[:VERSION_LENGTH]

    def terms(self, names: Sequence[str], surprises: Floats) -> Floats:
        """What each indicator adds to the sum of points.

        Parameters
        ----------
        names : sequence of str
            Indicator of each column of `surprises`; one that the scorecard does not know adds nothing.
        surprises : (rows, indicators) float array
            `change_z`; NaN where unknown, which adds nothing.

        Returns
        -------
        (rows, indicators) float array that does not fall where a surprise rises.
        """
        points = {reason.indicator: reason.points for reason in self.reasons}
        known = np.isfinite(surprises)
        found = np.zeros(surprises.shape)
        for at, name in enumerate(names):
            if name in points:
                found[:, at] = np.interp(surprises[:, at], SURPRISES, points[name])
        return np.where(known, found, 0.0)

    def probability(self, statistic: Floats) -> Floats:
        """Probability (0–1) that hardship is found, given the sum of points."""
        return np.asarray(expit(self.intercept + self.slope * np.asarray(statistic)))

    def table(self) -> pl.DataFrame:
        """`indicator, domain` and the points at each of `SURPRISES` (`-2` … `5`), those with most points first."""
        rows = [(reason.indicator, reason.domain, *reason.points) for reason in self.reasons]
        columns = {"indicator": pl.String(), "domain": pl.String()} | {str(at): pl.Int64() for at in SURPRISES}
        found = pl.DataFrame(rows, schema=columns, orient="row")
        return found.sort("3", "5", "indicator", descending=[True, True, False])
