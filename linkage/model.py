"""The linkage model: how often each level of agreement occurs among pairs that are, and that are not, one child."""

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import polars as pl

from linkage.comparisons import COMPARISONS, Level

Shares = dict[str, list[float]]
"""By comparison, the share of pairs in each level, strongest first; sums to 1."""

EXPECTED_PAIRS = 100
"""Weight, in pairs, of the expected shares against what the data show, so that a small delivery cannot learn a zero."""

SMALLEST_SHARE = 1e-6

DIGITS = 9
"""Decimals kept of every parameter: sums of floats differ in the last bits with the number of threads."""


@dataclass(frozen=True)
class Model:
    """A frozen model.

    Attributes
    ----------
    match_prior
        Probability that two profiles taken at random are one child.
    household_change
        Share of the pairs of one child that show two households.
    sibling_odds
        Pairs of two children of one household for each pair of one child.
    child_held_at_once, others_held_at_once
        Share of the pairs of one child, and of two, that one source holds at one date.
    m
        Shares among pairs of one child; of household comparisons, while the household stayed the same.
    changed
        Shares of household comparisons among pairs of one child whose household changed between them.
    u
        Shares among pairs of strangers.
    sibling
        Shares of individual comparisons among pairs of two children of one household.
    """

    match_prior: float
    household_change: float
    sibling_odds: float
    child_held_at_once: float
    others_held_at_once: float
    m: Shares
    changed: Shares
    u: Shares
    sibling: Shares

    @property
    def held_at_once_weight(self) -> float:
        """Weight, in bits, of one source holding both at one date; negative."""
        return math.log2(self.child_held_at_once / self.others_held_at_once)

    def as_json(self) -> dict[str, Any]:
        """All parameters as JSON values."""
        return asdict(self)


def expected_model(match_prior: float) -> Model:
    """What is expected before any data."""
    return Model(
        match_prior=match_prior,
        household_change=0.05,
        sibling_odds=1.0,
        child_held_at_once=0.003,
        others_held_at_once=0.3,
        m=_expected(lambda level: level.m),
        changed=_expected(lambda level: level.changed),
        u=_expected(lambda level: level.u),
        sibling=_expected(lambda level: level.sibling),
    )


def observed_shares(compared: pl.DataFrame, expected: Shares) -> Shares:
    """Shares of levels among compared pairs (`linkage.comparing.compare`), drawn towards `expected`.

    Pairs with nothing to compare do not count.
    """
    shares: Shares = {}
    for comparison in COMPARISONS:
        column = compared.get_column(f"gamma_{comparison.name}")
        strongest = len(comparison.levels) - 1
        counts = [float((column == strongest - place).sum()) for place in range(len(comparison.levels))]
        shares[comparison.name] = drawn_to(counts, expected[comparison.name])
    return shares


def drawn_to(counts: list[float], expected: list[float]) -> list[float]:
    """Shares of `counts` with `EXPECTED_PAIRS` more pairs in the shares `expected` (a Dirichlet prior)."""
    return _normalised([count + EXPECTED_PAIRS * share for count, share in zip(counts, expected, strict=True)])


def _expected(of: Callable[[Level], float]) -> Shares:
    return {comparison.name: _normalised([of(level) for level in comparison.levels]) for comparison in COMPARISONS}


def _normalised(shares: list[float]) -> list[float]:
    """Shares summing to 1, none below `SMALLEST_SHARE`, rounded."""
    total = sum(shares)
    return [round(max(share / total, SMALLEST_SHARE), DIGITS) for share in shares]
