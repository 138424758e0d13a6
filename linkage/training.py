"""Training: what each level of agreement is worth, learnt from the delivery itself, without labels.

How strangers and how children of one household agree is seen directly, in pairs that a source itself holds for two
children (`linkage.nonmatches`). How one child's records agree is learnt by expectation maximisation over the candidate
pairs, each of which is one child whose household stayed, one child of whom another parent is named, one child whose
household changed, two children of a household, or two strangers: a latent-class model after Larsen & Rubin (2001),
with the last two classes held fixed. It runs over the different patterns of agreement, with the number of pairs that
show each, so that its work does not grow with the delivery.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from linkage.comparisons import COMPARISONS, HOUSEHOLD, INDIVIDUAL, Comparison
from linkage.evidence import LEVELS, NAMESAKES, like_namesakes, like_twins, prior, weights
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

Floats = npt.NDArray[np.float64]
"""A number for each pattern, or for each way and pattern."""

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
        Pairs found by blocking, with their circumstances (`linkage.circumstances`). Twins agree in all but the given
        name; what tells that they are not one child with two names is that sources hold both at one date.
    strangers, households
        Pairs of two children, at random and of one household (`linkage.nonmatches`).
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
    patterns = as_arrays(agreement_patterns(candidates), model)
    for _ in range(ITERATIONS):
        learnt = _maximise(patterns, expect(patterns, model), expected, model.sibling)
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


@dataclass(frozen=True)
class Patterns:
    """Different patterns, a place in every array each, with all that the rounds of learning do not change.

    Attributes
    ----------
    frame
        `pairs`, how many show the pattern; `held_at_once`, `same_number`, `years`; `namesakes` and `born_together`,
        whether birth date and given name, and whether the birth date agrees. `strangers`, `siblings` and `household`:
        bits against two strangers, two children of a household, and of the household comparisons, as far as they do not
        rest on shares that are learnt.
    cells
        By comparison, the number of the cell a pattern stands in: of its class of time, and there of its level.
    """

    frame: dict[str, npt.NDArray[Any]]
    cells: dict[str, npt.NDArray[np.int64]]


@dataclass(frozen=True)
class ExpectedPairs:
    """Expected number of pairs of a pattern that are one child, so in each of `WAYS` (rows), two of a household."""

    child: Floats
    ways: Floats
    siblings: Floats


def as_arrays(patterns: pl.DataFrame, model: Model) -> Patterns:
    """Patterns as `model` weighs them with 1 for every share that is learnt, which is 0 bits."""
    unlearnt = replace(
        model,
        sibling_odds=1.0,
        m=_ones(INDIVIDUAL),
        ways={way: [1.0] * TIMES for way in WAYS},
        household={way: [_ones(HOUSEHOLD)] * TIMES for way in WAYS},
    )
    frame = weights(patterns, unlearnt).select(
        "pairs",
        "held_at_once",
        "same_number",
        "years",
        namesakes=like_namesakes(),
        born_together=pl.col("gamma_birth_date") == LEVELS["birth_date"] - 1,
        strangers=prior(model) + pl.col("individual"),
        siblings="against_siblings",
        household=next(iter(WAYS)),
    )
    years = pl.col("years").cast(pl.Int64)
    cells = patterns.select(
        (years * (len(c.levels) + 1) + pl.col(f"gamma_{c.name}") + 1).alias(c.name) for c in COMPARISONS
    )
    return Patterns(*({name: of[name].to_numpy() for name in of.columns} for of in (frame, cells)))


def _ones(comparisons: Iterable[Comparison]) -> Shares:
    return {comparison.name: [1.0] * len(comparison.levels) for comparison in comparisons}


def expect(patterns: Patterns, model: Model) -> ExpectedPairs:
    """Weigh the patterns as `linkage.evidence.weights` does, and share out the pairs of each by the odds."""
    shown = patterns.frame
    learnt = _bits(patterns, INDIVIDUAL, [model.m] * TIMES)
    ways = np.stack(
        [
            shown["household"] + np.log2(model.ways[way])[shown["years"]] + _bits(patterns, HOUSEHOLD, by_time)
            for way, by_time in model.household.items()
        ]
    )
    ways[list(WAYS).index("changed"), shown["held_at_once"]] = -np.inf
    household = np.logaddexp2.reduce(ways)
    unlike = NAMESAKES * (shown["namesakes"] & (household < 0))
    siblings = shown["siblings"] + learnt - np.where(shown["same_number"], 0.0, math.log2(model.sibling_odds))
    strangers = shown["strangers"] + learnt + household - unlike
    seen = math.log2((1 - model.child_held_at_once) / (1 - model.others_held_at_once))
    one = strangers + np.where(shown["held_at_once"], model.held_at_once_weight, seen)
    two = strangers - siblings  # of a household; two strangers weigh 0 bits
    others = np.logaddexp2(0.0, two)
    child = shown["pairs"] * np.exp2(one - np.logaddexp2(one, others))
    return ExpectedPairs(child, child * np.exp2(ways - household), (shown["pairs"] - child) * np.exp2(two - others))


def _bits(patterns: Patterns, comparisons: Iterable[Comparison], by_time: Sequence[Shares]) -> Floats:
    """Sum over comparisons of log2 of the share of each pattern's level at its time; nothing to compare is 0 bits."""
    total = np.zeros(len(patterns.frame["pairs"]))
    for c in comparisons:
        at_cells = np.log2([[1.0, *reversed(shares[c.name])] for shares in by_time]).ravel()
        total += at_cells[patterns.cells[c.name]]
    return total


def _maximise(patterns: Patterns, found: ExpectedPairs, expected: Model, sibling: Shares) -> Model:
    """Shares that fit the weighted patterns best, drawn to what is expected; those by time drawn to those over all."""
    years, pairs = patterns.frame["years"], patterns.frame["pairs"]
    of = dict(zip(WAYS, found.ways, strict=True))
    totals = {way: np.bincount(years, of[way], TIMES) for way in WAYS}
    overall = drawn_to([float(totals[way].sum()) for way in WAYS], list(WAYS.values()))
    shares = [drawn_to([float(totals[way][time]) for way in WAYS], overall) for time in range(TIMES)]
    held = patterns.frame["held_at_once"]
    return replace(
        expected,
        m={c.name: drawn_to(_counts(patterns, c, found.child).sum(axis=0), expected.m[c.name]) for c in INDIVIDUAL},
        ways={way: [at[place] for at in shares] for place, way in enumerate(WAYS)},
        household={way: _household(patterns, of[way], expected.household[way][0]) for way in WAYS},
        sibling_odds=_sibling_odds(patterns, found, sibling),
        child_held_at_once=_share_of(held, found.child, expected.child_held_at_once),
        others_held_at_once=_share_of(held, pairs - found.child, expected.others_held_at_once),
    )


def _household(patterns: Patterns, pairs: Floats, expected: Shares) -> list[Shares]:
    """Shares of the household comparisons for each class of time, drawn to those over all times."""
    counts = {c.name: _counts(patterns, c, pairs) for c in HOUSEHOLD}
    overall = {name: drawn_to(counts[name].sum(axis=0), expected[name]) for name in counts}
    return [{name: drawn_to(counts[name][time], overall[name]) for name in counts} for time in range(TIMES)]


def _counts(patterns: Patterns, comparison: Comparison, pairs: Floats) -> Floats:
    """Number of pairs at each level, strongest first (columns), in each class of time (rows)."""
    width = len(comparison.levels) + 1  # one for nothing to compare, which does not count
    counted = np.bincount(patterns.cells[comparison.name], pairs, TIMES * width).astype(np.float64)
    return counted.reshape(TIMES, width)[:, :0:-1]


def _sibling_odds(patterns: Patterns, found: ExpectedPairs, sibling: Shares) -> float:
    """Pairs of two children of a household for each pair of one child, blocked or not.

    Blocking brings of brothers and sisters only those born on one day, so the others are inferred from their share.
    """
    together = patterns.frame["born_together"]
    siblings, child = float(found.siblings[together].sum()), float(found.child[together].sum())
    return round(
        (siblings + EXPECTED_PAIRS * sibling["birth_date"][0]) / (child + EXPECTED_PAIRS) / sibling["birth_date"][0],
        DIGITS,
    )


def _share_of(which: npt.NDArray[np.bool_], pairs: Floats, expected: float) -> float:
    """Share of the pairs that are `which`."""
    both, total = float(pairs[which].sum()), float(pairs.sum())
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
