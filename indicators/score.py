"""One score per child and year, from the surprises of all indicators, so that changes of every kind share one ranking.

A hardship may show a little in many records or much in one. So two statistics are formed: the sum of the surprises,
divided by its standard deviation under the correlations found in the data, and the largest single surprise. Each is
turned into the share of all child-years in which it is at least as large; the two shares are combined by their
harmonic mean (Wilson 2019, PNAS 116:1195), which holds under dependence and lets the stronger of the two decide. The
score is one less that share: at .99, about one child-year in a hundred shows as unusual a change.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

Floats = NDArray[np.float64]

OUTLIER = 3.0
"""Surprises beyond this are pulled in while correlations are estimated, not afterwards."""

CHILD_YEAR = ["person_id", "year"]


@dataclass(frozen=True)
class Scores:
    """Score of each child and year, and what each indicator contributed to it.

    `table` has `person_id, year, as_of, score`; `contributions` has a row for each of its rows and a column for each
    of `names`, adding up to the score.
    """

    table: pl.DataFrame
    names: tuple[str, ...]
    contributions: Floats


def score_changes(indicators: pl.DataFrame) -> Scores:
    """Combine `change_z` over all indicators of a child and year.

    Parameters
    ----------
    indicators : DataFrame
        vocabulary.frames.INDICATORS.
    """
    wide = indicators.pivot("indicator", index=CHILD_YEAR, values="change_z").sort(CHILD_YEAR)
    as_of = indicators.group_by(CHILD_YEAR).agg(pl.col("as_of").max())
    names = tuple(sorted(set(wide.columns) - set(CHILD_YEAR)))
    surprises = wide.select(names).to_numpy().astype(np.float64)
    known = np.isfinite(surprises)
    filled = np.where(known, surprises, 0.0)
    deviation = np.sqrt(np.maximum(((known @ correlations(surprises)) * known).sum(axis=1), 1.0))
    tail_sum = tail_share(filled.sum(axis=1) / deviation)
    largest = np.where(known, surprises, -np.inf)
    tail_largest = tail_share(largest.max(axis=1))
    score = 1 - 2 / (1 / tail_sum + 1 / tail_largest)
    of_sum = (1 / tail_sum) / (1 / tail_sum + 1 / tail_largest)
    contributions = score[:, None] * _shares(filled, largest, of_sum)
    table = wide.select(CHILD_YEAR).with_columns(pl.Series("score", score))
    return Scores(table.join(as_of, on=CHILD_YEAR, how="left", maintain_order="left"), names, contributions)


def _shares(filled: Floats, largest: Floats, of_sum: Floats) -> Floats:
    """Each indicator's share of the score: its part of the rise in the sum, and all of the largest surprise."""
    rise = np.maximum(filled, 0.0)
    single = np.zeros_like(filled)
    single[np.arange(len(filled)), largest.argmax(axis=1)] = 1.0
    total = rise.sum(axis=1, keepdims=True)
    spread = np.where(total > 0, rise / np.where(total > 0, total, 1.0), single)
    return of_sum[:, None] * spread + (1 - of_sum)[:, None] * single


def correlations(surprises: Floats) -> Floats:
    """Correlations between columns over the rows that know both, zero where none do."""
    clipped = np.clip(surprises, -OUTLIER, OUTLIER)
    known = np.isfinite(clipped)
    count = np.maximum(known.sum(axis=0), 1)
    filled = np.where(known, clipped - np.where(known, clipped, 0).sum(axis=0) / count, 0.0)
    squares = (filled**2).T @ known
    scale = np.sqrt(squares * squares.T)
    found = np.divide(filled.T @ filled, scale, out=np.zeros_like(scale), where=scale > 0)
    np.fill_diagonal(found, 1.0)
    return np.asarray(found)


def tail_share(statistic: Floats) -> Floats:
    """Share of all rows whose statistic is at least as large, ties counted as one half; never zero."""
    ordered = np.sort(statistic)
    below = np.searchsorted(ordered, statistic, side="left")
    up_to = np.searchsorted(ordered, statistic, side="right")
    return np.asarray(1 - (below + up_to) / 2 / max(len(statistic), 1))
