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
    other_parent_share, household_change
        Share of the pairs of one child that name two of its parents, and that show two households.
    sibling_odds
        Pairs of two children of one household for each pair of one child.
    child_held_at_once, others_held_at_once
        Share of the pairs of one child, and of two, that one source holds at one date.
    m
        Shares among pairs of one child; of household comparisons, with the same household and parent.
    other_parent, changed
        Shares of household comparisons among pairs of one child that name two of its parents, and of one child whose
        household changed between them.
    u
        Shares among pairs of strangers.
    sibling, twin
        Shares of individual comparisons among pairs of two children of one household, and among those of them whose
        birth dates are the same or a slip apart.
    """

    match_prior: float
    other_parent_share: float
    household_change: float
    sibling_odds: float
    child_held_at_once: float
    others_held_at_once: float
    m: Shares
    other_parent: Shares
    changed: Shares
    u: Shares
    sibling: Shares
    twin: Shares

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
        other_parent_share=0.3,
        household_change=0.05,
        sibling_odds=1.0,
        child_held_at_once=0.003,
        others_held_at_once=0.3,
        m=_expected(lambda level: level.m),
        other_parent=_expected(lambda level: level.other_parent),
        changed=_expected(lambda level: level.changed),
        u=_expected(lambda level: level.u),
        sibling=_expected(lambda level: level.sibling),
        twin=_expected(lambda level: level.twin),
    )


def observed_shares(compared: pl.DataFrame, expected: Shares) -> Shares:
    """Shares of levels among compared pairs (`linkage.comparing.compare`), drawn towards `expected`.

    Of the comparisons of `expected`; pairs with nothing to compare do not count.
    """
    shares: Shares = {}
    for name, levels in expected.items():
        column = compared.get_column(f"gamma_{name}")
        counts = [float((column == gamma).sum()) for gamma in reversed(range(len(levels)))]
        shares[name] = drawn_to(counts, levels)
    return shares


def drawn_to(counts: list[float], expected: list[float]) -> list[float]:
    """Shares of `counts` with `EXPECTED_PAIRS` more pairs in the shares `expected` (a Dirichlet prior)."""
    return _normalised([count + EXPECTED_PAIRS * share for count, share in zip(counts, expected, strict=True)])


def _expected(of: Callable[[Level], float | None]) -> Shares:
    """Expected shares of the comparisons whose levels state them."""
    stated = {c.name: [share for level in c.levels if (share := of(level)) is not None] for c in COMPARISONS}
    return {name: _normalised(shares) for name, shares in stated.items() if shares}


def _normalised(shares: list[float]) -> list[float]:
    """Shares summing to 1, none below `SMALLEST_SHARE`, rounded."""
    total = sum(shares)
    return [round(max(share / total, SMALLEST_SHARE), DIGITS) for share in shares]
