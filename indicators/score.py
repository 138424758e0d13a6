"""One score per child and year, from the surprises of all indicators, so that changes of every kind share one ranking.

A hardship may show a little in many records or much in one. Each indicator adds a log likelihood ratio
(`indicators.weights`), whose sum, the statistic, answers to both. The score is the probability that goes with it:
without labels the local true-discovery rate (`indicators.probability`), with a scorecard trained on the team's outcomes
the calibrated one. What is unknown adds nothing. What is better than expected lowers the statistic but is not part of
the reasons: the parts of a score are those of the indicators that speak for it. Where none does the score is 0.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import polars as pl
from numpy.typing import NDArray

from indicators.probability import fit_onsets
from indicators.rules import Indicator, Rules
from indicators.values import CHILD_YEAR
from indicators.weights import terms as weighted_terms
from indicators.weights import weights

Floats = NDArray[np.float64]

STOPPED = "stopped"
"""Form of the indicator of records that stop, and its domain while weights are learnt."""
DIGITS = 6
"""Decimals of the statistic, so that the order in which it is added up decides no tie."""


class Scorecard(Protocol):
    """What a model trained on outcomes has to offer (`indicators.scorecard`)."""

    def terms(self, names: tuple[str, ...], surprises: Floats) -> Floats:
        """What each of the indicators `names` adds, (child-years, indicators), at least 0."""

    def probability(self, statistic: Floats) -> Floats:
        """Probability of an onset for each sum of terms."""


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

    `table` has `person_id, year, as_of, score, statistic`; `surprises` and `terms` have a row for each of its rows and
    a column for each of `names`. `share` has `year, share`: the share of the year's children with a hardship, as far
    as it is told without labels, null with a scorecard.
    """

    table: pl.DataFrame
    names: tuple[str, ...]
    surprises: Floats
    terms: Floats
    share: pl.DataFrame

    def parts(self, rows: pl.Series) -> Parts:
        """What the scores of the table's `rows` are made of."""
        at = rows.to_numpy()
        score = self.table[rows]["score"].to_numpy()[:, None]
        return Parts(self.names, self.surprises[at], score * _shares(np.maximum(self.terms[at], 0.0)))


def score_changes(indicators: pl.DataFrame, rules: Rules, scorecard: Scorecard | None = None) -> Scores:
    """Combine `change_z` over all indicators of a child and year.

    Parameters
    ----------
    indicators : DataFrame
        vocabulary.frames.INDICATORS.
    rules : Rules
        Those the indicators were computed by.
    scorecard : Scorecard, optional
        Scores by it instead of without labels.
    """
    table = indicators.group_by(CHILD_YEAR).agg(pl.col("as_of").max()).sort(CHILD_YEAR)
    names = tuple(indicators["indicator"].unique().sort())
    cells = (
        indicators.lazy()
        .select(*CHILD_YEAR, "change_z", pl.col("indicator").cast(pl.Enum(names)).to_physical().alias("column"))
        .join(table.lazy().select(CHILD_YEAR).with_row_index("row"), on=CHILD_YEAR)
        .select("row", "column", "change_z")
        .drop_nulls("change_z")
        .collect()
    )
    surprises = np.full((table.height, len(names)), np.nan)
    surprises[cells["row"].to_numpy(), cells["column"].to_numpy()] = cells["change_z"].to_numpy()
    return combine(table, names, surprises, [_domain(rules.indicators[name]) for name in names], scorecard)


def _domain(rule: Indicator) -> str:
    """The domain an indicator is confirmed by others from; records that stop, which leave no others, are their own."""
    return STOPPED if rule.form == STOPPED else rule.domain


def combine(
    table: pl.DataFrame,
    names: tuple[str, ...],
    surprises: Floats,
    domains: Sequence[str],
    scorecard: Scorecard | None = None,
) -> Scores:
    """Scores (0–1) of the rows of `surprises`, whose children and years are those of `table`."""
    years = table["year"].unique().sort()
    if scorecard is not None:
        terms = scorecard.terms(names, surprises)
        statistic = terms.sum(axis=1)
        score = scorecard.probability(statistic)
        share = pl.DataFrame({"year": years}).with_columns(pl.lit(None, dtype=pl.Float64).alias("share"))
    else:
        terms = weighted_terms(surprises, weights(surprises, domains))
        statistic = terms.sum(axis=1)
        year = table["year"].to_numpy().astype(np.int64)
        onsets = fit_onsets(terms, np.isfinite(surprises), domains, year)
        score = onsets.probability(statistic, year)
        share = pl.DataFrame({"year": years, "share": onsets.share})
    scored = table.with_columns(
        pl.Series("score", np.where((terms > 0).any(axis=1), score, 0.0), dtype=pl.Float64),
        pl.Series("statistic", statistic.round(DIGITS), dtype=pl.Float64),
    )
    return Scores(scored, names, surprises, terms, share)


def _shares(parts: Floats) -> Floats:
    """Parts of each row divided by their sum; zeros where the sum is zero."""
    total = parts.sum(axis=1, keepdims=True)
    return np.asarray(np.divide(parts, total, out=np.zeros_like(parts), where=total > 0))
