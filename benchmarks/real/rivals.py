"""Plain ways to list the largest drops, each with as many places a year as the system has.

All work on values standardised within the year; a person's last earlier value is the one before, however long ago. A
person without one cannot have dropped and is listed by `level` alone.

raw          last value less this one, in standard deviations of the year's values
rci          the same over the standard error of a difference, the correlation of successive values taken as reliability
             (Jacobson & Truax 1991)
regression   what a linear regression on the last value expected, less this one, in standard deviations
level        how low the value is, whatever it was before
"""

from collections.abc import Callable

import numpy as np
import polars as pl
from numpy.typing import NDArray

from benchmarks.real.cases import Case

Floats = NDArray[np.float64]

COMBINED: dict[str, Callable[[Floats], Floats]] = {
    "sum": lambda scores: np.where(np.isfinite(scores).any(axis=1), np.nansum(scores, axis=1), -np.inf),
    "largest": lambda scores: np.nan_to_num(scores, nan=-np.inf).max(axis=1),
}


def rankings(case: Case, rows: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """For each rival a score of every person and occasion, `person, occasion, score`; larger is listed first.

    Of a rule on several subjects, their sum and their largest are rivals of their own.
    """
    keyed = rows.select("person", "occasion", *(_standard(subject) for subject in case.subjects)).sort(
        "person", "occasion"
    )
    before = keyed.select(
        pl.col(subject).shift(1).forward_fill().over("person").alias(subject) for subject in case.subjects
    )
    now, last = keyed.select(case.subjects).to_numpy(), before.to_numpy()
    occasion = keyed["occasion"].to_numpy()
    found = {}
    for rule, scores in _scores(now, last, occasion).items():
        for how, combine in COMBINED.items():
            if len(case.subjects) > 1 or how == "sum":
                name = f"{rule}, {how}" if len(case.subjects) > 1 else rule
                found[name] = keyed.select("person", "occasion").with_columns(pl.Series("score", combine(scores)))
    return found


def _standard(subject: str) -> pl.Expr:
    value = pl.col(subject).cast(pl.Float64)
    return ((value - value.mean().over("occasion")) / value.std().over("occasion")).alias(subject)


def _scores(now: Floats, last: Floats, occasion: NDArray[np.int64]) -> dict[str, Floats]:
    """(rows, subjects) scores of each rule, NaN where it has none."""
    raw = last - now
    rci, regression = np.full_like(raw, np.nan), np.full_like(raw, np.nan)
    for year in np.unique(occasion):
        for subject in range(raw.shape[1]):
            known = (occasion == year) & np.isfinite(raw[:, subject])
            if known.sum() < 3:
                continue
            x, y = last[known, subject], now[known, subject]
            reliability = np.corrcoef(x, y)[0, 1]
            rci[known, subject] = raw[known, subject] / np.sqrt(2 * (1 - reliability))
            residual = np.polyval(np.polyfit(x, y, 1), x) - y
            regression[known, subject] = residual / residual.std()
    return {"level": -now, "raw": raw, "rci": rci, "regression": regression}


def first(scores: pl.DataFrame, places: pl.DataFrame) -> pl.DataFrame:
    """The first of each occasion, as many as `places` (`occasion, places`) gives: `person, occasion`."""
    return (
        scores.filter(pl.col("score").is_finite())
        .sort("occasion", "score", "person", descending=[False, True, False])
        .with_columns(pl.int_range(pl.len()).over("occasion").alias("rank"))
        .join(places, on="occasion")
        .filter(pl.col("rank") < pl.col("places"))
        .select("person", "occasion")
    )
