"""One score per child and year, from the surprises of all indicators, so that changes of every kind share one ranking.

A hardship may show a little in many records or much in one. So two statistics are formed from the weighted surprises:
their sum, and the sum of the third powers of those that are for the worse, a smooth maximum. Each becomes a surprise of
its own, the negative logarithm of the share of child-years in which it is at least as large, and the two are added
(Fisher 1925). The score is one less the share of child-years with as large a total: at .99, about one child-year in a
hundred shows as unusual a change. What is unknown adds nothing to either.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from indicators.rules import Rules
from indicators.weights import weights

Floats = NDArray[np.float64]

CHILD_YEAR = ["person_id", "year"]

POWER = 3


@dataclass(frozen=True)
class Scores:
    """Score of each child and year, and what each indicator contributed to it.

    `table` has `person_id, year, as_of, score`. `surprises` and `contributions` have a row for each of its rows and a
    column for each of `names`; the contributions of a row add up to its score.
    """

    table: pl.DataFrame
    names: tuple[str, ...]
    surprises: Floats
    contributions: Floats


def score_changes(indicators: pl.DataFrame, rules: Rules) -> Scores:
    """Combine `change_z` over all indicators of a child and year.

    Parameters
    ----------
    indicators : DataFrame
        vocabulary.frames.INDICATORS.
    rules : Rules
        Those the indicators were computed by.
    """
    wide = indicators.pivot("indicator", index=CHILD_YEAR, values="change_z").sort(CHILD_YEAR)
    names = tuple(sorted(set(wide.columns) - set(CHILD_YEAR)))
    surprises = wide.select(names).cast(pl.Float64).fill_null(np.nan).to_numpy()
    score, contributions = combine(surprises, [rules.indicators[name].domain for name in names])
    as_of = indicators.group_by(CHILD_YEAR).agg(pl.col("as_of").max())
    table = wide.select(CHILD_YEAR).with_columns(pl.Series("score", score))
    table = table.join(as_of, on=CHILD_YEAR, how="left", maintain_order="left")
    return Scores(table, names, surprises, contributions)


def combine(surprises: Floats, domains: Sequence[str]) -> tuple[Floats, Floats]:
    """Scores (0–1) of the rows of `surprises`, and each indicator's contribution to them."""
    weight = weights(surprises, domains)
    moved = np.nan_to_num(surprises) * weight
    worse = np.maximum(np.nan_to_num(surprises), 0.0) ** POWER * weight
    of_sum = -np.log(tail_share(moved.sum(axis=1)))
    of_peak = -np.log(tail_share(worse.sum(axis=1)))
    score = 1 - tail_share(of_sum + of_peak)
    rise = np.maximum(moved, 0.0)
    parts = of_sum[:, None] * _shares(rise) + of_peak[:, None] * _shares(worse)
    return score, score[:, None] * _shares(parts)


def tail_share(statistic: Floats) -> Floats:
    """Share of all rows whose statistic is at least as large, ties counted as one half; never zero."""
    ordered = np.sort(statistic)
    below = np.searchsorted(ordered, statistic, side="left")
    up_to = np.searchsorted(ordered, statistic, side="right")
    return np.asarray(1 - (below + up_to) / 2 / max(len(statistic), 1))


def _shares(parts: Floats) -> Floats:
    """Parts of each row divided by their sum; equal parts where the sum is zero."""
    total = parts.sum(axis=1, keepdims=True)
    equal = 1 / max(parts.shape[1], 1)
    return np.asarray(np.divide(parts, total, out=np.full_like(parts, equal), where=total > 0))
