"""What a list could reach that knew the size of the drops and in how many subjects they are.

Each value is regressed on the whole history of all subjects (last value, mean and number of earlier ones), within the
year. The score is the likelihood ratio of the residuals with the drop against without, residuals taken as normal with
the year's covariance; where one subject drops, the average over which one it may be. No rule for real use: it is told
what to look for.
"""

import numpy as np
import polars as pl
from numpy.typing import NDArray
from sklearn.linear_model import LinearRegression

from benchmarks.real.cases import Case
from benchmarks.real.deliver import DROP

Floats = NDArray[np.float64]


def told(case: Case, rows: pl.DataFrame, subjects: int) -> pl.DataFrame:
    """The score of every person and occasion with a value: `person, occasion, score`."""
    keyed = rows.sort("person", "occasion").select(
        "person", "occasion", *(_standard(subject) for subject in case.subjects)
    )
    past = keyed.select(feature for subject in case.subjects for feature in _past(subject))
    features = past.fill_null(0.0).to_numpy()
    now = keyed.select(case.subjects).to_numpy()
    occasion = keyed["occasion"].to_numpy()
    score = np.full(len(now), -np.inf)
    for year in np.unique(occasion[occasion > 0]):
        at = occasion == year
        score[at] = _ratio(_residuals(features[at], now[at]), subjects)
    return keyed.select("person", "occasion").with_columns(pl.Series("score", score))


def _standard(subject: str) -> pl.Expr:
    value = pl.col(subject).cast(pl.Float64)
    return ((value - value.mean().over("occasion")) / value.std().over("occasion")).alias(subject)


def _past(subject: str) -> list[pl.Expr]:
    before = pl.col(subject).shift(1)
    number = before.is_not_null().cum_sum().over("person")
    mean = before.fill_null(0.0).cum_sum().over("person") / number
    last = before.forward_fill().over("person")
    known = {"last": last, "mean": pl.when(number > 0).then(mean), "number": number.cast(pl.Float64)}
    return [expression.over("person").alias(f"{subject} {name}") for name, expression in known.items()]


def _residuals(features: Floats, now: Floats) -> Floats:
    """How far each value is below what is expected, 0 where there is none."""
    below = np.zeros_like(now)
    for subject, values in enumerate(now.T):
        known = np.isfinite(values)
        expected = LinearRegression().fit(features[known], values[known]).predict(features[known])
        below[known, subject] = expected - values[known]
    return below


def _ratio(below: Floats, subjects: int) -> Floats:
    """Log likelihood ratio of a drop in `subjects` of the columns, averaged over which."""
    number = below.shape[1]
    precision = np.linalg.inv(np.atleast_2d(np.cov(below, rowvar=False)))
    shapes = [np.full(number, DROP)] if subjects == number else list(DROP * np.eye(number))
    ratios = [below @ precision @ shape - shape @ precision @ shape / 2 for shape in shapes]
    return np.asarray(np.logaddexp.reduce(ratios, axis=0))
