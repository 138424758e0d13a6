"""A scorecard beside the label-free score, on years it was not learnt from.

Judged are only children whom a list led to in the first year of the split or later, since only of these is it known for
both scores what was found. Each score puts first half of each year's; the precision is the share of these in whom
hardship was found. So the figures tell how well the scores order those who were looked at, not how good a list of the
whole city is. Intervals: Wilson for shares, the bootstrap over children for the others and for differences.
"""

from collections.abc import Callable
from typing import Self

import numpy as np
import polars as pl
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from indicators.score import Scores
from indicators.scorecard import Scorecard
from indicators.training import FEWEST_TO_PREDICT, Labels

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

JUDGED = 0.3
"""Share of the labels at least that are judged, the latest years."""
PLACES = 0.5
"""Share of each year's looked-at children that either score puts first."""
DRAWS = 400
BINS = 5
SEED = 20260401


class Data(BaseModel):
    """Base of the figures: numbers and names that cannot be changed."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Share(Data):
    """`hits` of `of` with a 95 % interval; null where there was no case."""

    hits: int
    of: int
    value: float | None
    low: float | None
    high: float | None

    @classmethod
    def counted(cls, hits: int, of: int) -> Self:
        """With the Wilson score interval (Wilson 1927)."""
        if of == 0:
            return cls(hits=0, of=0, value=None, low=None, high=None)
        from scipy.stats import binomtest  # only here: it takes long to load, and no run needs it

        low, high = binomtest(hits, of).proportion_ci(confidence_level=0.95, method="wilson")
        return cls(hits=hits, of=of, value=hits / of, low=float(low), high=float(high))


class Figure(Data):
    """A figure with its 95 % bootstrap interval; null where it is not defined."""

    value: float | None
    low: float | None
    high: float | None


class Judged(Data):
    """One score on the judged children."""

    precision: Share
    auc: Figure
    calibration_error: Figure  # mean distance of predicted and found shares over fifths of the children


class Bin(Data):
    """A fifth of the judged children in order of their predicted probability."""

    predicted: float
    found: Share


class Comparison(Data):
    """Both scores, judged on the same children; `difference` is trained less label-free."""

    first_year: int
    last_year: int
    learnt_from: int  # labels of earlier years
    judged: int
    hardship: int
    label_free: Judged
    trained: Judged
    precision_difference: Figure
    auc_difference: Figure
    bins: tuple[Bin, ...]  # of the trained one


def split_year(labels: Labels) -> int:
    """The first year to be judged: the latest that leaves `JUDGED` of the listed labels, and enough before it."""
    listed = labels.year[labels.listed]
    years = np.unique(labels.year)[1:]
    enough = [year for year in years if (labels.year < year).sum() >= FEWEST_TO_PREDICT]
    late = [year for year in enough if (listed >= year).mean() >= JUDGED]
    return int(max(late or enough or [years[0]]))


def judged_rows(labels: Labels, first_year: int) -> Labels:
    """Labels to be judged."""
    return labels.where(labels.listed & (labels.year >= first_year))


def compare(scores: Scores, scorecard: Scorecard, labels: Labels) -> Comparison:
    """Hold a scorecard that was learnt from the years before `split_year` against the label-free score.

    Parameters
    ----------
    scores : Scores
        Without a scorecard.
    scorecard : Scorecard
        Learnt from the labels before `split_year(labels)`.
    labels : Labels
        All of them, some to be judged (`judged_rows`).
    """
    first_year = split_year(labels)
    now = judged_rows(labels, first_year)
    free = scores.table["score"].to_numpy()[now.row]
    probability = scorecard.probability(scorecard.terms(scores.names, scores.surprises[now.row]).sum(axis=1))
    # the finer statistic orders those whose score is the same
    free_order, trained_order = scores.table["statistic"].to_numpy()[now.row], probability
    child = np.unique(scores.table["person_id"].to_numpy()[now.row], return_inverse=True)[1]
    draws = list(_draws(child))
    hit, year = now.hardship, now.year
    return Comparison(
        first_year=first_year,
        last_year=int(year.max()),
        learnt_from=int((labels.year < first_year).sum()),
        judged=len(now),
        hardship=int(hit.sum()),
        label_free=_judge(free, free_order, hit, year, draws),
        trained=_judge(probability, trained_order, hit, year, draws),
        precision_difference=_figure(
            lambda at: _precision(trained_order[at], hit[at], year[at]) - _precision(free_order[at], hit[at], year[at]),
            len(now),
            draws,
        ),
        auc_difference=_figure(
            lambda at: auc(trained_order[at], hit[at]) - auc(free_order[at], hit[at]), len(now), draws
        ),
        bins=_bins(probability, hit),
    )


def _judge(probability: Floats, order: Floats, hit: Bools, year: Ints, draws: list[Ints]) -> Judged:
    first = put_first(order, year)
    return Judged(
        precision=Share.counted(int(hit[first].sum()), int(first.sum())),
        auc=_figure(lambda at: auc(order[at], hit[at]), len(hit), draws),
        calibration_error=_figure(lambda at: calibration_error(probability[at], hit[at]), len(hit), draws),
    )


def put_first(order: Floats, year: Ints) -> Bools:
    """Which rows are among the first `PLACES` of their year; of those with the same score, the first to come."""
    table = pl.DataFrame({"order": order, "year": year})
    rank = pl.col("order").rank("ordinal", descending=True).over("year")
    return table.select(rank <= (pl.len().over("year") * PLACES).ceil()).to_series().to_numpy()


def _precision(order: Floats, hit: Bools, year: Ints) -> float:
    return float(hit[put_first(order, year)].mean())


def auc(order: Floats, hit: Bools) -> float:
    """Chance that one with hardship stands before one without (Mann & Whitney 1947); NaN where one kind is absent."""
    positive = int(hit.sum())
    negative = len(hit) - positive
    if not positive or not negative:
        return float("nan")
    from scipy.stats import rankdata  # only here, as above

    return float((rankdata(order)[hit].sum() - positive * (positive + 1) / 2) / (positive * negative))


def calibration_error(probability: Floats, hit: Bools) -> float:
    """Mean distance between predicted and found shares over `BINS` groups of like size (Naeini et al. 2015)."""
    groups = np.array_split(np.argsort(probability, kind="stable"), BINS)
    return float(sum(abs(probability[at].sum() - hit[at].sum()) for at in groups if len(at)) / len(hit))


def _bins(probability: Floats, hit: Bools) -> tuple[Bin, ...]:
    groups = np.array_split(np.argsort(probability, kind="stable"), BINS)
    return tuple(
        Bin(predicted=float(probability[at].mean()), found=Share.counted(int(hit[at].sum()), len(at)))
        for at in groups
        if len(at)
    )


def _draws(child: Ints) -> list[Ints]:
    """Rows of children drawn with replacement, `DRAWS` times."""
    chance = np.random.default_rng(SEED)
    order = np.argsort(child, kind="stable")
    children = int(child.max()) + 1
    begin = np.searchsorted(child[order], np.arange(children + 1))
    drawn = []
    for _ in range(DRAWS):
        times = np.bincount(chance.integers(0, children, children), minlength=children)
        drawn.append(np.repeat(order, np.repeat(times, np.diff(begin))))
    return drawn


def _figure(measure: Callable[[Ints], float], rows: int, draws: list[Ints]) -> Figure:
    value = measure(np.arange(rows))
    if not np.isfinite(value):
        return Figure(value=None, low=None, high=None)
    low, high = np.nanquantile([measure(at) for at in draws], [0.025, 0.975])
    return Figure(value=value, low=float(low), high=float(high))
