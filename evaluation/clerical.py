"""Precision and recall of a run's links without a truth: estimated from what reviewers decided of a random sample.

Precision here is pairwise: of all pairs of records put under one person, the share that is of one child. Persons are
drawn with replacement, each with probability proportional to its number of record pairs; then the share of right pairs
within a drawn person has the precision for its expectation, and the plain mean over the draws is unbiased (Hansen &
Hurwitz 1943). Binette et al. (2023, "Estimating the Performance of Entity Resolution Algorithms") weigh in the same way
true entities, which reviewers have to put together first; here it is the run's persons, which only have to be checked.
Persons of a single profile, where linkage decided nothing, are not drawn; their pairs count as right.

Recall is bounded from a stratified sample of the joinings that were weighed and not made, each drawn with probability
proportional to the record pairs it would have added. It sees nothing of pairs that were never compared.

Intervals are Clopper & Pearson's (1934). Near 1, where these figures lie, Wilson's covers less than it says (Brown, Cai
& DasGupta 2001); a mean of shares varies no more than one of yes and no, so that the interval holds for it too.
"""

import numpy as np
import polars as pl
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.stats import beta

from evaluation.clusters import pairs
from evaluation.rate import Figures

STRATA = (-10.0, -3.0)
"""Bits that part the joinings not made into strata: hopeless, unlikely, doubtful."""

CONFIDENCE = 0.95


class Estimate(Figures):
    """A share estimated from `draws`, with its interval; `cannot_say` of the draws were not wholly decided.

    A pair that nobody could decide counts half in `value`, as wrong in `low` and as right in `high`.
    """

    value: float
    low: float
    high: float
    draws: int
    cannot_say: int


def draw(frame: pl.DataFrame, count: int, *, weight: str, seed: int) -> pl.DataFrame:
    """Draw rows with replacement, each with probability proportional to `weight`.

    Parameters
    ----------
    frame
        In an order of its own, since the same order and seed give the same draw; `weight` is a number ≥ 0.
    count
        Number of draws; nothing is drawn where no weight is above 0.
    weight
        Column of the weights.
    seed
        Of numpy's generator.

    Returns
    -------
    pl.DataFrame
        The rows drawn, in their order, with `times` UInt32: how often.
    """
    weights = frame[weight].to_numpy().astype(float)
    total = weights.sum() if count else 0.0
    if total == 0:
        return frame.clear().with_columns(times=pl.lit(None, pl.UInt32))
    drawn = np.random.default_rng(seed).choice(len(weights), size=count, p=weights / total)
    times = np.bincount(drawn, minlength=len(weights)).astype(np.uint32)
    return frame.with_columns(times=pl.Series(times)).filter(pl.col("times") > 0)


def draw_offers(offers: pl.DataFrame, count: int, *, seed: int) -> pl.DataFrame:
    """Draw from each stratum of the joinings not made, with probability proportional to `pairs`.

    The draws are shared out by the square root of the strata's pairs: where few are of one child, this makes the upper
    bound of the pairs missed smallest. Each stratum that has pairs gets one draw at least.

    Parameters
    ----------
    offers
        `bits` Float64, `pairs`: record pairs that the joining would have added; in an order of its own.
    count
        Number of draws.
    seed
        Of the first stratum's generator; each further one has the next.

    Returns
    -------
    pl.DataFrame
        The rows drawn, with `stratum` Int32, 0 the least likely, and `times` UInt32.
    """
    shares = [weight**0.5 for weight in offer_weights(offers)]
    parts = [
        draw(
            part,
            max(round(count * share / sum(shares)), 1) if count and share else 0,
            weight="pairs",
            seed=seed + place,
        )
        for place, (part, share) in enumerate(zip(_strata(offers), shares, strict=True))
    ]
    return pl.concat(parts)


def _strata(offers: pl.DataFrame) -> list[pl.DataFrame]:
    placed = offers.with_columns(stratum=sum((pl.col("bits") > bits).cast(pl.Int32) for bits in STRATA))
    return [placed.filter(pl.col("stratum") == stratum) for stratum in range(len(STRATA) + 1)]


def right_shares(profiles: pl.DataFrame, joinings: pl.DataFrame) -> pl.DataFrame:
    """Share of each person's record pairs that are of one child, by what was decided of its joinings.

    The joinings of a person are a tree over its profiles. Taking those out that were found wrong parts it; pairs across
    the parts are wrong. Where two parts of a person are one child after all, which its tree does not ask, the share is
    too low: the figure errs towards caution.

    Parameters
    ----------
    profiles
        `person_id`, `profile`, `records`: every profile of the persons and how many records it has.
    joinings
        `left`, `right` (profiles), `verdict`: same, different or cannot-say.

    Returns
    -------
    pl.DataFrame
        `person_id`, `low`, `high` Float64: cannot-say taken as wrong, and as right.
    """
    right = {"low": ["same"], "high": ["same", "cannot-say"]}
    parts = profiles.with_columns(
        _components(profiles["profile"], joinings.filter(pl.col("verdict").is_in(verdicts))).alias(name)
        for name, verdicts in right.items()
    )
    whole = parts.group_by("person_id").agg(all=pl.col("records").sum()).select("person_id", all=pairs(pl.col("all")))
    for name in right:
        of_parts = parts.group_by("person_id", name).agg(part=pl.col("records").sum())
        kept = of_parts.group_by("person_id").agg(pairs(pl.col("part")).sum().alias(name))
        whole = whole.join(kept, on="person_id")
    return whole.select("person_id", pl.col(*right) / pl.col("all")).sort("person_id")


def _components(profiles: pl.Series, joinings: pl.DataFrame) -> pl.Series:
    """Number of the connected component of each profile."""
    place = pl.DataFrame({"profile": profiles}).with_row_index("place")
    ends = joinings.join(place.rename({"profile": "left", "place": "a"}), on="left").join(
        place.rename({"profile": "right", "place": "b"}), on="right"
    )
    edges = (np.ones(ends.height, np.int8), (ends["a"].to_numpy(), ends["b"].to_numpy()))
    graph = coo_array(edges, shape=(len(profiles), len(profiles)))
    return pl.Series(connected_components(graph, directed=False)[1])


def estimate_precision(drawn: pl.DataFrame, *, certain: float, joint: bool = False) -> Estimate:
    """Pairwise precision from drawn persons.

    Parameters
    ----------
    drawn
        `times`, `low`, `high`: of each person drawn, how often, and its shares (`right_shares`).
    certain
        Share of all record pairs that are in persons from which nothing was drawn, taken as right.
    joint
        Whether the interval is to hold together with those of the strata, as `estimate_recall` needs it.
    """
    share = _mean(drawn, joint_confidence() if joint else CONFIDENCE)
    ends = {name: certain + (1 - certain) * getattr(share, name) for name in ("value", "low", "high")}
    return share.model_copy(update=ends)


def estimate_recall(
    offers: pl.DataFrame, *, weights: list[float], found: float, precision: Estimate
) -> Estimate | None:
    """Pairwise recall among the pairs that were compared.

    The parts of the interval hold together by Bonferroni's inequality.

    Parameters
    ----------
    offers
        `stratum`, `times`, `verdict`: the joinings drawn, and what was decided of them.
    weights
        Record pairs of all joinings not made, by stratum.
    found
        Record pairs put under one person.
    precision
        Of these, estimated with `joint`.

    Returns
    -------
    Estimate | None
        None where a stratum that has pairs was not drawn from.
    """
    missed = dict.fromkeys(("value", "low", "high"), 0.0)
    verdict = pl.col("verdict")
    shown = offers.with_columns(
        low=(verdict == "same").cast(pl.Float64), high=verdict.is_in(["same", "cannot-say"]).cast(pl.Float64)
    )
    for stratum, weight in enumerate(weights):
        drawn = shown.filter(pl.col("stratum") == stratum)
        if weight and not drawn.height:
            return None
        if weight:
            share = _mean(drawn, joint_confidence())
            missed = {name: total + weight * getattr(share, name) for name, total in missed.items()}

    def recall(right: float, lost: float) -> float:
        return right / (right + lost) if right + lost else 1.0

    return Estimate(
        value=recall(found * precision.value, missed["value"]),
        low=recall(found * precision.low, missed["high"]),
        high=recall(found * precision.high, missed["low"]),
        draws=int(offers["times"].sum()),
        cannot_say=int(offers.filter(verdict == "cannot-say")["times"].sum()),
    )


def offer_weights(offers: pl.DataFrame) -> list[float]:
    """Record pairs of all joinings not made, by stratum."""
    return [float(part["pairs"].sum()) for part in _strata(offers)]


def joint_confidence() -> float:
    """Confidence at which precision and each stratum are estimated, so that all hold together at `CONFIDENCE`."""
    return 1 - (1 - CONFIDENCE) / (len(STRATA) + 2)


def _mean(drawn: pl.DataFrame, confidence: float) -> Estimate:
    """Mean over draws of a share known to lie between `low` and `high`, with its interval."""
    draws = int(drawn["times"].sum())
    low, high = (float((drawn["times"] * drawn[name]).sum()) for name in ("low", "high"))
    return Estimate(
        value=(low + high) / 2 / draws,
        low=_clopper_pearson(low, draws, confidence)[0],
        high=_clopper_pearson(high, draws, confidence)[1],
        draws=draws,
        cannot_say=int(drawn.filter(pl.col("low") < pl.col("high"))["times"].sum()),
    )


def _clopper_pearson(hits: float, of: int, confidence: float) -> tuple[float, float]:
    """Interval of a share from `hits` of `of`; hits need not be whole."""
    tail = (1 - confidence) / 2
    low = float(beta.ppf(tail, hits, of - hits + 1)) if hits > 0 else 0.0
    high = float(beta.ppf(1 - tail, hits + 1, of - hits)) if hits < of else 1.0
    return low, high
