"""Histories of two test scores like real ones, some of which fall in the last year: timeline, persons and onsets."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from vocabulary.frames import PERSONS, TIMELINE

Floats = NDArray[np.float64]

FIRST_YEAR = 2020
SUBJECTS = ("score_language", "score_math")
SHARE = 0.02
"""Share of the children who fall."""
COMMON, OWN, PASSING, ERROR = 0.57, 0.18, 0.10, 0.15
"""Variance of the ability both subjects share, of the subject's own, of what comes and goes, and of the error of a test
of reliability .85; together 1."""
MEMORY = 0.7
"""Share of what comes and goes that is left a year later; half of it is shared by both subjects."""
ARRIVE_LATER, YEAR_MISSED, TEST_MISSED = 0.25, 0.04, 0.025
"""Shares: of children who come after the first year, of years without any test, of single tests missed."""


@dataclass(frozen=True)
class Histories:
    """Timeline and persons, and `person_id, year` of the children who fell."""

    timeline: pl.DataFrame
    persons: pl.DataFrame
    onsets: pl.DataFrame


def score_histories(seed: int, *, children: int = 22_000, years: int = 6, subjects: int = 2) -> Histories:
    """Draw the histories; in the last year 2 % fall by .8 SD in both subjects, or in one of them."""
    chance = np.random.default_rng(seed)
    lasting = np.sqrt(COMMON) * chance.normal(size=(children, 1, 1)) + np.sqrt(OWN) * chance.normal(
        size=(children, 1, 2)
    )
    passing = _passing(chance, children, years, 1) + _passing(chance, children, years, 2)
    score = lasting + np.sqrt(PASSING / 2) * passing + np.sqrt(ERROR) * chance.normal(size=(children, years, 2))
    fallen = chance.random(children) < SHARE
    where = np.column_stack([fallen, fallen])
    if subjects == 1:
        where &= np.eye(2, dtype=bool)[chance.integers(0, 2, children)]
    score[:, -1] -= 0.8 * where
    _miss(chance, score)
    ids = pl.Series("person_id", [f"p{child:05d}" for child in range(children)])
    onsets = ids.filter(pl.Series(fallen)).to_frame().with_columns(pl.lit(FIRST_YEAR + years - 1).alias("year"))
    return Histories(_timeline(ids, score), _persons(ids, years), onsets.cast({"year": pl.Int32}))


def _passing(chance: np.random.Generator, children: int, years: int, subjects: int) -> Floats:
    """A first-order autoregression of variance 1."""
    found = chance.normal(size=(children, years, subjects))
    for year in range(1, years):
        found[:, year] = MEMORY * found[:, year - 1] + np.sqrt(1 - MEMORY**2) * found[:, year]
    return found


def _miss(chance: np.random.Generator, score: Floats) -> None:
    """Blank what is not recorded."""
    children, years, _ = score.shape
    first = np.where(chance.random(children) < ARRIVE_LATER, chance.integers(0, years - 1, children), 0)
    missed = chance.random((children, years)) < YEAR_MISSED
    missed[:, -1] = False
    score[(np.arange(years) < first[:, None]) | missed] = np.nan
    score[chance.random(score.shape) < TEST_MISSED] = np.nan


def _timeline(ids: pl.Series, score: Floats) -> pl.DataFrame:
    return pl.concat(
        pl.DataFrame(ids)
        .with_columns(
            pl.lit(date(FIRST_YEAR + year, 4, 1)).alias("date"),
            pl.lit("school").alias("source"),
            pl.lit(item).alias("item"),
            pl.Series("value", np.round(50 + 10 * score[:, year, at], 1), nan_to_null=True).cast(pl.String),
        )
        .drop_nulls()
        .cast(TIMELINE)
        for year in range(score.shape[1])
        for at, item in enumerate(SUBJECTS)
    )


def _persons(ids: pl.Series, years: int) -> pl.DataFrame:
    return (
        pl.DataFrame(ids)
        .with_columns(
            pl.lit(date(2011, 6, 1)).alias("birth_date"),
            pl.lit("F").alias("sex"),
            pl.lit(date(FIRST_YEAR, 4, 1)).alias("first_seen"),
            pl.lit(date(FIRST_YEAR + years - 1, 4, 1)).alias("last_seen"),
            pl.lit("school").alias("sources"),
            pl.lit(1.0).alias("link_confidence"),
        )
        .cast(PERSONS)
    )
