"""Whether a flag's score, stated as a probability, comes true as often as it says: on the list and on all child-years.

A case is a child and year; it comes true where the truth has an onset of the child in that year or the one before.

Sources: Brier 1950; Naeini, Cooper & Hauskrecht 2015 (expected calibration error); Holm 1979 (several years tested
together); Hanley & McNeil 1982 (area under the ROC curve).
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.stats import norm, rankdata

from evaluation.calibration import CalibrationBin
from evaluation.estimate import SEED, Estimate, estimates, per_child
from evaluation.holm import beyond_chance
from evaluation.judgement import Scene, hits, share
from evaluation.rate import Figures, Rate

Floats = NDArray[np.float64]

BINS = 10
PERFECT_ROUNDS = 200


class Reliability(Figures):
    """Stated against observed over one set of cases.

    `error` is the expected calibration error over ten bins of equal width; `error_if_right` is the highest that 95 of
    100 sets of as many cases would show if every score were exactly right. `brier` is the mean squared difference
    between score and outcome, `brier_of_base` that of stating the observed share for everyone. `p_value` is the chance
    of a difference between stated and observed as large as this if the scores were right and cases independent.
    """

    cases: int
    stated: float | None
    observed: Rate
    error: Estimate
    error_if_right: float | None
    brier: Estimate
    brier_of_base: float | None
    p_value: float | None
    bins: tuple[CalibrationBin, ...]


class YearReliability(Figures):
    """One year's list: what its scores stated on average and what came true; `off` where they differ beyond chance."""

    year: int
    stated: float
    observed: Rate
    off: bool


class ScoreQuality(Figures):
    """The score on the listed cases, on all cases where their scores are known, and on each year's list.

    `auc` is the chance that of two child-years the one that comes true has the higher score.
    """

    listed: Reliability
    everyone: Reliability | None
    auc: Estimate | None
    by_year: tuple[YearReliability, ...]


def score_quality(listed: pl.DataFrame, everyone: pl.DataFrame | None, judged: Scene) -> ScoreQuality | None:
    """Hold scores against outcomes; None where nothing listed has one.

    Parameters
    ----------
    listed, everyone
        `child, year, score` of the listed child-years, and of all.
    judged
        What they are judged on.
    """
    listed = listed.drop_nulls("score")
    if listed.is_empty():
        return None
    cases = hits(listed, judged)
    whole = None if everyone is None else hits(everyone.join(judged.present, on=["child", "year"], how="semi"), judged)
    return ScoreQuality(
        listed=reliability(cases),
        everyone=None if whole is None else reliability(whole),
        auc=None if whole is None else _auc(whole),
        by_year=_by_year(cases),
    )


def reliability(cases: pl.DataFrame) -> Reliability:
    """Hold `score` against `hit` over cases (`child, score, hit`)."""
    binned = cases.with_columns(
        bin=(pl.col("score") * BINS).floor().clip(0, BINS - 1).cast(pl.Int64), true=pl.col("hit").cast(pl.Float64)
    )
    score, true = binned["score"].to_numpy(), binned["true"].to_numpy()
    error, brier = _resampled(binned)
    observed = share(cases, pl.col("hit"))
    base = observed.value
    return Reliability(
        cases=cases.height,
        stated=float(score.mean()) if score.size else None,
        observed=observed,
        error=error,
        error_if_right=_error_if_right(score, binned["bin"].to_numpy()),
        brier=brier,
        brier_of_base=None if base is None else base * (1 - base),
        p_value=_p_value(score, true),
        bins=tuple(_bin(binned.filter(pl.col("bin") == at), at) for at in range(BINS)),
    )


def _bin(cases: pl.DataFrame, at: int) -> CalibrationBin:
    stated: Any = cases["score"].mean()
    return CalibrationBin(above=at / BINS, upto=(at + 1) / BINS, stated=stated, observed=share(cases, pl.col("hit")))


def _resampled(binned: pl.DataFrame) -> tuple[Estimate, Estimate]:
    """Expected calibration error and Brier score, with intervals over children."""
    off = [f"off_{at}" for at in range(BINS)]
    difference = pl.col("true") - pl.col("score")
    columns = binned.with_columns(
        *[pl.when(pl.col("bin") == at).then(difference).otherwise(0.0).alias(name) for at, name in enumerate(off)],
        squared=difference**2,
        cases=pl.lit(1.0),
    )
    totals = per_child(columns, [*off, "squared", "cases"])
    error, brier = estimates(
        totals,
        lambda sums: np.abs(sums[:, :BINS]).sum(axis=1) / sums[:, -1],
        lambda sums: sums[:, -2] / sums[:, -1],
    )
    return error, brier


def _error_if_right(score: Floats, bins: NDArray[np.int64]) -> float | None:
    """95th percentile of the calibration error of outcomes drawn by the scores themselves."""
    if not score.size:
        return None
    chance = np.random.default_rng(SEED)
    stated = np.clip(score, 0.0, 1.0)
    drawn = [
        np.abs(np.bincount(bins, (chance.random(score.size) < stated) - stated, minlength=BINS)).sum() / score.size
        for _ in range(PERFECT_ROUNDS)
    ]
    return float(np.percentile(drawn, 95))


def _p_value(score: Floats, true: Floats) -> float | None:
    """Normal test of calibration in the large: the sum of differences over its deviation if the scores are right."""
    variance = float((score * (1 - score)).sum())
    return float(2 * norm.sf(abs(float((true - score).sum())) / variance**0.5)) if variance > 0 else None


def _auc(cases: pl.DataFrame) -> Estimate:
    """Area under the ROC curve, with Hanley and McNeil's interval at the number of children instead of years."""
    true = cases["hit"].to_numpy()
    positive, negative = int(true.sum()), int((~true).sum())
    if not (positive and negative):
        return Estimate(value=None)
    rank = rankdata(cases["score"].to_numpy())
    area = (float(rank[true].sum()) - positive * (positive + 1) / 2) / (positive * negative)
    children = cases.filter("hit")["child"].n_unique()
    one, two = area / (2 - area), 2 * area**2 / (1 + area)
    spread = (area * (1 - area) + (children - 1) * (one - area**2) + (children - 1) * (two - area**2)) / children**2
    half = norm.ppf(0.975) * spread**0.5
    return Estimate(value=area, low=max(0.0, area - half), high=min(1.0, area + half))


def _by_year(cases: pl.DataFrame) -> tuple[YearReliability, ...]:
    years = sorted(cases["year"].unique())
    parts = [cases.filter(pl.col("year") == year) for year in years]
    p_values: Sequence[float | None] = [
        _p_value(part["score"].to_numpy(), part["hit"].cast(pl.Float64).to_numpy()) for part in parts
    ]
    found = []
    for year, part, off in zip(years, parts, beyond_chance(p_values), strict=True):
        stated: Any = part["score"].mean()
        found.append(YearReliability(year=year, stated=stated, observed=share(part, pl.col("hit")), off=off))
    return tuple(found)
