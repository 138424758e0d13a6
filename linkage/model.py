"""The linkage model: how often each level of agreement occurs among pairs that are, and that are not, one child."""

import hashlib
import json
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from linkage.circumstances import YEARS_BETWEEN
from linkage.comparisons import COMPARISONS, HOUSEHOLD, INDIVIDUAL, Comparison, Level

Shares = dict[str, list[float]]
"""By comparison, the share of pairs in each level, strongest first; sums to 1."""

EXPECTED_PAIRS = 100
"""Weight, in pairs, of the expected shares against what the data show, so that a small delivery cannot learn a zero."""

SMALLEST_SHARE = 1e-6

WAYS = {"stayed": 0.65, "other_parent": 0.3, "changed": 0.05}
"""Ways in which the household of one child may show in two records, and their expected shares: household and parent
the same, another of its parents named, the household changed as after a divorce."""

TIMES = len(YEARS_BETWEEN) + 1
"""Classes of the time between two profiles."""

DIGITS = 9
"""Decimals kept of every parameter: sums of floats differ in the last bits with the number of threads."""


@dataclass(frozen=True)
class Model:
    """A frozen model.

    Attributes
    ----------
    match_prior
        Probability that two profiles taken at random are one child.
    sibling_odds
        Pairs of two children of one household for each pair of one child.
    child_held_at_once, others_held_at_once
        Share of the pairs of one child, and of two, that one source holds at one date.
    m, u
        Shares of individual comparisons among pairs of one child; of all comparisons among pairs of strangers.
    sibling, twin
        Shares of individual comparisons among pairs of two children of one household, and among those of them whose
        birth dates are the same or a slip apart.
    ways
        For each of `WAYS` in which the household of one child may show, its share of such pairs, by the class of time
        between the two (`linkage.circumstances.YEARS_BETWEEN`).
    household
        For each of `WAYS` and each class of time, the shares of household comparisons among such pairs.
    support
        Bits by which a brother or sister who lived with both speaks for a pair (`linkage.households`).
    ages
        Youngest and oldest plausible age of each source, in days (`linkage.circumstances.plausible_ages`).
    repeating
        Sources that hold many children under several numbers at one date (`linkage.repeats.repeating_sources`).
    """

    match_prior: float
    sibling_odds: float
    child_held_at_once: float
    others_held_at_once: float
    m: Shares
    u: Shares
    sibling: Shares
    twin: Shares
    ways: dict[str, list[float]]
    household: dict[str, list[Shares]]
    support: float = 0.0
    ages: dict[str, list[int | None]] = field(default_factory=dict)
    repeating: list[str] = field(default_factory=list)

    @property
    def held_at_once_weight(self) -> float:
        """Weight, in bits, of one source holding both at one date; negative."""
        return math.log2(self.child_held_at_once / self.others_held_at_once)

    @property
    def version(self) -> str:
        """First twelve digits of the SHA-256 of the parameters: two models of one version weigh alike."""
        return hashlib.sha256(json.dumps(self.as_json(), sort_keys=True).encode()).hexdigest()[:12]

    def as_json(self) -> dict[str, Any]:
        """The model as JSON values; levels by their place, strongest first."""
        return asdict(self)


def expected_model(match_prior: float) -> Model:
    """The model before any data is seen."""
    return Model(
        match_prior=match_prior,
        sibling_odds=1.0,
        child_held_at_once=0.003,
        others_held_at_once=0.3,
        m=_expected(INDIVIDUAL, lambda level: level.m),
        u=_expected(COMPARISONS, lambda level: level.u),
        sibling=_expected(INDIVIDUAL, lambda level: level.sibling),
        twin=_expected(INDIVIDUAL, lambda level: level.twin),
        ways={way: [share] * TIMES for way, share in WAYS.items()},
        household={
            "stayed": [_expected(HOUSEHOLD, lambda level: level.m)] * TIMES,
            "other_parent": [_expected(HOUSEHOLD, lambda level: level.other_parent)] * TIMES,
            "changed": [_expected(HOUSEHOLD, lambda level: level.changed)] * TIMES,
        },
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


def drawn_to(counts: Sequence[float] | npt.NDArray[np.float64], expected: Sequence[float]) -> list[float]:
    """Shares of `counts` with `EXPECTED_PAIRS` more pairs in the shares `expected` (a Dirichlet prior)."""
    return _normalised([float(count) + EXPECTED_PAIRS * share for count, share in zip(counts, expected, strict=True)])


def _expected(comparisons: Iterable[Comparison], of: Callable[[Level], float | None]) -> Shares:
    """Expected shares of the comparisons whose levels state them."""
    stated = {c.name: [share for level in c.levels if (share := of(level)) is not None] for c in comparisons}
    return {name: _normalised(shares) for name, shares in stated.items() if shares}


def _normalised(shares: list[float]) -> list[float]:
    """Shares summing to 1, none below `SMALLEST_SHARE`, rounded."""
    total = sum(shares)
    return [round(max(share / total, SMALLEST_SHARE), DIGITS) for share in shares]
