"""The evidence of a pair: that it is one child, against the two ways in which it may be two.

Fellegi and Sunter weigh "one child" against "two strangers", each comparison by itself. For children that goes wrong
twice. Between brothers and sisters, address, telephone, guardian and family name agree because of the household, not
because of the child; so "one child" is also weighed against "two children of one household", where only the given
name, the birth date and the sex tell anything, and the given name less among twins, who are often named alike. And
telephone and guardian differ together where two departments name different parents, all four where the household
changed, as after a divorce; so one child's pairs are a mixture of these and of those whose household and parent stayed.
How often each occurs, and what it shows, depends on the years between the two: agreement decays with time (Li et al.
2011), and a difference between two records of one year says more than one between records ten years apart.
"""

import math
from collections.abc import Iterable, Sequence

import numpy as np
import polars as pl

from linkage.comparisons import COMPARISONS, HOUSEHOLD, INDIVIDUAL, Comparison
from linkage.model import WAYS, Model, Shares

SAME_NUMBER = 3.0
"""Bits by which rows of one number are one child rather than two strangers, before they are compared."""

SAME_NUMBER_SIBLING = 7.0
"""Bits by which rows of one number are one child rather than two of a household: numbers are reissued to anyone."""

IMPLAUSIBLE_AGE = 6.0
"""Bits against one child where one was seen at an age that the other's birth date makes implausible: of the two dates
the other would have to be the slip."""


NAMESAKES = 2.0
"""Bits against one child where given name and birth date agree and the household does not: parents of one year like the
same names, so among strangers the two agree together more often than each by itself would have it."""

LEVELS = {comparison.name: len(comparison.levels) for comparison in COMPARISONS}


def weigh(compared: pl.DataFrame, model: Model) -> pl.DataFrame:
    """Add the evidence of compared pairs with their circumstances (`linkage.circumstances`), in bits.

    `evidence` = −log2(2^−a + 2^−b), where a is the weight of one child against strangers (prior included) and b that
    against two children of a household, and `against`, what the pair says against joining two groups it stands between,
    at most 0: that given name, birth date and sex contradict, or that one source holds both at one date in households
    that do not agree.
    """
    weighed = weights(compared, model).with_columns(
        evidence=-log2_sum(-pl.col("against_strangers"), -pl.col("against_siblings"))
    )
    held = pl.when("held_at_once").then("evidence").otherwise(0.0)
    against = pl.min_horizontal(0.0, "against_siblings", "individual", held)
    return compared.with_columns(weighed.select("evidence", against=against))


def weights(compared: pl.DataFrame, model: Model) -> pl.DataFrame:
    """Compared pairs with the weights of what they may be, in bits, each a column Float64.

    `individual`: given name, birth date, sex and shared number, one child against strangers. One column for each of
    `WAYS`: the household comparisons against strangers, of one child whose household shows that way, with that way's
    share of the pairs of one child; `household`: the ways together. `against_strangers`: one child against two
    strangers, prior included; rows of one number are likely one child before anything is compared, and a household
    cannot have changed between two records of one source and date. `against_siblings`: one child against two of its
    household, how often there is either included.
    """
    born_alike = pl.col("gamma_birth_date") == LEVELS["birth_date"] - 1
    too_old = pl.when(pl.col("implausible_age") & ~born_alike).then(-IMPLAUSIBLE_AGE).otherwise(0.0)
    return (
        compared.with_columns(
            individual=weight(INDIVIDUAL, model.m, model.u) + too_old,
            against_siblings=_against_siblings(model) + too_old,
            **{way: _household(way, model) for way in WAYS},
        )
        .with_columns(changed=pl.when("held_at_once").then(-np.inf).otherwise("changed"))
        .with_columns(household=log2_sum(pl.col("stayed"), pl.col("other_parent")))
        .with_columns(household=log2_sum(pl.col("household"), pl.col("changed")))
        .with_columns(
            against_strangers=prior(model)
            + pl.col("individual")
            + pl.col("household")
            - pl.when(like_namesakes() & (pl.col("household") < 0)).then(NAMESAKES).otherwise(0.0)
        )
    )


def prior(model: Model) -> pl.Expr:
    """Bits for one child rather than two strangers, before anything is compared."""
    return pl.when("same_number").then(SAME_NUMBER).otherwise(math.log2(model.match_prior / (1 - model.match_prior)))


def _household(way: str, model: Model) -> pl.Expr:
    """Weight of the household comparisons if the household of one child shows in `way`, with its share."""
    share = _at(pl.col("years"), [math.log2(share) for share in model.ways[way]])
    return share + pl.sum_horizontal(
        _weight_by_time(comparison, [shares[comparison.name] for shares in model.household[way]], model.u)
        for comparison in HOUSEHOLD
    )


def _against_siblings(model: Model) -> pl.Expr:
    prior = pl.when("same_number").then(SAME_NUMBER_SIBLING).otherwise(-math.log2(model.sibling_odds))
    born = [comparison for comparison in INDIVIDUAL if comparison.name == "birth_date"]
    other = [comparison for comparison in INDIVIDUAL if comparison.name != "birth_date"]
    twins = weight(other, model.m, model.twin, by_frequency=False)
    siblings = weight(other, model.m, model.sibling, by_frequency=False)
    return prior + weight(born, model.m, model.sibling) + pl.when(like_twins()).then(twins).otherwise(siblings)


def like_twins() -> pl.Expr:
    """Birth dates are the same or a slip apart."""
    return pl.col("gamma_birth_date") >= LEVELS["birth_date"] - 2


def like_namesakes() -> pl.Expr:
    """Birth dates are the same, and given names neither only near nor different."""
    return (pl.col("gamma_birth_date") == LEVELS["birth_date"] - 1) & (pl.col("gamma_given_name") > 1)


def weight(comparisons: Iterable[Comparison], over: Shares, under: Shares, *, by_frequency: bool = True) -> pl.Expr:
    """Sum over comparisons of log2(over / under) at the pair's level; nothing to compare weighs 0.

    With `by_frequency`, an agreed value that has a frequency weighs by it in place of the level's share of `under`.
    """
    return pl.sum_horizontal(
        _weight(comparison, over[comparison.name], under[comparison.name], by_frequency) for comparison in comparisons
    )


def _weight(comparison: Comparison, over: Sequence[float], under: Sequence[float], by_frequency: bool) -> pl.Expr:
    levels = level_weights(comparison, over, under, by_frequency)
    return _at(pl.col(f"gamma_{comparison.name}") + 1, [levels[gamma] for gamma in sorted(levels)]) + _rarity(
        comparison, by_frequency
    )


def _weight_by_time(comparison: Comparison, over: Sequence[Sequence[float]], under: Shares) -> pl.Expr:
    """As `_weight`, with shares of its own for each class of time between the two."""
    levels = [level_weights(comparison, shares, under[comparison.name], by_frequency=True) for shares in over]
    place = len(levels[0]) * pl.col("years").cast(pl.Int32) + pl.col(f"gamma_{comparison.name}") + 1
    bits = [at_time[gamma] for at_time in levels for gamma in sorted(at_time)]
    return _at(place, bits) + _rarity(comparison, by_frequency=True)


def _at(place: pl.Expr, values: Sequence[float]) -> pl.Expr:
    """The value at each place."""
    return pl.lit(pl.Series(values, dtype=pl.Float64)).gather(place)


def level_weights(
    comparison: Comparison, over: Sequence[float], under: Sequence[float], by_frequency: bool
) -> dict[int, float]:
    """Bits of each level of `comparison`, by its number; where frequencies count, without those of the agreed value."""
    strongest = len(comparison.levels) - 1
    bits = {
        strongest - place: math.log2(o) - (0.0 if level.by_frequency and by_frequency else math.log2(u))
        for place, (level, o, u) in enumerate(zip(comparison.levels, over, under, strict=True))
    }
    return bits | {-1: 0.0}


def _rarity(comparison: Comparison, by_frequency: bool) -> pl.Expr:
    """Bits of the agreed value's frequency; 0 at levels without."""
    if not (comparison.by_frequency and by_frequency):
        return pl.lit(0.0)
    return pl.col(f"rarity_{comparison.name}")


def probability(bits: pl.Expr) -> pl.Expr:
    """Probability of evidence in bits (base-2 log odds)."""
    return 1 / (1 + pl.lit(2.0).pow(-bits))


def log2_sum(a: pl.Expr, b: pl.Expr) -> pl.Expr:
    """log2(2^a + 2^b) without overflow."""
    larger, smaller = pl.max_horizontal(a, b), pl.min_horizontal(a, b)
    return larger + (1 + pl.lit(2.0).pow(smaller - larger)).log(2)
