"""Orders in which the children of a year could be looked at: by a run's flags, and by the plain rules beside them.

A ranking is a frame `child, year, place`, with places from 1 in each year.
"""

import numpy as np
import polars as pl
from numpy.typing import NDArray

TIE_SEED = 20260401
"""Children with the same score stand in an arbitrary order, the same in every evaluation."""


def by_flags(flags: pl.DataFrame) -> pl.DataFrame:
    """Order children by their best flag of the year, whose `kind`, `score` and `already_supported` go with them.

    `flags` is FLAGS with `child` beside the person.
    """
    best = flags.sort("year", "rank", "kind", "child").unique(["child", "year"], keep="first", maintain_order=True)
    place = pl.int_range(1, pl.len() + 1).over("year")
    return best.select("child", "year", "kind", "score", "already_supported", place=place)


def by_raw_difference(indicators: pl.DataFrame) -> pl.DataFrame:
    """Order children by their largest change for the worse, in standard deviations of that indicator's changes.

    This is the plain threshold: no history of the child's own, no norm of the year. The direction that is worse is
    the one `change_z` takes as worse in most rows of the indicator. `indicators` is INDICATORS with `child`.
    """
    changes = indicators.filter(pl.col("change").is_finite())
    worse = (pl.col("change").sign() * pl.col("change_z").sign()).sum().over("indicator").sign()
    spread = pl.col("change").std().over("indicator")
    scored = changes.with_columns(score=worse * pl.col("change") / spread)
    return _placed(scored.filter(pl.col("score").is_finite()), pl.col("score").max())


def by_level(indicators: pl.DataFrame) -> pl.DataFrame:
    """Order children by their highest level of the year, then by the sum of their levels, whatever changed."""
    level = pl.col("level").cast(pl.Int64)
    return _placed(indicators.filter(level > 0), level.max(), level.sum().alias("sum"))


def by_score(rows: pl.DataFrame, score: NDArray[np.float64]) -> pl.DataFrame:
    """Order the children of `rows` (`child, year`) by a score; one without any (NaN) has no place."""
    scored = rows.with_columns(pl.Series("score", score, nan_to_null=True)).drop_nulls("score")
    return _placed(scored, pl.col("score").max())


def _placed(rows: pl.DataFrame, *scores: pl.Expr) -> pl.DataFrame:
    """Place the children of each year from the highest scores down."""
    children = rows.group_by("child", "year").agg(scores).sort("child", "year")
    tie = np.random.default_rng(TIE_SEED).permutation(children.height)
    order = ["year", *children.columns[2:], "tie"]
    ordered = children.with_columns(tie=pl.Series(tie)).sort(order, descending=[False] + [True] * (len(order) - 1))
    return ordered.select("child", "year", place=pl.int_range(1, pl.len() + 1).over("year"))
