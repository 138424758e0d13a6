"""What meets a whole school in one year, a closure or another test, is taken out of its children's changes.

Which children go to a school is read from any item called `school_code`. How far a school's children together moved
away from what was expected of each of them is its effect in that year; only what is beyond chance counts, so that
small schools and ordinary years are left alone, and a child is never excused by the few others of a small class.

Source: the non-negative garrote (Breiman 1995) on group means.
"""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from vocabulary.fiscal import fiscal_year_of

Floats = NDArray[np.float64]

SCHOOL = "school_code"
STANDARD_ERRORS = 3.0
"""How far beyond 0, in standard errors, a school's mean must be to count."""
FEWEST = 10
"""Children below which a school's mean is not looked at."""
OUTLIER = 3.0
"""Surprises beyond this count as this, so that one child does not make a school's effect."""


def schools_of(timeline: pl.DataFrame) -> pl.DataFrame:
    """`person_id, year, school`: the last school recorded of each child in each fiscal year.

    Parameters
    ----------
    timeline : DataFrame
        vocabulary.frames.TIMELINE.
    """
    return (
        timeline.lazy()
        .filter(pl.col("item") == SCHOOL)
        .group_by("person_id", fiscal_year_of(pl.col("date")).alias("year"))
        .agg(pl.col("value").sort_by("date", "source", "value").last().alias("school"))
        .collect()
    )


def school_effects(surprise: Floats, groups: NDArray[np.int64]) -> Floats:
    """What each row's school moved all its children by, in the unit of the surprises.

    Parameters
    ----------
    surprise : (rows,) float array
        NaN where unknown.
    groups : (rows,) integer array
        The school and year of each row, numbered from 0; -1 where no school is known.
    """
    placed = np.isfinite(surprise) & (groups >= 0)
    group, moved = groups[placed], np.clip(surprise[placed], -OUTLIER, OUTLIER)
    size = int(groups.max(initial=-1)) + 1
    children = np.bincount(group, minlength=size)
    mean = np.bincount(group, weights=moved, minlength=size) / np.maximum(children, 1)
    within = float(np.mean((moved - mean[group]) ** 2)) if len(moved) else 0.0
    chance = STANDARD_ERRORS**2 * within / np.maximum(children, 1)
    beyond = (children >= FEWEST) & (mean**2 > chance)
    effect = np.where(beyond, mean - np.divide(chance, mean, out=np.zeros(size), where=beyond), 0.0)
    return np.where(groups >= 0, effect[groups] if size else 0.0, 0.0)
