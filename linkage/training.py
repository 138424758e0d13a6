"""Training: what each level of agreement is worth, learnt from the delivery itself, without labels.

How strangers and how children of one household agree is seen directly, in pairs that a source itself holds for two
children (`linkage.known`). How one child's records agree is learnt by expectation maximisation over the candidate
pairs, each of which is one child whose household stayed, one child of whom another parent is named, one child whose
household changed, two children of a household, or two strangers: a latent-class model after Larsen & Rubin (2001),
with the last two classes held fixed. It runs over the different patterns of agreement, with the number of pairs that
show each, so that its work does not grow with the delivery.
"""

import math
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import polars as pl

from linkage.comparisons import COMPARISONS, HOUSEHOLD, INDIVIDUAL, Comparison
from linkage.evidence import like_twins, log2_sum, probability, weights
from linkage.model import (
    DIGITS,
    EXPECTED_PAIRS,
    TIMES,
    WAYS,
    Model,
    Shares,
    drawn_to,
    expected_model,
    observed_shares,
)

ITERATIONS = 60
CONVERGED = 1e-4

REPEATED_SIBLINGS = 0.05
"""Most pairs of two children of a household for each pair of one child where every source holds children several times
at once, so that no two rows are known to be two children: one household is mostly one child again."""

RARITY_STEP = 2.0
"""Bits to which the frequency of an agreed value is rounded in a pattern."""


def train(candidates: pl.DataFrame, strangers: pl.DataFrame, households: pl.DataFrame, *, match_prior: float) -> Model:
    """Learn a model from compared pairs (`linkage.comparing.compare`).

    Parameters
    ----------
    candidates
        Pairs found by blocking, with their circumstances (`linkage.known`). Twins agree in all but the given name;
        what tells that they are not one child with two names is that sources hold both at one date.
    strangers, households
        Pairs of two children, at random and of one household (`linkage.known`).
    match_prior
        Probability that two profiles taken at random are one child.
    """
    expected = expected_model(match_prior)
    model = replace(
        expected,
        u=observed_shares(strangers, expected.u),
        sibling=observed_shares(households, expected.sibling),
        twin=observed_shares(households.filter(like_twins()), expected.twin),
    )
    patterns = agreement_patterns(candidates)
    for _ in range(ITERATIONS):
        learnt = _maximise(_expect(patterns, model), expected, model.sibling)
        moved = _distance(learnt, model)
        if households.is_empty():  # nothing tells two children of a household from one child with slips
            most = REPEATED_SIBLINGS if strangers.is_empty() else expected.sibling_odds
            learnt = replace(learnt, sibling_odds=min(learnt.sibling_odds, most))
        model = replace(learnt, u=model.u, sibling=model.sibling, twin=model.twin)
        if moved < CONVERGED:
            break
    return model


def agreement_patterns(compared: pl.DataFrame) -> pl.DataFrame:
    """Different patterns of compared pairs and `pairs`, how many show each, in a fixed order."""
    levels = [f"gamma_{comparison.name}" for comparison in COMPARISONS]
    rarities = [f"rarity_{comparison.name}" for comparison in COMPARISONS if comparison.by_frequency]
    pattern = [*levels, *rarities, "held_at_once", "same_number", "years", "implausible_age"]
    rounded = compared.with_columns((pl.col(rarities) / RARITY_STEP).round() * RARITY_STEP)
    return rounded.group_by(pattern).len("pairs").sort(pattern)


def _expect(patterns: pl.DataFrame, model: Model) -> pl.DataFrame:
    """Expected number of pairs of each pattern that are one child, and in which of the ways, or two of a household."""
    seen = math.log2((1 - model.child_held_at_once) / (1 - model.others_held_at_once))
    circumstance = pl.when("held_at_once").then(model.held_at_once_weight).otherwise(seen)
    weighed = weights(patterns, model).with_columns(
        siblings=pl.col("against_strangers") - pl.col("against_siblings"),
        child=pl.col("against_strangers") + circumstance,
    )
    share = probability(pl.col("child") - log2_sum(pl.lit(0.0), pl.col("siblings")))  # two strangers weigh 0 bits
    ways = pl.col(*WAYS)
    return weighed.with_columns(
        ((ways - pl.col("household")) * math.log(2)).exp(),
        child=share * pl.col("pairs"),
        siblings=(1 - share) * probability(pl.col("siblings")) * pl.col("pairs"),
    ).with_columns(ways * pl.col("child"), others=pl.col("pairs") - pl.col("child"))


def _maximise(weighted: pl.DataFrame, expected: Model, sibling: Shares) -> Model:
    """Shares that fit the weighted patterns best, drawn to what is expected; those by time drawn to those over all."""
    years = weighted["years"].to_numpy()
    totals = {way: np.bincount(years, weighted[way].to_numpy(), TIMES) for way in WAYS}
    overall = drawn_to([float(totals[way].sum()) for way in WAYS], list(WAYS.values()))
    shares = [drawn_to([float(totals[way][time]) for way in WAYS], overall) for time in range(TIMES)]
    return replace(
        expected,
        m={c.name: drawn_to(_counts(weighted, c, "child").sum(axis=0), expected.m[c.name]) for c in INDIVIDUAL},
        ways={way: [at[place] for at in shares] for place, way in enumerate(WAYS)},
        household={way: _household(weighted, way, expected.household[way][0]) for way in WAYS},
        sibling_odds=_sibling_odds(weighted, sibling),
        child_held_at_once=_held_at_once(weighted, "child", expected.child_held_at_once),
        others_held_at_once=_held_at_once(weighted, "others", expected.others_held_at_once),
    )


def _household(weighted: pl.DataFrame, way: str, expected: Shares) -> list[Shares]:
    """Shares of the household comparisons for each class of time, drawn to those over all times."""
    counts = {c.name: _counts(weighted, c, way) for c in HOUSEHOLD}
    overall = {name: drawn_to(counts[name].sum(axis=0), expected[name]) for name in counts}
    return [{name: drawn_to(counts[name][time], overall[name]) for name in counts} for time in range(TIMES)]


def _counts(weighted: pl.DataFrame, comparison: Comparison, of: str) -> npt.NDArray[np.float64]:
    """Weight of the pairs at each level, strongest first (columns), in each class of time (rows)."""
    width = len(comparison.levels) + 1  # one for nothing to compare, which does not count
    cell = weighted["years"].cast(pl.Int64) * width + weighted[f"gamma_{comparison.name}"] + 1
    counted = np.bincount(cell.to_numpy(), weighted[of].to_numpy(), TIMES * width).astype(np.float64)
    return counted.reshape(TIMES, width)[:, :0:-1]


def _sibling_odds(weighted: pl.DataFrame, sibling: Shares) -> float:
    """Pairs of two children of a household for each pair of one child, blocked or not.

    Blocking brings of brothers and sisters only those born on one day, so the others are inferred from their share.
    """
    born_together = weighted.filter(pl.col("gamma_birth_date") == len(sibling["birth_date"]) - 1)
    found = born_together.select(pl.col("siblings").sum(), pl.col("child").sum()).row(0)
    siblings, child = float(found[0]), float(found[1])
    return round(
        (siblings + EXPECTED_PAIRS * sibling["birth_date"][0]) / (child + EXPECTED_PAIRS) / sibling["birth_date"][0],
        DIGITS,
    )


def _held_at_once(weighted: pl.DataFrame, of: str, expected: float) -> float:
    both, total = weighted.select((pl.col(of) * pl.col("held_at_once")).sum(), pl.col(of).sum().alias("total")).row(0)
    return drawn_to([both, total - both], [expected, 1 - expected])[0]


def _distance(a: Model, b: Model) -> float:
    """Largest difference between the shares two models learnt of one child."""
    shares = [*zip(a.ways.values(), b.ways.values(), strict=True), *((a.m[name], b.m[name]) for name in a.m)]
    shares += [
        (x[name], y[name])
        for way in WAYS
        for x, y in zip(a.household[way], b.household[way], strict=True)
        for name in x
    ]
    return max(abs(x - y) for left, right in shares for x, y in zip(left, right, strict=True))
