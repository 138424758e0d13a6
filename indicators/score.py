"""One score per child and year, from the surprises of all indicators, so that changes of every kind share one ranking.

A hardship may show a little in many records or much in one. The weighted sum of the squares of the surprises for the
worse answers to both: it lies between their sum, which finds the first, and their maximum, which finds the second. The
score is one less the share of child-years in which it is at least as large: at .99, about one child-year in a hundred
shows as unusual a change. What is unknown, or better than expected, adds nothing and hides nothing; where nothing is
worse than expected the score is 0.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from indicators.rules import Rules
from indicators.values import CHILD_YEAR
from indicators.weights import weights

Floats = NDArray[np.float64]

POWER = 2
LARGEST = 5.0
"""Surprise beyond which one more says nothing more: the model's tails are not known so far out."""


@dataclass(frozen=True)
class Parts:
    """What some child-years' scores are made of: a row each, a column for each of `names`.

    The `contributions` of a row add up to its score.
    """

    names: tuple[str, ...]
    surprises: Floats
    contributions: Floats


@dataclass(frozen=True)
class Scores:
    """Score of each child and year, and what it was formed from.

    `table` has `person_id, year, as_of, score`; `surprises` has a row for each of its rows and a column for each of
    `names`.
    """

    table: pl.DataFrame
    names: tuple[str, ...]
    surprises: Floats
    weight: Floats

    def parts(self, rows: pl.Series) -> Parts:
        """What the scores of the table's `rows` are made of."""
        surprises = self.surprises[rows.to_numpy()]
        score = self.table[rows]["score"].to_numpy()[:, None]
        return Parts(self.names, surprises, score * _shares(_terms(surprises, self.weight)))


def score_changes(indicators: pl.DataFrame, rules: Rules) -> Scores:
    """Combine `change_z` over all indicators of a child and year.

    Parameters
    ----------
    indicators : DataFrame
        vocabulary.frames.INDICATORS.
    rules : Rules
        Those the indicators were computed by.
    """
    table = indicators.group_by(CHILD_YEAR).agg(pl.col("as_of").max()).sort(CHILD_YEAR)
    names = tuple(indicators["indicator"].unique().sort())
    surprises = np.full((table.height, len(names)), np.nan)
    for at, name in enumerate(names):
        of_name = indicators.lazy().filter(pl.col("indicator") == name).select(*CHILD_YEAR, "change_z").collect()
        column = table.select(CHILD_YEAR).join(of_name, on=CHILD_YEAR, how="left", maintain_order="left")
        surprises[:, at] = column["change_z"].fill_null(np.nan).to_numpy()
    return combine(table, names, surprises, [rules.indicators[name].domain for name in names])


def combine(table: pl.DataFrame, names: tuple[str, ...], surprises: Floats, domains: Sequence[str]) -> Scores:
    """Scores (0–1) of the rows of `surprises`, whose children and years are those of `table`."""
    weight = weights(surprises, domains)
    statistic = _terms(surprises, weight).sum(axis=1)
    score = np.where(statistic > 0, 1 - tail_share(statistic), 0.0)
    scored = table.with_columns(pl.Series("score", score))
    return Scores(scored, names, surprises, weight)


def _terms(surprises: Floats, weight: Floats) -> Floats:
    """What each indicator adds to the statistic."""
    return np.asarray(np.clip(np.nan_to_num(surprises), 0.0, LARGEST) ** POWER * weight)


def tail_share(statistic: Floats) -> Floats:
    """Share of all rows whose statistic is at least as large, ties counted as one half; never zero."""
    ordered = np.sort(statistic)
    below = np.searchsorted(ordered, statistic, side="left")
    up_to = np.searchsorted(ordered, statistic, side="right")
    return np.asarray(1 - (below + up_to) / 2 / max(len(statistic), 1))


def _shares(parts: Floats) -> Floats:
    """Parts of each row divided by their sum; zeros where the sum is zero."""
    total = parts.sum(axis=1, keepdims=True)
    return np.asarray(np.divide(parts, total, out=np.zeros_like(parts), where=total > 0))
